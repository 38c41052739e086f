package dev.perfkit.cache;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;

/**
 * Listens to the channels of a cluster in both ways: plain, on any server, and sharded, on the
 * master of each channel. The script that publishes chooses one of them, sharded where its server
 * knows it (7.0); so masters of different versions, as during an upgrade, are all heard, and no
 * message twice.
 *
 * <p>Channels follow their masters when a line connects and at every heartbeat. A server that knows
 * no sharded channels is asked again a minute later.
 */
final class ClusterSubscriber implements Subscriptions {

  private final Subscriber plain;
  private final Function<byte[], @Nullable HostAndPort> masters;
  private final Function<Supplier<HostAndPort>, Subscriber> sharded;
  private final Map<String, Channel> channels = new ConcurrentHashMap<>();
  private final ReentrantLock lock = new ReentrantLock();

  /** By master. Guarded by the lock, as is all below. */
  private final Map<HostAndPort, Subscriber> lines = new HashMap<>();

  private final Map<String, HostAndPort> places = new HashMap<>();
  private boolean closed;

  /**
   * @param masters returns which server has a channel; null if that is not known
   * @param sharded makes a line to a server
   */
  ClusterSubscriber(
      Subscriber plain,
      Function<byte[], @Nullable HostAndPort> masters,
      Function<Supplier<HostAndPort>, Subscriber> sharded) {
    this.plain = plain;
    this.masters = masters;
    this.sharded = sharded;
  }

  @Override
  public void add(byte[] name, Channel channel) {
    channels.put(text(name), channel);
    plain.add(
        name,
        new Channel(
            channel.onMessage(),
            () -> {
              channel.onConnect().run();
              place(text(name));
            }));
  }

  @Override
  public void remove(byte[] name) {
    channels.remove(text(name));
    plain.remove(name);
    lock.lock();
    try {
      HostAndPort place = places.remove(text(name));
      Subscriber line = place == null ? null : lines.get(place);
      if (line != null) {
        line.remove(name);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void check() {
    plain.check();
    channels.keySet().forEach(this::place);
    closeEmpty();
    lines().forEach(Subscriber::check);
  }

  @Override
  public void close() {
    plain.close();
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
    lines().forEach(Subscriber::close);
  }

  private List<Subscriber> lines() {
    lock.lock();
    try {
      return List.copyOf(lines.values());
    } finally {
      lock.unlock();
    }
  }

  /** Moves a channel to the line of its master. */
  private void place(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
    HostAndPort master = masters.apply(bytes);
    lock.lock();
    try {
      Channel channel = channels.get(name);
      HostAndPort before = places.get(name);
      if (master == null || master.equals(before) || channel == null || closed) {
        return;
      }
      Subscriber left = before == null ? null : lines.get(before);
      if (left != null) {
        left.remove(bytes);
      }
      places.put(name, master);
      lines.computeIfAbsent(master, to -> sharded.apply(() -> to)).add(bytes, channel);
    } finally {
      lock.unlock();
    }
  }

  private void closeEmpty() {
    lock.lock();
    try {
      Iterator<Subscriber> each = lines.values().iterator();
      while (each.hasNext()) {
        Subscriber line = each.next();
        if (line.isEmpty()) {
          line.close();
          each.remove();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private static String text(byte[] name) {
    return new String(name, StandardCharsets.US_ASCII);
  }
}

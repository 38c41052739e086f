package dev.perfkit.cache;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Listens to channels, on a thread and a connection of its own, and connects again whenever that
 * ends.
 */
final class Subscriber implements Subscriptions {

  private static final Logger LOG = LoggerFactory.getLogger(Subscriber.class);

  /** Until a server that does not know the command is asked again: it may have been replaced. */
  private static final Duration UNKNOWN_COMMAND = Duration.ofMinutes(1);

  private final Supplier<HostAndPort> address;
  private final JedisClientConfig config;
  private final Function<Line.Listener, Line> lines;
  private final Duration pause;
  private final Thread thread;
  private final AtomicBoolean started = new AtomicBoolean();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Map<String, Channel> channels = new ConcurrentHashMap<>();
  private volatile @Nullable Listening current;

  /**
   * @param address asked at every attempt to connect
   * @param lines how to listen
   */
  Subscriber(
      Supplier<HostAndPort> address,
      JedisClientConfig config,
      Function<Line.Listener, Line> lines,
      ThreadFactory threads,
      Duration pause) {
    this.address = address;
    this.config = config;
    this.lines = lines;
    this.pause = pause;
    this.thread = threads.newThread(this::run);
  }

  @Override
  public void add(byte[] name, Channel channel) {
    channels.put(text(name), channel);
    Listening now = current;
    if (now != null && now.line.isSubscribed()) {
      now.subscribeMissing();
    }
    if (started.compareAndSet(false, true)) {
      thread.start();
    }
  }

  @Override
  public void remove(byte[] name) {
    channels.remove(text(name));
    Listening now = current;
    if (now != null && now.line.isSubscribed() && !channels.isEmpty()) {
      now.leave(name);
    }
  }

  boolean isEmpty() {
    return channels.isEmpty();
  }

  /**
   * {@inheritDoc} Asks for a sign of life. If the last request was not answered in time, hangs up,
   * so that a new connection is made.
   */
  @Override
  public void check() {
    Listening now = current;
    if (now != null && now.line.isSubscribed()) {
      now.check();
    }
  }

  @Override
  public void close() {
    closing.countDown();
    Listening now = current;
    if (now != null) {
      now.hangUp();
    }
    thread.interrupt();
  }

  private void run() {
    try {
      Duration next;
      do {
        next = listen() ? pause : UNKNOWN_COMMAND;
      } while (!closing.await(next.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException closed) {
      LOG.trace("the backplane was told to stop", closed);
    }
  }

  /** Returns false if the server does not know how. */
  private boolean listen() {
    if (channels.isEmpty()) {
      return true;
    }
    HostAndPort at = address.get();
    try (Connection connection = new Connection(at, config)) {
      Listening listening = new Listening(connection);
      current = listening;
      if (closing.getCount() > 0) {
        listening.listen();
      }
    } catch (JedisDataException refused) {
      LOG.debug("the backplane was refused by {}", at, refused);
      return !String.valueOf(refused.getMessage()).startsWith("ERR unknown command");
    } catch (RuntimeException lost) {
      LOG.debug("the backplane lost its connection to {}", at, lost);
    } finally {
      current = null;
    }
    return true;
  }

  private static String text(byte[] name) {
    return new String(name, StandardCharsets.US_ASCII);
  }

  private static byte[] name(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** One connection. */
  private final class Listening implements Line.Listener {

    private final Connection connection;
    private final Line line = lines.apply(this);
    private final AtomicLong askedAt = new AtomicLong();
    private final Set<String> named = ConcurrentHashMap.newKeySet();
    private final Set<String> subscribed = ConcurrentHashMap.newKeySet();

    Listening(Connection connection) {
      this.connection = connection;
    }

    void listen() {
      List<String> missing = missing();
      if (!missing.isEmpty()) {
        missing.subList(1, missing.size()).forEach(named::remove); // once this one is there
        line.listen(connection, name(missing.get(0)));
      }
    }

    @Override
    public void onMessage(byte[] name, byte[] message) {
      onPong();
      Channel channel = channels.get(text(name));
      if (channel != null) {
        channel.onMessage().accept(message);
      }
    }

    @Override
    public void onSubscribed(byte[] name) {
      onPong();
      Channel channel = channels.get(text(name));
      if (subscribed.add(text(name)) && channel != null) {
        channel.onConnect().run();
      }
      subscribeMissing(); // one may have been added while this connected
    }

    /** A server that has lost a channel says so unasked. */
    @Override
    public void onUnsubscribed(byte[] name) {
      subscribed.remove(text(name));
      named.remove(text(name));
    }

    @Override
    public void onPong() {
      askedAt.set(0);
    }

    /** Returns the channels that were not subscribed yet, each once. */
    private List<String> missing() {
      return new ArrayList<>(channels.keySet().stream().filter(named::add).toList());
    }

    void leave(byte[] name) {
      send(() -> line.unsubscribe(name));
    }

    void subscribeMissing() {
      missing().forEach(each -> send(() -> line.subscribe(name(each))));
    }

    void check() {
      long now = System.nanoTime() | 1; // which is not 0
      long asked = askedAt.get();
      long patience = TimeUnit.MILLISECONDS.toNanos(config.getSocketTimeoutMillis());
      if (asked != 0 && now - asked > patience) {
        hangUp();
      } else if (asked == 0 && askedAt.compareAndSet(0, now)) {
        subscribeMissing();
        subscribed.stream().findAny().ifPresent(any -> send(() -> line.probe(name(any))));
      }
    }

    private void send(Runnable command) {
      try {
        command.run();
      } catch (JedisException lost) {
        hangUp();
      }
    }

    void hangUp() {
      try {
        connection.disconnect();
      } catch (JedisException already) {
        LOG.trace("the connection was lost already", already);
      }
    }
  }
}

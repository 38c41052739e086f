package dev.perfkit.cache;

import dev.perfkit.spi.support.WorkerThreads;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.BinaryJedisPubSub;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Listens to channels, on a thread and a connection of its own, and connects again whenever that
 * ends. It promises nothing: whoever needs every message counts them.
 */
final class Subscriber implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Subscriber.class);

  private final Supplier<HostAndPort> address;
  private final JedisClientConfig config;
  private final Duration pause;
  private final Thread thread;
  private final AtomicBoolean started = new AtomicBoolean();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Map<String, Channel> channels = new ConcurrentHashMap<>();
  private volatile @Nullable Listening current;

  /**
   * @param address asked at every attempt to connect
   */
  Subscriber(Supplier<HostAndPort> address, JedisClientConfig config, String name, Duration pause) {
    this.address = address;
    this.config = config;
    this.pause = pause;
    this.thread = WorkerThreads.factory("cache", name + "-backplane").newThread(this::run);
  }

  /**
   * Who listens to a channel.
   *
   * @param onMessage gets every message
   * @param onConnect called whenever messages begin to come, before the first
   */
  record Channel(Consumer<byte[]> onMessage, Runnable onConnect) {}

  /** Listens to a channel as well. */
  void add(byte[] name, Channel channel) {
    channels.put(text(name), channel);
    Listening now = current;
    if (now != null && now.isSubscribed()) {
      now.subscribeMissing();
    }
    if (started.compareAndSet(false, true)) {
      thread.start();
    }
  }

  /** Stops listening to a channel. */
  void remove(byte[] name) {
    channels.remove(text(name));
    Listening now = current;
    if (now != null && now.isSubscribed() && !channels.isEmpty()) {
      now.leave(name);
    }
  }

  /**
   * Asks for a sign of life. If the last request was not answered, hangs up, so that a new
   * connection is made.
   */
  void check() {
    Listening now = current;
    if (now != null) {
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
      do {
        listen();
      } while (!closing.await(pause.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException closed) {
      LOG.trace("the backplane was told to stop", closed);
    }
  }

  private void listen() {
    if (channels.isEmpty()) {
      return;
    }
    HostAndPort at = address.get();
    try (Jedis connection = new Jedis(at, config)) {
      Listening listening = new Listening(connection);
      current = listening;
      if (closing.getCount() > 0) {
        connection.subscribe(listening, listening.missing());
      }
    } catch (RuntimeException lost) {
      LOG.debug("the backplane lost its connection to {}", at, lost);
    } finally {
      current = null;
    }
  }

  private static String text(byte[] name) {
    return new String(name, StandardCharsets.US_ASCII);
  }

  /** One connection. */
  private final class Listening extends BinaryJedisPubSub {

    private final Jedis connection;
    private final AtomicBoolean asked = new AtomicBoolean();
    private final Set<String> named = ConcurrentHashMap.newKeySet();

    Listening(Jedis connection) {
      this.connection = connection;
    }

    @Override
    public void onMessage(byte[] name, byte[] message) {
      asked.set(false);
      Channel channel = channels.get(text(name));
      if (channel != null) {
        channel.onMessage().accept(message);
      }
    }

    @Override
    public void onSubscribe(byte[] name, int count) {
      Channel channel = channels.get(text(name));
      if (channel != null) {
        channel.onConnect().run();
      }
      subscribeMissing(); // one may have been added while this connected
    }

    /** Returns the channels that were not subscribed yet, each once. */
    byte[][] missing() {
      return channels.keySet().stream()
          .filter(named::add)
          .map(name -> name.getBytes(StandardCharsets.US_ASCII))
          .toArray(byte[][]::new);
    }

    void leave(byte[] name) {
      named.remove(text(name));
      try {
        unsubscribe(name);
      } catch (JedisException lost) {
        hangUp();
      }
    }

    void subscribeMissing() {
      byte[][] missing = missing();
      if (missing.length == 0) {
        return;
      }
      try {
        subscribe(missing);
      } catch (JedisException lost) {
        hangUp();
      }
    }

    @Override
    public void onPong(byte[] pattern) {
      asked.set(false);
    }

    void check() {
      if (!isSubscribed()) {
        return;
      }
      if (asked.getAndSet(true)) {
        hangUp();
        return;
      }
      try {
        ping();
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

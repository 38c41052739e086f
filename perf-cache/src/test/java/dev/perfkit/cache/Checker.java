package dev.perfkit.cache;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.perfkit.spi.Health;
import dev.perfkit.testkit.net.FaultProxy;
import dev.perfkit.testkit.redis.RedisFixture;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClient;

/**
 * Several nodes of one cache that work at random on a source whose every write has a version of its
 * own, and a record of every write on one clock.
 *
 * <p>A write changes the source, then invalidates by key, tag or altogether, or writes through. It
 * is acknowledged when that returned. A read must return at least the newest version of its key
 * that was acknowledged a bound before the read began; of those that its own node acknowledged, the
 * newest of all, whatever is broken.
 */
final class Checker implements AutoCloseable {

  private static final int KEYS = 6;
  private static final int THREADS_OF_A_NODE = 2;
  private static final int STRIKES = 4;
  private static final Duration TRUST = Duration.ofMillis(600);
  private static final Duration HEARTBEAT = Duration.ofMillis(50);
  private static final Duration WAIT = Duration.ofMillis(500);

  /** Trust of a node that hears nothing, and room for a busy machine to take notice. */
  private static final long BOUND = TRUST.plusMillis(600).toNanos();

  /** The wait for another thread and another node, some timeouts, and room. */
  private static final long LONGEST = Duration.ofSeconds(10).toNanos();

  private final RedisFixture redis = RedisFixture.start();
  private final List<FaultProxy> proxies = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();
  private final List<Key> keys = new ArrayList<>();
  private final Queue<String> violations = new ConcurrentLinkedQueue<>();
  private final AtomicLong operations = new AtomicLong();
  private final AtomicBoolean ended = new AtomicBoolean();
  private final ExecutorService threads = Executors.newCachedThreadPool();

  Checker(int count) {
    for (int i = 0; i < KEYS; i++) {
      keys.add(new Key(i));
    }
    for (int i = 0; i < count; i++) {
      proxies.add(FaultProxy.to(redis.host(), redis.port()));
      nodes.add(new Node(i));
    }
  }

  List<String> violations() {
    return violations.stream().limit(5).toList();
  }

  long operations() {
    return operations.get();
  }

  RedisFixture redis() {
    return redis;
  }

  FaultProxy proxy(int node) {
    return proxies.get(node);
  }

  /** Ends a node, with its memory, and starts another in its place. */
  void restart(int node) {
    nodes.get(node).restart();
  }

  void pause(Duration time) {
    LockSupport.parkNanos(time.toNanos());
  }

  /** A stopped server keeps its data and its connections, and answers nothing. */
  void signal(String signal) throws IOException, InterruptedException {
    assertThat(new ProcessBuilder("kill", signal, Long.toString(redis.pid())).start().waitFor())
        .isZero();
  }

  /** Closes the connections that listen, so that messages are lost. */
  void killListeners() {
    command(new CommandArguments(Protocol.Command.CLIENT).add("KILL").add("TYPE").add("pubsub"));
  }

  /** Drops some of the cache's own state, as a Redis that evicts at will would. */
  void evict() {
    String key = List.of("{checked:0}:s", "{checked:0}:c", "{checked:0}:i").get(random(3));
    command(new CommandArguments(Protocol.Command.DEL).add(key));
  }

  private void command(CommandArguments command) {
    try (RedisClient client = RedisClient.create(redis.host(), redis.port())) {
      Object unused = client.executeCommand(command);
    }
  }

  /** Works until so many operations were done and the fault has struck often enough. */
  void run(int atLeast, CheckerIT.Fault fault) throws Exception {
    List<Future<?>> all = new ArrayList<>();
    for (Node node : nodes) {
      for (int i = 0; i < THREADS_OF_A_NODE; i++) {
        all.add(threads.submit(node::work));
      }
    }
    for (int strikes = 0; strikes < STRIKES || operations.get() < atLeast; strikes++) {
      fault.strike(this);
      pause(Duration.ofMillis(100 + random(300)));
    }
    ended.set(true);
    for (Future<?> each : all) {
      each.get(60, SECONDS);
    }
    checkAfterwards();
  }

  /** Healed, and a bound later, every tier is empty or agrees with the source. */
  private void checkAfterwards() {
    for (Node node : nodes) {
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> node.cache.health().status() == Health.Status.UP);
    }
    pause(Duration.ofNanos(BOUND));
    nodes.add(new Node(0)); // its memory is empty, so it shows what Redis holds
    for (Key key : keys) {
      for (Node node : nodes) {
        Long got = node.cache.getIfPresent(key.number);
        if (got != null && got != key.source.get()) {
          violations.add("afterwards " + node + " has " + got + " of " + key);
        }
      }
    }
  }

  @Override
  public void close() {
    ended.set(true);
    threads.shutdownNow();
    nodes.forEach(node -> node.cache.close());
    proxies.forEach(FaultProxy::close);
    redis.close();
  }

  private static int random(int bound) {
    return ThreadLocalRandom.current().nextInt(bound);
  }

  private static void dawdle() {
    int micros = random(1500);
    if (micros > 500) {
      LockSupport.parkNanos(micros * 1000L);
    }
  }

  /** A version that a node acknowledged, and when it did not wait for Redis any more. */
  private static final class Ack {
    final Node node;
    final long id;
    final long version;
    private volatile long deliveredAt;

    Ack(Node node, long id, long version) {
      this.node = node;
      this.id = id;
      this.version = version;
    }

    /** A node whose invalidations wait for Redis says so in its health. */
    boolean isDeliveredFor(long nanos, long now) {
      if (deliveredAt == 0 && node.cache.stats().remote().pendingRemovals() == 0) {
        deliveredAt = now;
      }
      return deliveredAt != 0 && now - deliveredAt > nanos;
    }
  }

  /** A value of the source, and what is known of its history. */
  private static final class Key {
    final int number;
    final AtomicLong source = new AtomicLong(1);
    final ReentrantLock writing = new ReentrantLock();
    final Queue<Ack> acknowledged = new ConcurrentLinkedQueue<>();

    Key(int number) {
      this.number = number;
    }

    String tag() {
      return "tag" + number % 2;
    }

    /** Returns the least version that a read may return which begins now. */
    long least(long node) {
      long now = System.nanoTime();
      long least = 1;
      for (Ack ack : acknowledged) {
        if (ack.version > least && (ack.id == node || ack.isDeliveredFor(BOUND, now))) {
          least = ack.version;
        }
      }
      return least;
    }

    private String by(long version) {
      return acknowledged.stream()
          .filter(ack -> ack.version == version)
          .map(ack -> ack.node.toString())
          .findFirst()
          .orElse("nobody");
    }

    @Override
    public String toString() {
      return "key " + number + ", which is " + source;
    }
  }

  /** One node and what its threads do. */
  private final class Node {
    final int number;
    final AtomicLong life = new AtomicLong();
    volatile TieredCache<Integer, Long> cache;

    Node(int number) {
      this.number = number;
      this.cache = build();
    }

    private TieredCache<Integer, Long> build() {
      FaultProxy proxy = proxies.get(number);
      return TieredCache.<Integer, Long>named("checked")
          .remote(
              RedisTier.at("redis://" + proxy.host() + ":" + proxy.port())
                  .connectTimeout(Duration.ofMillis(100))
                  .commandTimeout(Duration.ofMillis(100))
                  .retryAfter(Duration.ofMillis(30))
                  .heartbeat(HEARTBEAT)
                  .timeToLiveWhileAway(TRUST),
              JsonSerializer.of(Long.class))
          .source(new Source())
          .timeToLive(Duration.ofDays(365)) // nothing ends by itself that should have been removed
          .timeToLiveJitter(0)
          .waitForLoadAtMost(WAIT)
          .build();
    }

    void restart() {
      TieredCache<Integer, Long> old = cache;
      life.incrementAndGet();
      cache = build();
      old.close();
    }

    void work() {
      while (!ended.get()) {
        Key key = keys.get(random(KEYS));
        long start = System.nanoTime();
        try {
          if (random(4) > 0 || !key.writing.tryLock()) {
            read(key);
          } else {
            write(key);
          }
        } catch (IllegalStateException closed) {
          continue; // the node was restarted
        }
        if (System.nanoTime() - start > LONGEST) {
          violations.add(this + " took too long");
        }
        operations.incrementAndGet();
      }
    }

    private void read(Key key) {
      long least = key.least(id());
      Long got =
          random(5) == 0 ? cache.getIfPresent(key.number) : cache.fetch(key.number, this::load);
      if (got != null && got < least) {
        violations.add(
            this
                + " read "
                + got
                + " instead of "
                + least
                + ", by "
                + key.by(least)
                + ", of "
                + key);
      }
    }

    private Loaded<Long> load(Integer number, @Nullable Long older) {
      Key key = keys.get(number);
      dawdle();
      long version = key.source.get();
      dawdle();
      return Loaded.of(version).tags(key.tag());
    }

    private void write(Key key) {
      long id = id();
      try {
        long version = key.source.get() + 1;
        change(key, version);
        key.acknowledged.add(new Ack(this, id, version));
      } finally {
        key.writing.unlock();
      }
    }

    private void change(Key key, long version) {
      int how = random(20);
      if (how < 8) {
        cache.putLoaded(key.number, Loaded.of(version).tags(key.tag()));
        return;
      }
      key.source.set(version);
      if (how < 15) {
        cache.remove(key.number);
      } else if (how < 19) {
        cache.invalidateTag(key.tag());
      } else {
        cache.clear();
      }
    }

    /** Each life of a node has a number of its own: the memory of the one before is gone. */
    private long id() {
      return number + 100 * life.get();
    }

    @Override
    public String toString() {
      return "node " + number;
    }
  }

  private final class Source implements SourceOfTruth<Integer, Long> {

    @Override
    public Long load(Integer number) {
      return keys.get(number).source.get();
    }

    @Override
    public void store(Integer number, Long version) {
      dawdle();
      keys.get(number).source.set(version);
      dawdle();
    }
  }
}

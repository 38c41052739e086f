package dev.perfkit.cache;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.perfkit.spi.Health;
import dev.perfkit.testkit.RecordingEvents;
import dev.perfkit.testkit.redis.RedisFixture;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;

/**
 * Proves, on a Redis that is killed, restarted empty, frozen and thawed, that no read fails, that
 * the cache says what is wrong, that it recovers by itself, and that no removal is lost.
 */
class OutageIT {

  /** Long for a busy server that runs, and short for one that is frozen. */
  private static final Duration TIMEOUT = Duration.ofMillis(500);

  private static final Duration BOUND = Duration.ofSeconds(20);

  private final RedisFixture redis = RedisFixture.start();
  private final RecordingEvents events = RecordingEvents.create();
  private final List<TieredCache<String, String>> caches = new ArrayList<>();
  private final AtomicLong loads = new AtomicLong();

  private final RedisTier tier =
      RedisTier.at(redis.uri())
          .connectTimeout(TIMEOUT)
          .commandTimeout(TIMEOUT)
          .retryAfter(Duration.ofMillis(50));

  @AfterEach
  void stop() {
    thaw();
    caches.forEach(TieredCache::close);
    redis.close();
  }

  private TieredCacheBuilder<String, String> builder(RedisTier tier) {
    return TieredCache.<String, String>named("outage")
        .remote(tier, StringSerializer.create())
        .timeToLiveJitter(0)
        .events(events);
  }

  private TieredCache<String, String> node() {
    return node(builder(tier));
  }

  private TieredCache<String, String> node(TieredCacheBuilder<String, String> builder) {
    TieredCache<String, String> cache = builder.build();
    caches.add(cache);
    return cache;
  }

  private String load(String key) {
    return key + loads.incrementAndGet();
  }

  private void freeze() {
    signal("-STOP");
  }

  private void thaw() {
    if (redis.isRunning()) {
      signal("-CONT");
    }
  }

  /** A stopped server keeps its data and its connections, and answers nothing. */
  private void signal(String signal) {
    try {
      assertThat(new ProcessBuilder("kill", signal, Long.toString(redis.pid())).start().waitFor())
          .isZero();
    } catch (IOException | InterruptedException failure) {
      throw new AssertionError(failure);
    }
  }

  private void awaitStatus(TieredCache<String, String> cache, Health.Status status) {
    await().atMost(BOUND).until(() -> cache.health().status() == status);
  }

  /** Events follow the state that they tell of. */
  private void awaitEvents(String... types) {
    await().atMost(BOUND).untilAsserted(() -> assertThat(events.types()).containsExactly(types));
  }

  private void awaitEvent(String type) {
    await().atMost(BOUND).until(() -> events.types().contains(type));
  }

  private void openBreaker(TieredCache<String, String> cache) {
    for (int i = 0; cache.health().status() == Health.Status.UP; i++) {
      assertThat(i).isLessThan(100);
      cache.get("open" + i, this::load);
    }
  }

  @Test
  void build_withoutRedis_worksAndUsesItOnceItIsThere() {
    redis.kill();
    TieredCache<String, String> cache = node();
    assertThat(cache.health().status()).isEqualTo(Health.Status.UP);
    assertThat(cache.get("a", this::load)).isEqualTo("a1");
    assertThat(cache.get("a", this::load)).isEqualTo("a1");
    openBreaker(cache);
    assertThat(cache.health().status()).isEqualTo(Health.Status.DEGRADED);
    assertThat(cache.health().reason())
        .contains("Redis at 127.0.0.1:" + redis.port())
        .contains("ConnectException");
    awaitEvents("breaker-opened");

    redis.restart();
    awaitStatus(cache, Health.Status.UP);
    awaitEvents("breaker-opened", "breaker-closed");
    cache.get("b", this::load);
    assertThat(node().getIfPresent("b")).isNotNull();
  }

  @Test
  void get_whileAway_doesNotAskAndValuesLiveShorter() {
    redis.kill();
    TieredCache<String, String> cache =
        node(
            builder(
                tier.timeToLiveWhileAway(Duration.ofMillis(1)).retryAfter(Duration.ofMinutes(1))));
    openBreaker(cache);
    long failures = cache.stats().remote().failures();
    String first = cache.get("a", this::load);
    await().until(() -> !Objects.equals(first, cache.get("a", this::load)));
    assertThat(cache.stats().remote().failures()).isEqualTo(failures);
    assertThat(cache.stats().remote().skipped()).isPositive();
  }

  @Test
  void get_redisRestartedEmpty_goesOnAndFillsItAgain() {
    TieredCache<String, String> cache = node();
    cache.get("a", this::load);
    redis.restart();
    assertThat(cache.get("a", this::load)).startsWith("a");
    await()
        .until(
            () -> {
              cache.get("x" + loads.get(), this::load);
              return cache.stats().remote().failures() >= 1
                  && cache.health().status() == Health.Status.UP;
            });
    cache.get("b", this::load);
    assertThat(node().getIfPresent("b")).isNotNull();
  }

  @Test
  void get_redisKilledAndRestartedAllTheTime_neverFails() throws Exception {
    TieredCache<String, String> cache =
        node(builder(tier).memory(Memory.entries(50)).executor(Runnable::run));
    AtomicBoolean ended = new AtomicBoolean();
    AtomicLong reads = new AtomicLong();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    List<Future<?>> all = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      all.add(threads.submit(() -> readUntil(ended, cache, reads)));
    }
    for (int i = 0; i < 4; i++) {
      long before = reads.get();
      await().atMost(Duration.ofSeconds(30)).until(() -> reads.get() > before + 1000);
      redis.kill();
      await().atMost(Duration.ofSeconds(30)).until(() -> reads.get() > before + 2000);
      redis.restart();
    }
    ended.set(true);
    for (Future<?> each : all) {
      each.get(30, SECONDS);
    }
    threads.shutdownNow();
    assertThat(reads.get()).isGreaterThan(8000);
    awaitStatus(cache, Health.Status.UP);
  }

  private void readUntil(AtomicBoolean ended, TieredCache<String, String> cache, AtomicLong reads) {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    while (!ended.get()) {
      String key = "k" + random.nextInt(1000);
      switch (random.nextInt(10)) {
        case 0 -> cache.put(key, key + "put");
        case 1 -> cache.remove(key);
        default -> assertThat(cache.get(key, this::load)).startsWith(key);
      }
      reads.incrementAndGet();
    }
  }

  @Test
  void get_redisFrozen_isBoundedByTheTimeoutsAndThenFast() {
    TieredCache<String, String> cache = node(builder(tier.retryAfter(Duration.ofMinutes(1))));
    cache.get("a", this::load);
    freeze();
    long start = System.nanoTime();
    openBreaker(cache);
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .as("a few reads, each of one timeout and one connection at most")
        .isLessThan(TIMEOUT.multipliedBy(2 * (Breaker.THRESHOLD + 1)).plusSeconds(5));
    start = System.nanoTime();
    for (int i = 0; i < 1000; i++) {
      cache.get("fast" + i, this::load);
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .as("a thousand reads, none of which asks")
        .isLessThan(TIMEOUT.multipliedBy(20));
  }

  @Test
  void remove_whileFrozen_isMadeUpForBeforeTheOldValueIsReadAgain() {
    TieredCache<String, String> cache = node();
    TieredCache<String, String> other = node();
    cache.put("a", "old");
    freeze();
    cache.remove("a");
    assertThat(cache.getIfPresent("a")).isNull();
    assertThat(cache.get("b", this::load)).startsWith("b");
    assertThat(cache.health().status()).isEqualTo(Health.Status.DEGRADED);
    assertThat(cache.health().details()).containsEntry("pendingRemovals", "1");
    thaw();
    assertThat(cache.getIfPresent("a")).isNull();
    awaitStatus(cache, Health.Status.UP);
    assertThat(cache.getIfPresent("a")).isNull();
    assertThat(other.getIfPresent("a")).as("of another node").isNull();
    assertThat(cache.stats().remote().pendingRemovals()).isZero();
  }

  @Test
  void put_whileFrozen_neverArrivesLateOverANewerOne() {
    for (int round = 0; round < 5; round++) {
      TieredCache<String, String> cache = node();
      cache.put("a", "first" + round);
      freeze();
      cache.put("a", "timed out" + round);
      assertThat(cache.getIfPresent("a")).isEqualTo("timed out" + round);
      thaw();
      awaitStatus(cache, Health.Status.UP);
      cache.put("a", "last" + round);
      assertThat(cache.getIfPresent("a")).isEqualTo("last" + round);
      assertThat(node().getIfPresent("a")).isEqualTo("last" + round);
    }
  }

  @Test
  void remove_moreThanCanWait_sweepsTheCacheBeforeItIsReadAgain() {
    TieredCache<String, String> cache = node(builder(tier.pendingRemovals(3)));
    TieredCache<String, String> bystander =
        node(TieredCache.<String, String>named("outage2").remote(tier, StringSerializer.create()));
    bystander.put("a", "of another cache");
    for (int i = 0; i < 3000; i++) {
      cache.put("k" + i, "old");
    }
    freeze();
    for (int i = 0; i < 10; i++) {
      cache.remove("k" + i);
    }
    assertThat(cache.health().details())
        .containsEntry("pendingRemovals", "all keys: too many removals");
    awaitEvent("removals-overflowed");
    thaw();
    awaitStatus(cache, Health.Status.UP);
    awaitEvent("removals-swept");
    try (RedisClient client = RedisClient.create(redis.host(), redis.port())) {
      assertThat(client.keys("{outage2:0}:v:*")).hasSize(1);
    }
    TieredCache<String, String> other = node();
    for (int i = 0; i < 3000; i += 500) {
      assertThat(cache.getIfPresent("k" + i)).isNull();
      assertThat(other.getIfPresent("k" + i)).isNull();
    }
    assertThat(bystander.getIfPresent("a")).isEqualTo("of another cache");
  }

  @Test
  void close_removalsNeverDelivered_saysSo() {
    TieredCache<String, String> cache = node();
    cache.put("a", "old");
    redis.kill();
    cache.remove("a");
    cache.close();
    assertThat(events.types()).contains("removals-lost");
    assertThat(cache.health().status()).isEqualTo(Health.Status.DOWN);
  }
}

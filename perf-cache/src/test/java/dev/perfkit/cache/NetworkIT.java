package dev.perfkit.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.perfkit.spi.Health;
import dev.perfkit.testkit.RecordingEvents;
import dev.perfkit.testkit.net.FaultProxy;
import dev.perfkit.testkit.redis.RedisFixture;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Proves that a network that is slow or cut costs bounded time, loses no removal, and is got over.
 */
class NetworkIT {

  private static final Duration BOUND = Duration.ofSeconds(20);

  /** Of the cache that is to lose patience; the others have as much as a busy machine needs. */
  private static final Duration TIMEOUT = Duration.ofMillis(200);

  private final RedisFixture redis = RedisFixture.start();
  private final FaultProxy proxy = FaultProxy.to(redis.host(), redis.port());
  private final RecordingEvents events = RecordingEvents.create();
  private final AtomicLong loads = new AtomicLong();
  private final TieredCache<String, String> cache = byProxy(BOUND);
  private final TieredCache<String, String> near = builder(redis.uri(), BOUND).build();

  private TieredCache<String, String> byProxy(Duration timeout) {
    return builder("redis://" + proxy.host() + ":" + proxy.port(), timeout).events(events).build();
  }

  private static TieredCacheBuilder<String, String> builder(String uri, Duration timeout) {
    return TieredCache.<String, String>named("network")
        .remote(
            RedisTier.at(uri)
                .connectTimeout(timeout)
                .commandTimeout(timeout)
                .retryAfter(Duration.ofMillis(50)),
            StringSerializer.create());
  }

  @AfterEach
  void stop() {
    cache.close();
    near.close();
    proxy.close();
    redis.close();
  }

  private String load(String key) {
    return key + loads.incrementAndGet();
  }

  private static void awaitUp(TieredCache<String, String> cache) {
    await().atMost(BOUND).until(() -> cache.health().status() == Health.Status.UP);
  }

  @Test
  void get_answersTooSlow_isBoundedThenWithoutRedisThenWithItAgain() {
    try (TieredCache<String, String> hasty = byProxy(TIMEOUT)) {
      hasty.put("a", "v");
      proxy.delay(Duration.ofMinutes(1));
      for (int i = 0; hasty.health().status() == Health.Status.UP; i++) {
        assertThat(i).isLessThan(50);
        long start = System.nanoTime();
        assertThat(hasty.get("k" + i, this::load)).startsWith("k" + i);
        assertThat(Duration.ofNanos(System.nanoTime() - start))
            .as("one connection and one command, no more, with room for a busy machine")
            .isLessThan(TIMEOUT.multipliedBy(3).plusSeconds(5));
      }
      awaitEvent("breaker-opened");
      assertThat(hasty.get("a", this::load)).isEqualTo("v");
      proxy.heal();
      awaitUp(hasty);
      awaitEvent("breaker-closed");
      near.put("b", "from near");
      await().atMost(BOUND).until(() -> "from near".equals(hasty.getIfPresent("b")));
    }
  }

  /** Events follow the state that they tell of. */
  private void awaitEvent(String type) {
    await().atMost(BOUND).until(() -> events.types().contains(type));
  }

  @Test
  void get_answersSlowButInTime_stillUsesRedis() {
    near.put("a", "v");
    proxy.delay(Duration.ofMillis(300));
    assertThat(cache.get("a", this::load)).isEqualTo("v");
    assertThat(cache.stats().remote().hits()).isEqualTo(1);
  }

  @Test
  void remove_whileCut_isDeliveredBeforeRedisIsReadAgain() {
    cache.put("a", "old");
    proxy.cut();
    cache.remove("a");
    assertThat(cache.getIfPresent("a")).isNull();
    assertThat(near.getIfPresent("a")).as("still in Redis").isEqualTo("old");
    assertThat(cache.health().status()).isEqualTo(Health.Status.DEGRADED);
    assertThat(cache.stats().remote().pendingRemovals()).isEqualTo(1);
    proxy.heal();
    awaitUp(cache);
    assertThat(cache.get("a", key -> "new")).isEqualTo("new");
    try (var fresh = builder(redis.uri(), BOUND).build()) {
      assertThat(fresh.getIfPresent("a")).isEqualTo("new");
    }
  }

  @Test
  void put_whileCut_livesInMemoryAndNeverLosesToTheOlderValueInRedis() {
    cache.put("a", "old");
    proxy.cut();
    cache.put("a", "new");
    assertThat(cache.getIfPresent("a")).isEqualTo("new");
    proxy.heal();
    awaitUp(cache);
    try (var fresh = builder(redis.uri(), BOUND).build()) {
      assertThat(fresh.getIfPresent("a")).as("the older value is gone").isNull();
    }
  }

  @Test
  void get_connectionsReset_opensNewOnes() {
    for (int i = 0; i < 20; i++) {
      near.put("k" + i, "v");
      assertThat(cache.get("k" + i, this::load)).isNotNull();
      proxy.reset();
    }
    assertThat(cache.stats().remote().hits()).isGreaterThanOrEqualTo(9);
    assertThat(events.types()).as("an answer between two failures").isEmpty();
  }
}

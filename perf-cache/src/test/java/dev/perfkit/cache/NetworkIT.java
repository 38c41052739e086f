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

  private static final Duration TIMEOUT = Duration.ofMillis(100);

  private final RedisFixture redis = RedisFixture.start();
  private final FaultProxy proxy = FaultProxy.to(redis.host(), redis.port());
  private final RecordingEvents events = RecordingEvents.create();
  private final AtomicLong loads = new AtomicLong();
  private final TieredCache<String, String> cache =
      builder("redis://" + proxy.host() + ":" + proxy.port()).events(events).build();
  private final TieredCache<String, String> near = builder(redis.uri()).build();

  private static TieredCacheBuilder<String, String> builder(String uri) {
    return TieredCache.<String, String>named("network")
        .remote(
            RedisTier.at(uri)
                .connectTimeout(TIMEOUT)
                .commandTimeout(TIMEOUT)
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

  private void awaitStatus(Health.Status status) {
    await().until(() -> cache.health().status() == status);
  }

  @Test
  void get_answersTooSlow_isBoundedThenWithoutRedisThenWithItAgain() {
    cache.put("a", "v");
    proxy.delay(Duration.ofSeconds(2));
    for (int i = 0; cache.health().status() == Health.Status.UP; i++) {
      assertThat(i).isLessThan(50);
      long start = System.nanoTime();
      assertThat(cache.get("k" + i, this::load)).startsWith("k" + i);
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .as("one connection and one command, no more, with room for a busy machine")
          .isLessThan(TIMEOUT.multipliedBy(3).plusSeconds(1));
    }
    assertThat(events.types()).containsExactly("breaker-opened");
    assertThat(cache.get("a", this::load)).isEqualTo("v");
    proxy.heal();
    awaitStatus(Health.Status.UP);
    assertThat(events.types()).endsWith("breaker-closed");
    near.put("b", "from near");
    assertThat(cache.get("b", this::load)).isEqualTo("from near");
  }

  @Test
  void get_answersSlowButInTime_stillUsesRedis() {
    near.put("a", "v");
    proxy.delay(TIMEOUT.dividedBy(10));
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
    awaitStatus(Health.Status.UP);
    assertThat(cache.get("a", key -> "new")).isEqualTo("new");
    try (var fresh = builder(redis.uri()).build()) {
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
    awaitStatus(Health.Status.UP);
    try (var fresh = builder(redis.uri()).build()) {
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

package dev.perfkit.cache;

import dev.perfkit.testkit.redis.RedisFixture;
import java.time.Duration;
import java.util.Map;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Proves that no load brings back, by way of Redis, what a removal or a write that ended before has
 * replaced: memory is so small that most reads go to Redis.
 */
class FenceIT {

  private final RedisFixture redis = RedisFixture.start();
  private final TieredCache<String, Long> cache =
      TieredCache.<String, Long>named("fence")
          .memory(Memory.entries(1))
          .executor(Runnable::run)
          .remote(
              RedisTier.at(redis.uri()).commandTimeout(Duration.ofSeconds(20)),
              JsonSerializer.of(Long.class))
          .build();

  @AfterEach
  void stop() {
    cache.close();
    redis.close();
  }

  @Test
  void get_removalsDuringLoads_neverReturnsARemovedVersion() throws Exception {
    new FenceRace(cache, 2000).run(version -> cache.remove("k"));
    requireThatRedisTookPart();
  }

  @Test
  void get_putsDuringLoads_neverReturnsAnOverwrittenVersion() throws Exception {
    new FenceRace(cache, 2000).run(version -> cache.put("k", version));
    requireThatRedisTookPart();
  }

  private void requireThatRedisTookPart() {
    Assertions.assertThat(cache.stats().remote().hits()).isPositive();
    Assertions.assertThat(cache.stats().remote().failures()).isZero();
    Assertions.assertThat(cache.stats().remote().unreadable()).isEqualTo(Map.of());
  }
}

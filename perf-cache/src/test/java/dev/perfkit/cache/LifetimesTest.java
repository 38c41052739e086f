package dev.perfkit.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perfkit.testkit.FakeTimeSource;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Proves how a loader bounds the life of a value, and that a value in memory may be idle. */
class LifetimesTest {

  private static final Duration TTL = Duration.ofMinutes(10);
  private static final Duration STALE = Duration.ofHours(1);

  private final FakeTimeSource time = FakeTimeSource.create();
  private final TieredCache<String, String> cache = builder().build();

  private TieredCacheBuilder<String, String> builder() {
    return TieredCache.<String, String>named("lives")
        .timeToLive(TTL)
        .timeToLiveJitter(0)
        .serveStaleFor(STALE)
        .timeSource(time);
  }

  private static String fail(String key) throws IOException {
    throw new IOException("the source is away");
  }

  private Instant in(Duration span) {
    return Instant.ofEpochMilli(time.currentTimeMillis()).plus(span);
  }

  @Test
  void notAfter_beforeTheTimeToLive_endsTheValueForGood() {
    Duration left = Duration.ofMinutes(3);
    cache.knobs().get(0).set(10);
    cache.fetch("a", (key, older) -> Loaded.of("v").timeToLive(TTL).notAfter(in(left)));
    time.advance(left.minusNanos(1));
    assertThat(cache.getIfPresent("a")).isEqualTo("v");
    time.advance(Duration.ofNanos(1));
    assertThat(cache.getIfPresent("a")).isNull();
    assertThatThrownBy(() -> cache.get("a", LifetimesTest::fail)).isInstanceOf(IOException.class);
  }

  @Test
  void notAfter_afterTheTimeToLive_boundsTheFallbackAlone() throws IOException {
    cache.fetch("a", (key, older) -> Loaded.of("v").notAfter(in(TTL.plusMinutes(5))));
    time.advance(TTL);
    assertThat(cache.getIfPresent("a")).as("it does not live longer by that").isNull();
    time.advance(Duration.ofMinutes(5).minusMillis(1));
    assertThat(cache.get("a", LifetimesTest::fail)).isEqualTo("v");
    time.advance(Duration.ofMillis(1));
    assertThatThrownBy(() -> cache.get("a", LifetimesTest::fail)).isInstanceOf(IOException.class);
  }

  @Test
  void notAfter_loadThatTakesLong_doesNotMoveTheEnd() {
    Instant end = in(Duration.ofMinutes(3));
    cache.fetch(
        "a",
        (key, older) -> {
          time.advance(Duration.ofMinutes(2));
          return Loaded.of("v").notAfter(end);
        });
    assertThat(cache.getIfPresent("a")).isEqualTo("v");
    time.advance(Duration.ofMinutes(1));
    assertThat(cache.getIfPresent("a")).isNull();
  }

  @Test
  void notAfter_past_goesToItsCallerAndIsNotKept() {
    for (Instant past : List.of(in(Duration.ZERO), in(Duration.ofDays(-1)), Instant.MIN)) {
      assertThat(cache.fetch("a", (key, older) -> Loaded.of("v").notAfter(past))).isEqualTo("v");
      assertThat(cache.getIfPresent("a")).isNull();
    }
    cache.fetch("a", (key, older) -> Loaded.of("v").notAfter(Instant.MAX));
    assertThat(cache.getIfPresent("a")).isEqualTo("v");
  }

  @Test
  void serveStaleFor_ofTheLoader_boundsTheFallback() throws IOException {
    cache.fetch("a", (key, older) -> Loaded.of("v").serveStaleFor(Duration.ofMinutes(1)));
    time.advance(TTL.plusSeconds(59));
    assertThat(cache.get("a", LifetimesTest::fail)).isEqualTo("v");
    time.advance(Duration.ofSeconds(1));
    assertThatThrownBy(() -> cache.get("a", LifetimesTest::fail)).isInstanceOf(IOException.class);
  }

  @Test
  void idle_valueThatIsRead_livesOnAndOneThatIsNotEnds() {
    Duration idle = Duration.ofSeconds(80);
    try (var sliding = builder().memory(Memory.entries(10).expireAfterIdle(idle)).build()) {
      sliding.put("read", "v");
      sliding.put("left", "v");
      for (int i = 0; i < 8; i++) {
        time.advance(idle.minusSeconds(11));
        assertThat(sliding.get("read", key -> "loaded")).isEqualTo("v");
        sliding.getAll(List.of("read"), keys -> java.util.Map.of());
      }
      assertThat(sliding.getIfPresent("left")).isNull();
      time.advance(idle);
      assertThat(sliding.get("read", key -> "loaded")).as("idle").isEqualTo("loaded");
    }
  }

  @Test
  void idle_valueThatIsRead_stillEndsWithItsTimeToLive() {
    Duration idle = Duration.ofMinutes(1);
    try (var sliding = builder().memory(Memory.entries(10).expireAfterIdle(idle)).build()) {
      sliding.put("a", "v");
      for (int i = 0; i < 12; i++) {
        assertThat(sliding.getIfPresent("a")).isEqualTo("v");
        time.advance(Duration.ofSeconds(50));
      }
      assertThat(sliding.getIfPresent("a")).isNull();
    }
  }

  @Test
  void memory_values_areEqualByTheirOptions() {
    Memory idle = Memory.entries(5).expireAfterIdle(Duration.ofSeconds(1));
    assertThat(idle)
        .isEqualTo(Memory.entries(5).expireAfterIdle(Duration.ofSeconds(1)))
        .hasSameHashCodeAs(Memory.entries(5).expireAfterIdle(Duration.ofSeconds(1)))
        .isNotEqualTo(Memory.entries(5));
    assertThatThrownBy(() -> Memory.entries(5).expireAfterIdle(Duration.ZERO))
        .hasMessageContaining("expireAfterIdle");
  }
}

package dev.perfkit.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perfkit.testkit.FakeTimeSource;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Proves what a read of one thread returns, keeps and counts, for everything a loader may do. */
class ReadsTest {

  private static final Duration TTL = Duration.ofMinutes(1);
  private static final Duration STALE = Duration.ofHours(1);
  private static final Duration RETRY = Duration.ofSeconds(5);

  private final FakeTimeSource time = FakeTimeSource.create();
  private final AtomicInteger loads = new AtomicInteger();
  private final TieredCache<String, String> cache = builder().serveStaleFor(STALE).build();

  private TieredCacheBuilder<String, String> builder() {
    return TieredCache.<String, String>named("test")
        .executor(Runnable::run)
        .timeToLive(TTL)
        .timeToLiveJitter(0)
        .retryLoadAfter(RETRY)
        .timeSource(time);
  }

  private String load(String key) {
    return key + loads.incrementAndGet();
  }

  private static String fail(String key) throws IOException {
    throw new IOException("the source is away");
  }

  @Test
  void get_twice_loadsOnce() {
    assertThat(cache.get("a", this::load)).isEqualTo("a1");
    assertThat(cache.get("a", this::load)).isEqualTo("a1");
    assertThat(cache.stats().memory().hits()).isEqualTo(1);
    assertThat(cache.stats().memory().misses()).isEqualTo(1);
    assertThat(cache.stats().memory().hitRate()).isEqualTo(0.5);
    assertThat(cache.stats().loads().succeeded()).isEqualTo(1);
  }

  @Test
  void get_untilTimeToLiveEnds_isAHitAndThenLoads() {
    cache.get("a", this::load);
    time.advance(TTL.minusNanos(1));
    assertThat(cache.get("a", this::load)).isEqualTo("a1");
    time.advance(Duration.ofNanos(1));
    assertThat(cache.get("a", this::load)).isEqualTo("a2");
  }

  @Test
  void get_jitter_onlyShortensWithinItsShare() {
    try (var jittered = builder().timeToLiveJitter(0.5).build()) {
      for (int i = 0; i < 200; i++) {
        jittered.get("k" + i, this::load);
      }
      time.advance(TTL.dividedBy(2).minusNanos(1));
      for (int i = 0; i < 200; i++) {
        assertThat(jittered.getIfPresent("k" + i)).isNotNull();
      }
      time.advance(TTL.dividedBy(4));
      long left =
          IntStream.range(0, 200).filter(i -> jittered.getIfPresent("k" + i) != null).count();
      assertThat(left).isBetween(50L, 150L);
      time.advance(TTL.dividedBy(4).plusNanos(1));
      for (int i = 0; i < 200; i++) {
        assertThat(jittered.getIfPresent("k" + i)).isNull();
      }
    }
  }

  @Test
  void knob_timeToLiveFactor_scalesNewEntries() {
    cache.get("before", this::load);
    cache.knobs().get(0).set(2);
    cache.get("after", this::load);
    time.advance(TTL);
    assertThat(cache.getIfPresent("before")).isNull();
    assertThat(cache.getIfPresent("after")).isNotNull();
    time.advance(TTL);
    assertThat(cache.getIfPresent("after")).isNull();
  }

  @Test
  void get_loaderReturnsNull_isNullAndKeptNowhere() {
    assertThat(cache.get("a", key -> (String) null)).isNull();
    assertThat(cache.get("a", this::load)).isEqualTo("a1");
    assertThat(cache.stats().loads().absent()).isEqualTo(1);
  }

  @Test
  void get_loaderReturnsNullForAStaleValue_dropsIt() throws IOException {
    cache.get("a", this::load);
    time.advance(TTL);
    assertThat(cache.get("a", key -> (String) null)).isNull();
    assertThatThrownBy(() -> cache.get("a", ReadsTest::fail)).isInstanceOf(IOException.class);
  }

  @Test
  void get_loaderThrowsWithoutFallback_throwsThatVeryException() {
    IOException failure = new IOException("no");
    assertThatThrownBy(
            () ->
                cache.get(
                    "a",
                    key -> {
                      throw failure;
                    }))
        .isSameAs(failure);
    assertThat(cache.stats().loads().failed()).isEqualTo(1);
    assertThat(cache.get("a", this::load)).isEqualTo("a1");
  }

  @Test
  void get_loaderThrowsWithFallback_servesItAndAsksAgainAfterThePause() throws IOException {
    cache.get("a", this::load);
    time.advance(TTL);
    assertThat(cache.get("a", ReadsTest::fail)).isEqualTo("a1");
    time.advance(RETRY.minusNanos(1));
    assertThat(cache.get("a", this::load)).as("throttled").isEqualTo("a1");
    time.advance(Duration.ofNanos(1));
    assertThat(cache.get("a", this::load)).as("asked again").isEqualTo("a2");
    assertThat(cache.stats().loads().staleServed()).isEqualTo(2);
  }

  @Test
  void get_loaderThrowsAfterServeStaleFor_throws() {
    cache.get("a", this::load);
    time.advance(TTL.plus(STALE));
    assertThatThrownBy(() -> cache.get("a", ReadsTest::fail)).isInstanceOf(IOException.class);
  }

  @Test
  void get_throttledEntryPastServeStaleFor_isNotServed() throws IOException {
    cache.get("a", this::load);
    time.advance(TTL.plus(STALE).minusNanos(1));
    assertThat(cache.get("a", ReadsTest::fail)).isEqualTo("a1");
    time.advance(Duration.ofNanos(1));
    assertThatThrownBy(() -> cache.get("a", ReadsTest::fail)).isInstanceOf(IOException.class);
  }

  @Test
  void get_loaderThrowsAndServeStaleIsOff_throws() {
    try (var strict = builder().build()) {
      strict.get("a", this::load);
      time.advance(TTL);
      assertThatThrownBy(() -> strict.get("a", ReadsTest::fail)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void get_loaderThrowsAnError_passesItOnDespiteAFallback() {
    cache.get("a", this::load);
    time.advance(TTL);
    assertThatThrownBy(
            () ->
                cache.get(
                    "a",
                    key -> {
                      throw new StackOverflowError();
                    }))
        .isInstanceOf(StackOverflowError.class);
  }

  @Test
  void get_keyRemovedDuringAFailingLoad_doesNotServeTheFallback() {
    cache.get("a", this::load);
    time.advance(TTL);
    assertThatThrownBy(
            () ->
                cache.get(
                    "a",
                    key -> {
                      cache.remove("a");
                      throw new IOException("no");
                    }))
        .isInstanceOf(IOException.class);
  }

  @Test
  void get_loaderAsksForItsOwnKey_isAClearErrorAndLeavesNothingBehind() {
    assertThatThrownBy(() -> cache.get("a", key -> cache.get("a", this::load)))
        .isInstanceOf(CacheException.class)
        .hasMessageContaining("'test'")
        .hasMessageContaining("very key");
    assertThat(cache.get("a", this::load)).isEqualTo("a1");
  }

  @Test
  void get_loaderAsksForItsOwnKeyByWayOfAnother_isAClearError() {
    assertThatThrownBy(() -> cache.get("a", a -> cache.get("b", b -> cache.get("a", this::load))))
        .isInstanceOf(CacheException.class);
    assertThat(cache.get("b", this::load)).isEqualTo("b1");
  }

  @Test
  void get_loaderAsksForAnotherKey_keepsBoth() {
    assertThat(cache.get("a", key -> cache.get("b", this::load) + "+")).isEqualTo("b1+");
    assertThat(cache.getIfPresent("a")).isEqualTo("b1+");
    assertThat(cache.getIfPresent("b")).isEqualTo("b1");
  }

  @Test
  void get_loaderPutsItsOwnKey_keepsWhatWasPut() {
    String got =
        cache.get(
            "a",
            key -> {
              cache.put("a", "put");
              return "loaded";
            });
    assertThat(got).isEqualTo("loaded");
    assertThat(cache.getIfPresent("a")).isEqualTo("put");
    assertThat(cache.stats().loads().voidedFills()).isEqualTo(1);
  }

  @Test
  void get_loaderRemovesItsOwnKey_keepsNothing() {
    String got =
        cache.get(
            "a",
            key -> {
              cache.remove("a");
              return "loaded";
            });
    assertThat(got).isEqualTo("loaded");
    assertThat(cache.getIfPresent("a")).isNull();
  }

  @Test
  void get_loaderInterrupted_passesItOnDespiteAFallbackWhichStays() throws IOException {
    cache.get("a", this::load);
    time.advance(TTL);
    assertThatThrownBy(
            () ->
                cache.get(
                    "a",
                    key -> {
                      throw new InterruptedException();
                    }))
        .isInstanceOf(InterruptedException.class);
    assertThat(cache.get("a", ReadsTest::fail)).isEqualTo("a1");
  }

  @Test
  void getIfPresent_neverLoads() {
    assertThat(cache.getIfPresent("a")).isNull();
    cache.put("a", "1");
    assertThat(cache.getIfPresent("a")).isEqualTo("1");
    time.advance(TTL);
    assertThat(cache.getIfPresent("a")).as("stale").isNull();
  }

  @Test
  void remove_afterPut_removes() {
    cache.put("a", "1");
    cache.remove("a");
    assertThat(cache.getIfPresent("a")).isNull();
  }

  @Test
  void memory_full_evictsAndCounts() {
    try (var small = builder().memory(Memory.entries(10)).executor(Runnable::run).build()) {
      for (int i = 0; i < 100; i++) {
        small.put("k" + i, "v");
      }
      assertThat(small.stats().memory().entries()).isLessThanOrEqualTo(10);
      assertThat(small.stats().memory().evictions()).isGreaterThanOrEqualTo(90);
    }
  }

  @Test
  void memory_entriesPastAllUse_areFreed() {
    cache.get("a", this::load);
    time.advance(TTL.plus(STALE).plusMinutes(1));
    cache.getIfPresent("other");
    assertThat(entriesAfterUpkeep()).as("of use, or a marker").isEqualTo(1);
    time.advance(Duration.ofMinutes(1));
    cache.getIfPresent("other");
    assertThat(entriesAfterUpkeep()).isZero();
  }

  @Test
  void memory_entriesThatTheKnobMadeLiveLonger_areNotFreedEarly() {
    cache.knobs().get(0).set(10);
    cache.get("a", this::load);
    time.advance(TTL.multipliedBy(10).plus(STALE).minusNanos(1));
    assertThatCode(() -> cache.get("a", ReadsTest::fail)).doesNotThrowAnyException();
  }

  /** A write does the upkeep that is due. */
  private long entriesAfterUpkeep() {
    cache.put("upkeep", "v");
    cache.remove("upkeep");
    return cache.stats().memory().entries();
  }

  @Test
  @SuppressWarnings("NullAway") // null on purpose
  void nulls_areRefusedByName() {
    assertThatThrownBy(() -> cache.get(null, this::load)).hasMessage("key");
    assertThatThrownBy(() -> cache.get("a", null)).hasMessage("loader");
    assertThatThrownBy(() -> cache.getIfPresent(null)).hasMessage("key");
    assertThatThrownBy(() -> cache.put(null, "v")).hasMessage("key");
    assertThatThrownBy(() -> cache.put("a", null)).hasMessage("value");
    assertThatThrownBy(() -> cache.remove(null)).hasMessage("key");
  }

  @Test
  void closed_everyUse_saysSo() {
    cache.put("a", "1");
    cache.close();
    assertThatThrownBy(() -> cache.get("a", this::load))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("cache 'test' is closed");
    assertThatThrownBy(() -> cache.getIfPresent("a")).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> cache.put("a", "1")).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> cache.remove("a")).isInstanceOf(IllegalStateException.class);
    assertThat(cache.stats().memory().hits()).isZero();
  }

  @Test
  void close_duringALoad_keepsNothingButReturnsTheValue() {
    String got =
        cache.get(
            "a",
            key -> {
              cache.close();
              return "loaded";
            });
    assertThat(got).isEqualTo("loaded");
    assertThat(cache.stats().memory().entries()).isZero();
  }
}

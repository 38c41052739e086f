package dev.perfkit.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import dev.perfkit.testkit.FakeTimeSource;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Proves that a value that is asked is loaded anew before it ends, once, by nobody who waits, and
 * that whatever happens to the key meanwhile voids that. The background does what it is told when
 * it is told.
 */
class EarlyRefreshTest {

  private static final Duration TTL = Duration.ofSeconds(100);
  private static final Duration RETRY = Duration.ofSeconds(5);

  private final FakeTimeSource time = FakeTimeSource.create();
  private final Queue<Runnable> background = new ArrayDeque<>();
  private final AtomicInteger loads = new AtomicInteger();
  private final TieredCache<String, String> cache =
      builder().earlyRefresh(EarlyRefresh.afterShare(0.8)).build();

  private TieredCacheBuilder<String, String> builder() {
    return TieredCache.<String, String>named("early")
        .timeToLive(TTL)
        .timeToLiveJitter(0)
        .retryLoadAfter(RETRY)
        .executor(background::add)
        .timeSource(time);
  }

  @AfterEach
  void stop() {
    cache.close();
  }

  private String load(String key) {
    return key + loads.incrementAndGet();
  }

  private static String fail(String key) throws IOException {
    throw new IOException("the source is away");
  }

  private void runBackground() {
    for (Runnable task = background.poll(); task != null; task = background.poll()) {
      task.run();
    }
  }

  @Test
  void get_afterTheShare_servesTheValueAndRefreshesItOnceInTheBackground() {
    cache.get("a", this::load);
    time.advance(Duration.ofSeconds(80).minusNanos(1));
    assertThat(cache.get("a", this::load)).isEqualTo("a1");
    assertThat(background).isEmpty();
    time.advance(Duration.ofNanos(1));
    assertThat(cache.get("a", this::load)).isEqualTo("a1");
    assertThat(cache.get("a", this::load)).isEqualTo("a1");
    assertThat(background).as("one at a time").hasSize(1);
    runBackground();
    assertThat(cache.get("a", this::load)).isEqualTo("a2");
    assertThat(background).isEmpty();
    assertThat(cache.stats().loads().early()).isEqualTo(1);
    time.advance(TTL.minusSeconds(21));
    assertThat(cache.get("a", this::load)).as("it lives anew").isEqualTo("a2");
    assertThat(cache.stats().memory().misses()).isEqualTo(1);
  }

  @Test
  void get_refreshFails_servesTheValueOnAndTriesAgainAfterThePause() throws IOException {
    cache.get("a", this::load);
    time.advance(Duration.ofSeconds(80));
    cache.get("a", EarlyRefreshTest::fail);
    runBackground();
    time.advance(RETRY.minusNanos(1));
    assertThat(cache.get("a", this::load)).isEqualTo("a1");
    assertThat(background).isEmpty();
    time.advance(Duration.ofNanos(1));
    cache.get("a", this::load);
    runBackground();
    assertThat(cache.get("a", this::load)).isEqualTo("a2");
  }

  @Test
  void get_noThreadIsFree_servesTheValueOn() {
    try (var busy =
        builder()
            .earlyRefresh(EarlyRefresh.afterShare(0.5))
            .executor(
                task -> {
                  throw new java.util.concurrent.RejectedExecutionException();
                })
            .build()) {
      busy.get("a", this::load);
      time.advance(Duration.ofSeconds(60));
      assertThat(busy.get("a", this::load)).isEqualTo("a1");
    }
  }

  @Test
  void remove_duringARefresh_voidsIt() {
    cache.get("a", this::load);
    time.advance(Duration.ofSeconds(80));
    cache.get(
        "a",
        key -> {
          cache.remove("a");
          return "old";
        });
    runBackground();
    assertThat(cache.getIfPresent("a")).isNull();
    assertThat(cache.stats().loads().voidedFills()).isEqualTo(1);
  }

  @Test
  void put_duringARefresh_wins() {
    cache.get("a", this::load);
    time.advance(Duration.ofSeconds(80));
    cache.get(
        "a",
        key -> {
          cache.put("a", "put");
          return "old";
        });
    runBackground();
    assertThat(cache.getIfPresent("a")).isEqualTo("put");
  }

  @Test
  void invalidateTag_duringARefresh_voidsIt() {
    cache.fetch("a", (key, older) -> Loaded.of("first").tags("red"));
    time.advance(Duration.ofSeconds(80));
    cache.fetch(
        "a",
        (key, older) -> {
          cache.invalidateTag("red");
          return Loaded.of("old").tags("red");
        });
    runBackground();
    assertThat(cache.getIfPresent("a")).isNull();
    assertThat(cache.get("a", key -> "new")).isEqualTo("new");
  }

  @Test
  void clear_betweenTheReadAndTheRefresh_leavesTheNewValueAlone() {
    cache.get("a", this::load);
    time.advance(Duration.ofSeconds(80));
    cache.get("a", this::load);
    cache.clear();
    assertThat(cache.get("a", key -> "new")).isEqualTo("new");
    runBackground();
    assertThat(cache.getIfPresent("a")).isEqualTo("new");
  }

  @Test
  void fetch_unchanged_renewsTheValueAtHand() {
    cache.get("a", this::load);
    time.advance(Duration.ofSeconds(80));
    cache.fetch(
        "a",
        (key, older) -> {
          assertThat(older).isEqualTo("a1");
          return Loaded.unchanged();
        });
    runBackground();
    time.advance(Duration.ofSeconds(79));
    assertThat(cache.getIfPresent("a")).isEqualTo("a1");
  }

  @Test
  void get_refreshFindsThatThereIsNoValue_dropsIt() {
    cache.get("a", this::load);
    time.advance(Duration.ofSeconds(80));
    cache.get("a", key -> (String) null);
    runBackground();
    assertThat(cache.getIfPresent("a")).isNull();
  }

  @Test
  void getAll_severalAreDue_refreshesThemByOneLoad() {
    List<Set<String>> asked = new ArrayList<>();
    BulkLoader<String, String, RuntimeException> loader =
        keys -> {
          asked.add(keys);
          Map<String, String> values = new HashMap<>();
          keys.forEach(key -> values.put(key, key + asked.size()));
          return values;
        };
    cache.getAll(List.of("a", "b"), loader);
    time.advance(Duration.ofSeconds(50));
    cache.getAll(List.of("c"), loader);
    time.advance(Duration.ofSeconds(30));
    assertThat(cache.getAll(List.of("a", "b", "c"), loader))
        .containsExactly(entry("a", "a1"), entry("b", "b1"), entry("c", "c2"));
    assertThat(background).hasSize(1);
    runBackground();
    assertThat(asked).hasSize(3).last().isEqualTo(Set.of("a", "b"));
    assertThat(cache.getAll(List.of("a", "b", "c"), loader))
        .containsExactly(entry("a", "a3"), entry("b", "b3"), entry("c", "c2"));
    assertThat(cache.stats().loads().early()).isEqualTo(2);
  }

  @Test
  void getAll_refreshOfOneFails_refreshesTheOthers() {
    cache.get("a", this::load);
    cache.get("b", this::load);
    time.advance(Duration.ofSeconds(80));
    cache.fetchAll(
        List.of("a", "b"),
        keys -> Map.of("a", Loaded.failed(new IOException("no")), "b", Loaded.of("new")));
    runBackground();
    assertThat(cache.getIfPresent("a")).isEqualTo("a1");
    assertThat(cache.getIfPresent("b")).isEqualTo("new");
  }

  @Test
  void probabilistic_costOfALoad_decidesHowEarly() {
    try (var xfetch = builder().earlyRefresh(EarlyRefresh.probabilistic(1)).build()) {
      xfetch.get(
          "a",
          key -> {
            time.advance(Duration.ofSeconds(1));
            return "first";
          });
      time.advance(TTL.minusSeconds(25));
      IntStream.range(0, 1000).forEach(i -> xfetch.get("a", this::load));
      assertThat(background).as("25 times its cost before its end").isEmpty();
      time.advance(Duration.ofSeconds(25).minusNanos(1));
      assertThat(xfetch.get("a", this::load)).isEqualTo("first");
      assertThat(background).as("a moment before its end").hasSize(1);
      runBackground();
      assertThat(xfetch.getIfPresent("a")).isEqualTo("a1");
      xfetch.put("b", "put");
      time.advance(TTL.minusNanos(1));
      IntStream.range(0, 1000).forEach(i -> xfetch.get("b", this::load));
      assertThat(background).as("a put has no cost").isEmpty();
    }
  }

  /** At a distance d from the end a read refreshes with the probability exp(-d / (cost * beta)). */
  @Test
  void probabilistic_draws_followTheFormula() {
    for (double beta : new double[] {0.5, 1, 2}) {
      EarlyRefresh policy = EarlyRefresh.probabilistic(beta);
      long cost = 1_000_000;
      for (long left : new long[] {cost / 4, cost, 3 * cost}) {
        long due =
            IntStream.range(0, 40_000).filter(i -> policy.isDue(left, 100 * cost, cost)).count();
        double expected = Math.exp(-left / (cost * beta));
        assertThat(due / 40_000.0).isBetween(expected - 0.02, expected + 0.02);
      }
      assertThat(policy.windowNanos(1000 * cost, cost)).isGreaterThan((long) (20 * cost * beta));
      assertThat(policy.windowNanos(5, cost)).isEqualTo(5);
    }
  }

  @Test
  void options_outOfRange_areRefused() {
    assertThatThrownBy(() -> EarlyRefresh.afterShare(0.05))
        .hasMessage("share must be between 0.1 and 0.99 but was 0.05");
    assertThatThrownBy(() -> EarlyRefresh.probabilistic(0))
        .hasMessage("beta must be between 0.1 and 10.0 but was 0.0");
    assertThat(EarlyRefresh.afterShare(0.5))
        .isEqualTo(EarlyRefresh.afterShare(0.5))
        .hasSameHashCodeAs(EarlyRefresh.afterShare(0.5))
        .isNotEqualTo(EarlyRefresh.probabilistic(0.5))
        .hasToString("EarlyRefresh[after 0.5 of life]");
  }
}

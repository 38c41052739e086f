package dev.perfkit.cache;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import dev.perfkit.testkit.FakeTimeSource;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Proves what a read of many keys returns, loads, shares with others and keeps, in memory. */
class BulkReadsTest {

  private static final Duration TTL = Duration.ofMinutes(1);

  private final FakeTimeSource time = FakeTimeSource.create();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Set<String>> asked = new ArrayList<>();
  private final TieredCache<String, String> cache =
      TieredCache.<String, String>named("bulk")
          .timeToLive(TTL)
          .timeToLiveJitter(0)
          .serveStaleFor(Duration.ofHours(1))
          .waitForLoadAtMost(Duration.ofSeconds(20))
          .timeSource(time)
          .build();

  @AfterEach
  void stop() {
    threads.shutdownNow();
    cache.close();
  }

  private Map<String, String> load(Set<String> keys) {
    asked.add(new TreeSet<>(keys));
    Map<String, String> values = new HashMap<>();
    keys.forEach(key -> values.put(key, key + asked.size()));
    return values;
  }

  private static Map<String, String> fail(Set<String> keys) throws IOException {
    throw new IOException("the source is away");
  }

  @Test
  void getAll_someInMemory_loadsTheOthersAtOnceAndKeepsTheOrder() {
    cache.put("b", "put");
    Map<String, String> got = cache.getAll(List.of("c", "b", "a", "c"), this::load);
    assertThat(got).containsExactly(entry("c", "c1"), entry("b", "put"), entry("a", "a1"));
    assertThat(asked).containsExactly(Set.of("a", "c"));
    assertThat(cache.getAll(List.of("a", "b", "c"), this::load)).hasSize(3);
    assertThat(asked).hasSize(1);
    assertThat(cache.stats().memory().hits()).isEqualTo(4);
    assertThat(cache.stats().memory().misses()).isEqualTo(2);
    assertThat(cache.stats().loads().succeeded()).isEqualTo(2);
  }

  @Test
  void getAll_noKeys_isEmptyAndLoadsNothing() {
    assertThat(cache.getAll(List.of(), this::load)).isEmpty();
    assertThat(asked).isEmpty();
  }

  @Test
  void getAll_loaderLeavesSomeOutAndAddsOthers_returnsWhatWasAskedFor() {
    Map<String, String> got =
        cache.getAll(List.of("a", "b"), keys -> Map.of("a", "1", "extra", "2"));
    assertThat(got).containsExactly(entry("a", "1"));
    assertThat(cache.getIfPresent("extra")).isNull();
    assertThat(cache.stats().loads().absent()).isEqualTo(1);
  }

  @Test
  void getAll_loaderFails_throwsThatAndLeavesNothingBehind() {
    cache.put("a", "put");
    assertThatThrownBy(() -> cache.getAll(List.of("a", "b"), BulkReadsTest::fail))
        .isInstanceOf(IOException.class);
    assertThat(cache.getAll(List.of("a", "b"), this::load))
        .containsExactly(entry("a", "put"), entry("b", "b1"));
  }

  @Test
  void getAll_loaderFailsButAllHaveAFallback_servesThem() throws IOException {
    cache.getAll(List.of("a", "b"), this::load);
    time.advance(TTL);
    assertThat(cache.getAll(List.of("a", "b"), BulkReadsTest::fail))
        .containsExactly(entry("a", "a1"), entry("b", "b1"));
    assertThat(cache.stats().loads().staleServed()).isEqualTo(2);
    assertThat(cache.getAll(List.of("a"), BulkReadsTest::fail)).as("throttled").hasSize(1);
  }

  @Test
  void getAll_removedDuringTheLoad_keepsTheOthersOnly() {
    Map<String, String> got =
        cache.getAll(
            List.of("a", "b"),
            keys -> {
              cache.remove("a");
              return load(keys);
            });
    assertThat(got).hasSize(2);
    assertThat(cache.getIfPresent("a")).isNull();
    assertThat(cache.getIfPresent("b")).isEqualTo("b1");
  }

  @Test
  void getAll_loaderAsksForAKeyItIsLoading_isAClearError() {
    assertThatThrownBy(
            () ->
                cache.getAll(
                    List.of("a"), keys -> Map.of("a", cache.get("a", key -> "x") + "never")))
        .isInstanceOf(CacheException.class)
        .hasMessageContaining("very key");
    assertThat(cache.getAll(List.of("a"), this::load)).hasSize(1);
  }

  @Test
  void getAll_keysOfASingleLoadUnderWay_joinsIt() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    Future<String> single =
        threads.submit(
            () ->
                cache.get(
                    "a",
                    key -> {
                      started.countDown();
                      go.await();
                      return "single";
                    }));
    started.await();
    Future<Map<String, String>> many =
        threads.submit(
            () ->
                cache.getAll(
                    List.of("a", "b"),
                    keys -> {
                      go.countDown();
                      return load(keys);
                    }));
    assertThat(many.get(20, SECONDS)).containsExactly(entry("a", "single"), entry("b", "b1"));
    assertThat(single.get(20, SECONDS)).isEqualTo("single");
    assertThat(asked).containsExactly(Set.of("b"));
  }

  @Test
  void getAll_twoThatWantEachOthersKeys_doNotWaitForEachOther() throws Exception {
    for (int round = 0; round < 200; round++) {
      List<String> there = List.of("x" + round, "y" + round, "z" + round);
      List<String> back = List.of("z" + round, "y" + round, "x" + round);
      Future<Map<String, String>> one = threads.submit(() -> cache.getAll(there, this::echo));
      Future<Map<String, String>> two = threads.submit(() -> cache.getAll(back, this::echo));
      assertThat(one.get(10, SECONDS)).hasSize(3);
      assertThat(two.get(10, SECONDS)).hasSize(3);
    }
    assertThat(cache.stats().loads().succeeded()).as("each key once").isEqualTo(600);
  }

  private Map<String, String> echo(Set<String> keys) {
    Map<String, String> values = new HashMap<>();
    keys.forEach(key -> values.put(key, key));
    return values;
  }

  @Test
  void putAll_storesEach() {
    cache.putAll(Map.of("a", "1", "b", "2"));
    assertThat(cache.getIfPresent("a")).isEqualTo("1");
    assertThat(cache.getIfPresent("b")).isEqualTo("2");
  }

  @Test
  @SuppressWarnings("NullAway") // null on purpose
  void nulls_areRefusedByName() {
    List<String> withNull = new ArrayList<>();
    withNull.add("a");
    withNull.add(null);
    assertThatThrownBy(() -> cache.getAll(withNull, this::load)).hasMessage("key");
    assertThatThrownBy(() -> cache.getAll(List.of("a"), null)).hasMessage("loader");
    assertThatThrownBy(() -> cache.getAll(List.of("a"), keys -> null)).hasMessage("values");
    assertThat(cache.getAll(List.of("a"), this::load)).as("nothing is left").hasSize(1);
  }
}

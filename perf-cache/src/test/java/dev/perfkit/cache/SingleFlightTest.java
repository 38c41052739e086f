package dev.perfkit.cache;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.perfkit.testkit.FakeTimeSource;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Proves that the misses of one key at a time load once, whatever becomes of the load. */
class SingleFlightTest {

  private static final Duration TTL = Duration.ofMinutes(1);

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final FakeTimeSource time = FakeTimeSource.create();
  private final AtomicInteger loads = new AtomicInteger();
  private final CountDownLatch started = new CountDownLatch(1);
  private final CountDownLatch go = new CountDownLatch(1);
  private final TieredCache<String, String> cache = builder().build();

  private TieredCacheBuilder<String, String> builder() {
    return TieredCache.<String, String>named("flights")
        .timeToLive(TTL)
        .timeToLiveJitter(0)
        .serveStaleFor(Duration.ofHours(1))
        .timeSource(time);
  }

  @AfterEach
  void stop() {
    go.countDown();
    threads.shutdownNow();
    cache.close();
  }

  /** Loads when told to go on. */
  private String slow(String key) throws InterruptedException {
    loads.incrementAndGet();
    started.countDown();
    go.await();
    return key + "!";
  }

  private Future<@Nullable String> leader(TieredCache<String, String> of) throws Exception {
    Future<@Nullable String> leader = threads.submit(() -> of.get("a", this::slow));
    assertThat(started.await(10, SECONDS)).isTrue();
    return leader;
  }

  private void awaitJoined(TieredCache<String, String> of, int count) {
    await().until(() -> of.stats().loads().joined() == count);
  }

  @Test
  void get_manyThreadsMissOneKey_loadOnceAndAllGetTheValue() throws Exception {
    List<Future<@Nullable String>> reads = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      reads.add(threads.submit(() -> cache.get("a", this::slow)));
    }
    awaitJoined(cache, 31);
    go.countDown();
    for (Future<@Nullable String> read : reads) {
      assertThat(read.get(10, SECONDS)).isEqualTo("a!");
    }
    assertThat(loads).hasValue(1);
    assertThat(cache.stats().memory().entries()).as("no marker is left").isEqualTo(1);
  }

  @Test
  void get_memoryFullOfOtherKeys_theMarkerIsNotEvicted() throws Exception {
    try (var small = builder().memory(Memory.entries(10)).executor(Runnable::run).build()) {
      Future<@Nullable String> leader = leader(small);
      for (int i = 0; i < 1000; i++) {
        small.put("k" + i, "v");
      }
      Future<@Nullable String> other = threads.submit(() -> small.get("a", this::slow));
      awaitJoined(small, 1);
      go.countDown();
      assertThat(leader.get(10, SECONDS)).isEqualTo(other.get(10, SECONDS));
      assertThat(loads).hasValue(1);
    }
  }

  @Test
  void get_loadFails_allWithThatLoaderGetItsException() throws Exception {
    IOException failure = new IOException("no");
    Loader<String, String, Exception> failing =
        key -> {
          slow(key);
          throw failure;
        };
    Future<@Nullable String> leader = threads.submit(() -> cache.get("a", failing));
    Future<@Nullable String> other = threads.submit(() -> cache.get("a", failing));
    awaitJoined(cache, 1);
    go.countDown();
    assertThatThrownBy(() -> leader.get(10, SECONDS)).hasCause(failure);
    assertThatThrownBy(() -> other.get(10, SECONDS)).hasCause(failure);
    assertThat(loads).hasValue(1);
    assertThat(cache.stats().memory().entries()).isZero();
  }

  @Test
  void get_loadOfAnotherLoaderFailsChecked_isWrappedAsTheCallerMayNotKnowIt() throws Exception {
    IOException failure = new IOException("no");
    Future<@Nullable String> leader =
        threads.submit(
            () ->
                cache.get(
                    "a",
                    key -> {
                      slow(key);
                      throw failure;
                    }));
    assertThat(started.await(10, SECONDS)).isTrue();
    Future<@Nullable String> other = threads.submit(() -> cache.get("a", key -> "unused"));
    awaitJoined(cache, 1);
    go.countDown();
    assertThatThrownBy(() -> leader.get(10, SECONDS)).hasCause(failure);
    assertThatThrownBy(() -> other.get(10, SECONDS))
        .cause()
        .isInstanceOf(CacheException.class)
        .hasMessageContaining("'flights'")
        .hasCause(failure);
  }

  @Test
  void get_leaderInterrupted_anotherTakesOver() throws Exception {
    CompletableFuture<Thread> thread = new CompletableFuture<>();
    Future<@Nullable String> leader =
        threads.submit(
            () -> {
              thread.complete(Thread.currentThread());
              return cache.get("a", this::slow);
            });
    assertThat(started.await(10, SECONDS)).isTrue();
    Future<@Nullable String> other = threads.submit(() -> cache.get("a", key -> "mine"));
    awaitJoined(cache, 1);
    thread.get().interrupt();
    assertThatThrownBy(() -> leader.get(10, SECONDS))
        .hasCauseInstanceOf(InterruptedException.class);
    assertThat(other.get(10, SECONDS)).isEqualTo("mine");
    assertThat(cache.getIfPresent("a")).isEqualTo("mine");
  }

  @Test
  void get_waiterInterrupted_isToldAndKeepsTheInterrupt() throws Exception {
    Future<@Nullable String> unused = leader(cache);
    CompletableFuture<Thread> thread = new CompletableFuture<>();
    Future<Boolean> waiter =
        threads.submit(
            () -> {
              thread.complete(Thread.currentThread());
              assertThatThrownBy(() -> cache.get("a", key -> "unused"))
                  .isInstanceOf(CacheException.class)
                  .hasMessageContaining("interrupted");
              return Thread.currentThread().isInterrupted();
            });
    awaitJoined(cache, 1);
    thread.get().interrupt();
    assertThat(waiter.get(10, SECONDS)).isTrue();
  }

  @Test
  void get_leaderBlocksTooLong_aWaiterTakesTheLeadAndTheOldLoadIsVoid() throws Exception {
    try (var impatient = builder().waitForLoadAtMost(Duration.ofMillis(50)).build()) {
      Future<@Nullable String> leader = leader(impatient);
      assertThat(impatient.get("a", key -> "mine")).isEqualTo("mine");
      go.countDown();
      assertThat(leader.get(10, SECONDS)).isEqualTo("a!");
      assertThat(impatient.getIfPresent("a")).isEqualTo("mine");
      assertThat(impatient.stats().loads().voidedFills()).isEqualTo(1);
    }
  }

  @Test
  void get_leaderBlocksTooLongWithFallback_servesIt() throws Exception {
    try (var impatient = builder().waitForLoadAtMost(Duration.ofMillis(50)).build()) {
      impatient.put("a", "old");
      time.advance(TTL);
      Future<@Nullable String> unused = leader(impatient);
      assertThat(impatient.get("a", key -> "unused")).isEqualTo("old");
      assertThat(impatient.stats().loads().staleServed()).isEqualTo(1);
    }
  }

  @Test
  void get_twoLoadersWaitForEachOther_endInTime() throws Exception {
    try (var impatient = builder().waitForLoadAtMost(Duration.ofMillis(100)).build()) {
      CountDownLatch both = new CountDownLatch(2);
      Future<@Nullable String> one = threads.submit(() -> circular(impatient, "a", "b", both));
      Future<@Nullable String> two = threads.submit(() -> circular(impatient, "b", "a", both));
      for (Future<@Nullable String> each : List.of(one, two)) {
        try {
          assertThat(each.get(10, SECONDS)).isEqualTo("never");
        } catch (ExecutionException ended) {
          assertThat(ended).hasCauseInstanceOf(CacheException.class);
        }
      }
      impatient.remove("a");
      assertThat(impatient.get("a", key -> "fine")).isEqualTo("fine");
    }
  }

  private static @Nullable String circular(
      TieredCache<String, String> of, String key, String needs, CountDownLatch both)
      throws InterruptedException {
    return of.get(
        key,
        k -> {
          both.countDown();
          both.await();
          return of.get(needs, n -> of.get(key, again -> "never"));
        });
  }

  @Test
  void remove_duringALoad_laterReadersDoNotJoinIt() throws Exception {
    Future<@Nullable String> leader = leader(cache);
    cache.remove("a");
    assertThat(cache.get("a", key -> "new")).isEqualTo("new");
    go.countDown();
    assertThat(leader.get(10, SECONDS)).isEqualTo("a!");
    assertThat(cache.getIfPresent("a")).isEqualTo("new");
  }

  @Test
  void put_duringALoad_wins() throws Exception {
    Future<@Nullable String> leader = leader(cache);
    cache.put("a", "put");
    assertThat(cache.getIfPresent("a")).isEqualTo("put");
    go.countDown();
    assertThat(leader.get(10, SECONDS)).isEqualTo("a!");
    assertThat(cache.getIfPresent("a")).isEqualTo("put");
  }

  @Test
  void getIfPresent_duringALoad_doesNotWait() throws Exception {
    Future<@Nullable String> unused = leader(cache);
    assertThat(cache.getIfPresent("a")).isNull();
  }
}

package dev.perfkit.cache;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.perfkit.testkit.FakeTimeSource;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Proves that the operations that return futures do what the others do, that those who wait for a
 * load take no thread, and that nobody ends a load by giving up a future.
 */
class AsyncTieredCacheTest {

  private static final Duration TTL = Duration.ofMinutes(1);

  private final FakeTimeSource time = FakeTimeSource.create();
  private final Queue<Runnable> background = new ArrayDeque<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicInteger loads = new AtomicInteger();
  private final CountDownLatch go = new CountDownLatch(1);
  private final TieredCache<String, String> cache = builder().executor(background::add).build();
  private final AsyncTieredCache<String, String> async = cache.async();

  private TieredCacheBuilder<String, String> builder() {
    return TieredCache.<String, String>named("async")
        .timeToLive(TTL)
        .timeToLiveJitter(0)
        .serveStaleFor(Duration.ofHours(1))
        .timeSource(time);
  }

  @AfterEach
  void stop() {
    go.countDown();
    cache.close();
    threads.shutdownNow();
  }

  private String load(String key) {
    return key + loads.incrementAndGet();
  }

  private void runBackground() {
    for (Runnable task = background.poll(); task != null; task = background.poll()) {
      task.run();
    }
  }

  private <T> T done(CompletableFuture<T> future) {
    runBackground();
    assertThat(future).isDone();
    return future.join();
  }

  @Test
  void get_inMemory_isThereAtOnce() {
    cache.put("a", "v");
    assertThat(async.get("a", this::load)).isCompletedWithValue("v");
    assertThat(async.getIfPresent("a")).isCompletedWithValue("v");
    assertThat(async.getIfPresent("b")).isCompletedWithValue(null);
    assertThat(background).isEmpty();
    assertThat(cache.stats().memory().hits()).isEqualTo(2);
  }

  @Test
  void get_thousandMissesOfOneKey_takeOneTaskAndOneLoad() {
    List<CompletableFuture<@Nullable String>> reads = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      reads.add(async.get("a", this::load));
    }
    assertThat(background).as("tasks").hasSize(1);
    runBackground();
    assertThat(reads).allSatisfy(read -> assertThat(read).isCompletedWithValue("a1"));
    assertThat(cache.stats().loads().joined()).isEqualTo(999);
    assertThat(cache.stats().memory().entries()).isEqualTo(1);
  }

  @Test
  void get_cancelledByTheFirst_loadsForTheOthersAndKeepsTheValue() {
    CompletableFuture<@Nullable String> first = async.get("a", this::load);
    CompletableFuture<@Nullable String> second = async.get("a", this::load);
    CompletableFuture<@Nullable String> third = async.get("a", this::load);
    assertThat(first.cancel(true)).isTrue();
    assertThat(second.cancel(true)).isTrue();
    assertThat(done(third)).isEqualTo("a1");
    assertThat(cache.getIfPresent("a")).isEqualTo("a1");
    assertThat(first).isCancelled();
  }

  @Test
  void get_loaderFails_failsWithItsExceptionForAll() {
    IOException failure = new IOException("no");
    Loader<String, String, IOException> failing =
        key -> {
          throw failure;
        };
    CompletableFuture<@Nullable String> first = async.get("a", failing);
    CompletableFuture<@Nullable String> second = async.get("a", failing);
    CompletableFuture<@Nullable String> other = async.get("a", this::load);
    runBackground();
    assertThat(first).isCompletedExceptionally();
    assertThatThrownBy(first::join).hasCause(failure);
    assertThatThrownBy(second::join).hasCause(failure);
    assertThatThrownBy(other::join)
        .as("another loader")
        .hasCauseInstanceOf(CacheException.class)
        .hasRootCause(failure);
    assertThat(done(async.get("a", this::load))).isEqualTo("a1");
  }

  @Test
  void get_loaderReturnsNull_isNull() {
    assertThat(done(async.get("a", key -> (String) null))).isNull();
    assertThat(cache.stats().memory().entries()).isZero();
  }

  @Test
  void get_removedDuringTheLoad_isLoadedAgainForThoseWhoCameAfter() {
    CompletableFuture<@Nullable String> before =
        async.get(
            "a",
            key -> {
              cache.remove("a");
              return "old";
            });
    assertThat(done(before)).isEqualTo("old");
    assertThat(cache.getIfPresent("a")).isNull();
    CompletableFuture<@Nullable String> first = async.get("a", this::load);
    cache.remove("a");
    CompletableFuture<@Nullable String> after = async.get("a", key -> "new");
    runBackground();
    assertThat(first).isCompletedWithValue("a1");
    assertThat(after).isCompletedWithValue("new");
    assertThat(cache.getIfPresent("a")).isEqualTo("new");
  }

  @Test
  void get_besideABlockingLoad_waitsForIt() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    var blocking =
        threads.submit(
            () ->
                cache.get(
                    "a",
                    key -> {
                      started.countDown();
                      go.await();
                      return "v";
                    }));
    assertThat(started.await(10, SECONDS)).isTrue();
    CompletableFuture<@Nullable String> read = async.get("a", this::load);
    assertThat(read).isNotDone();
    assertThat(background).isEmpty();
    go.countDown();
    assertThat(read.get(10, SECONDS)).isEqualTo("v");
    assertThat(blocking.get(10, SECONDS)).isEqualTo("v");
  }

  @Test
  void get_softAndHardTimeout_endTheFutureAndNotTheLoad() throws Exception {
    try (var limited =
        builder()
            .executor(threads)
            .softTimeout(Duration.ofMillis(10))
            .hardTimeout(Duration.ofMillis(20))
            .build()) {
      Loader<String, String, InterruptedException> slow =
          key -> {
            go.await();
            return "new";
          };
      assertThatThrownBy(() -> limited.async().get("a", slow).get(10, SECONDS))
          .hasCauseInstanceOf(LoadTimeoutException.class);
      limited.put("b", "old");
      time.advance(TTL);
      assertThat(limited.async().get("b", slow).get(10, SECONDS)).isEqualTo("old");
      go.countDown();
      await().until(() -> "new".equals(limited.getIfPresent("a")));
      await().until(() -> "new".equals(limited.getIfPresent("b")));
    }
  }

  @Test
  void operations_thatWrite_doAsTheOthersDo() {
    done(async.put("a", "1"));
    done(async.putAll(Map.of("b", "2")));
    done(async.putLoaded("c", Loaded.of("3").tags("red")));
    assertThat(done(async.getAll(List.of("a", "b", "c"), keys -> Map.of()))).hasSize(3);
    done(async.remove("a"));
    assertThat(cache.getIfPresent("a")).isNull();
    done(async.invalidateTag("red"));
    assertThat(cache.getIfPresent("c")).isNull();
    assertThat(done(async.fetch("c", (key, older) -> Loaded.of("4").tags("red")))).isEqualTo("4");
    done(async.expireTag("red"));
    assertThat(cache.getIfPresent("c")).isNull();
    done(async.clear());
    assertThat(cache.getIfPresent("b")).isNull();
    assertThat(done(async.fetchAll(List.of("d"), keys -> Map.of("d", Loaded.of("5")))))
        .containsEntry("d", "5");
    done(async.expireAll());
    assertThat(cache.getIfPresent("d")).isNull();
  }

  @Test
  void executor_full_failsTheFutureAndLeavesNothingBehind() {
    try (var busy =
        builder()
            .executor(
                task -> {
                  throw new RejectedExecutionException();
                })
            .build()) {
      assertThatThrownBy(() -> busy.async().get("a", this::load).join())
          .hasCauseInstanceOf(CacheException.class)
          .hasMessageContaining("no thread");
      assertThatThrownBy(() -> busy.async().put("a", "v").join())
          .hasCauseInstanceOf(CacheException.class);
      assertThat(busy.stats().memory().entries()).isZero();
    }
  }

  @Test
  void get_withoutASourceOrClosed_saysSoAtOnce() {
    assertThatThrownBy(() -> async.get("a"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no source");
    cache.close();
    assertThatThrownBy(() -> async.get("a", this::load)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void get_withASource_loadsFromThere() {
    SourceOfTruth<String, String> source =
        new SourceOfTruth<>() {
          @Override
          public String load(String key) {
            return "from the source";
          }

          @Override
          public void store(String key, String value) {}
        };
    try (var sourced = builder().executor(background::add).source(source).build()) {
      assertThat(done(sourced.async().get("a"))).isEqualTo("from the source");
    }
  }
}

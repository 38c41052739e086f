package dev.perfkit.cache;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.perfkit.testkit.FakeTimeSource;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Proves that a caller waits no longer than its limits while the load goes on and is kept. Loads
 * end when they are told to, so no test depends on how long anything takes.
 */
class TimeoutsTest {

  private static final Duration TTL = Duration.ofMinutes(1);
  private static final Duration SHORT = Duration.ofMillis(20);

  private final FakeTimeSource time = FakeTimeSource.create();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicInteger loads = new AtomicInteger();
  private final CountDownLatch started = new CountDownLatch(1);
  private final CountDownLatch go = new CountDownLatch(1);
  private final TieredCache<String, String> soft = builder("soft").softTimeout(SHORT).build();
  private final TieredCache<String, String> hard = builder("hard").hardTimeout(SHORT).build();

  private TieredCacheBuilder<String, String> builder(String name) {
    return TieredCache.<String, String>named(name)
        .timeToLive(TTL)
        .timeToLiveJitter(0)
        .serveStaleFor(Duration.ofHours(1))
        .timeSource(time);
  }

  @AfterEach
  void stop() {
    go.countDown();
    soft.close();
    hard.close();
    threads.shutdownNow();
  }

  private String slow(String key) throws InterruptedException {
    started.countDown();
    go.await();
    return key + loads.incrementAndGet();
  }

  private static String fail(String key) throws IOException {
    throw new IOException("the source is away");
  }

  @Test
  void softTimeout_olderValue_isServedAndTheLoadIsKept() throws Exception {
    soft.put("a", "old");
    time.advance(TTL);
    assertThat(soft.get("a", this::slow)).isEqualTo("old");
    assertThat(started.await(10, SECONDS)).isTrue();
    assertThat(soft.get("a", this::slow)).as("another reader").isEqualTo("old");
    assertThat(soft.getAll(List.of("a"), keys -> Map.of())).containsEntry("a", "old");
    assertThat(soft.stats().loads().staleServed()).isEqualTo(3);
    go.countDown();
    await().until(() -> "a1".equals(soft.getIfPresent("a")));
    assertThat(loads).hasValue(1);
  }

  @Test
  void softTimeout_noOlderValue_waitsForTheLoad() throws Exception {
    Future<@Nullable String> read = threads.submit(() -> soft.get("a", this::slow));
    assertThat(started.await(10, SECONDS)).isTrue();
    Future<@Nullable String> other = threads.submit(() -> soft.get("a", this::slow));
    await().until(() -> soft.stats().loads().joined() == 1);
    go.countDown();
    assertThat(read.get(10, SECONDS)).isEqualTo("a1");
    assertThat(other.get(10, SECONDS)).isEqualTo("a1");
  }

  @Test
  void softTimeout_removedMeanwhile_neitherServesNorKeepsTheOldValue() throws Exception {
    soft.put("a", "old");
    time.advance(TTL);
    assertThat(soft.get("a", this::slow)).isEqualTo("old");
    assertThat(started.await(10, SECONDS)).isTrue();
    soft.remove("a");
    assertThat(soft.get("a", key -> "new")).isEqualTo("new");
    go.countDown();
    await().until(() -> soft.stats().loads().voidedFills() == 1);
    assertThat(soft.getIfPresent("a")).isEqualTo("new");
  }

  @Test
  void softTimeout_loadFailsInTime_servesTheOlderValueOnce() throws Exception {
    try (var patient = builder("patient").softTimeout(Duration.ofMinutes(1)).build()) {
      patient.put("a", "old");
      time.advance(TTL);
      assertThat(patient.get("a", TimeoutsTest::fail)).isEqualTo("old");
      assertThat(patient.stats().loads().staleServed()).isEqualTo(1);
      assertThat(patient.get("a", key -> "unused")).as("throttled").isEqualTo("old");
    }
  }

  @Test
  void hardTimeout_noOlderValue_throwsAndTheLoadIsKept() throws Exception {
    assertThatThrownBy(() -> hard.get("a", this::slow))
        .isInstanceOf(LoadTimeoutException.class)
        .isInstanceOf(CacheException.class)
        .hasMessageContaining("'hard'")
        .hasMessageContaining("20 ms");
    assertThatThrownBy(() -> hard.get("a", this::slow))
        .as("another reader")
        .isInstanceOf(LoadTimeoutException.class);
    assertThatThrownBy(() -> hard.getAll(List.of("b"), keys -> Map.of("b", slow("b"))))
        .isInstanceOf(LoadTimeoutException.class);
    assertThat(hard.stats().loads().timedOut()).isEqualTo(3);
    go.countDown();
    await().until(() -> hard.getIfPresent("a") != null && hard.getIfPresent("b") != null);
    assertThat(loads).hasValue(2);
  }

  @Test
  void hardTimeout_olderValue_isServed() throws Exception {
    hard.put("a", "old");
    time.advance(TTL);
    assertThat(hard.get("a", this::slow)).isEqualTo("old");
  }

  @Test
  void hardTimeout_loadInTime_isAsWithoutOne() throws Exception {
    try (var patient = builder("patient").hardTimeout(Duration.ofMinutes(1)).build()) {
      IOException failure = new IOException("no");
      assertThat(patient.get("a", key -> "v")).isEqualTo("v");
      assertThat(patient.get("none", key -> (String) null)).isNull();
      assertThat(patient.getAll(List.of("a", "b", "none"), keys -> Map.of("b", "w")))
          .isEqualTo(Map.of("a", "v", "b", "w"));
      assertThatThrownBy(
              () ->
                  patient.get(
                      "c",
                      key -> {
                        throw failure;
                      }))
          .isSameAs(failure);
      assertThatThrownBy(() -> patient.getAll(List.of("c"), keys -> Map.of("c", fail("c"))))
          .isInstanceOf(IOException.class);
      assertThatThrownBy(() -> patient.get("d", key -> patient.get("d", k -> "never")))
          .as("its own key, on another thread")
          .isInstanceOf(CacheException.class)
          .hasMessageContaining("very key");
      assertThat(patient.get("d", key -> patient.get("e", k -> "other"))).isEqualTo("other");
      assertThat(patient.stats().memory().entries()).as("no marker is left").isEqualTo(4);
    }
  }

  @Test
  void hardTimeout_loadInterruptedInTheBackground_isAskedOnceMore() throws Exception {
    try (var patient = builder("patient").hardTimeout(Duration.ofMinutes(1)).build()) {
      AtomicInteger calls = new AtomicInteger();
      assertThat(
              patient.get(
                  "a",
                  key -> {
                    if (calls.incrementAndGet() == 1) {
                      throw new InterruptedException();
                    }
                    return "second";
                  }))
          .isEqualTo("second");
    }
  }

  @Test
  void callerInterrupted_whileTheLoadGoesOn_isToldAndTheLoadIsKept() throws Exception {
    try (var patient = builder("patient").hardTimeout(Duration.ofMinutes(1)).build()) {
      Thread caller =
          new Thread(
              () ->
                  assertThatThrownBy(() -> patient.get("a", this::slow))
                      .isInstanceOf(CacheException.class)
                      .hasMessageContaining("interrupted"));
      caller.start();
      assertThat(started.await(10, SECONDS)).isTrue();
      caller.interrupt();
      caller.join(10_000);
      assertThat(caller.isAlive()).isFalse();
      go.countDown();
      await().until(() -> "a1".equals(patient.getIfPresent("a")));
    }
  }

  @Test
  void noThreadIsFree_servesAnOlderValueOrThrows() throws Exception {
    try (var busy =
        builder("busy")
            .hardTimeout(SHORT)
            .softTimeout(SHORT)
            .executor(
                task -> {
                  throw new RejectedExecutionException();
                })
            .build()) {
      assertThatThrownBy(() -> busy.get("a", this::slow)).isInstanceOf(LoadTimeoutException.class);
      busy.put("a", "old");
      time.advance(TTL);
      assertThat(busy.get("a", this::slow)).isEqualTo("old");
      assertThat(busy.getAll(List.of("a"), keys -> Map.of())).containsEntry("a", "old");
      assertThat(busy.stats().memory().entries()).as("no marker is left").isEqualTo(1);
    }
  }

  @Test
  void options_thatContradictEachOther_areRefused() {
    assertThatThrownBy(
            () ->
                TieredCache.named("x")
                    .softTimeout(Duration.ofSeconds(2))
                    .hardTimeout(Duration.ofSeconds(1))
                    .build())
        .hasMessageContaining("softTimeout must be used together with serveStaleFor(...)")
        .hasMessageContaining("softTimeout must not be over hardTimeout, PT1S");
    assertThatThrownBy(() -> TieredCache.named("x").softTimeout(Duration.ZERO))
        .hasMessageContaining("softTimeout");
    assertThatThrownBy(() -> TieredCache.named("x").hardTimeout(Duration.ofHours(2)))
        .hasMessageContaining("hardTimeout");
  }
}

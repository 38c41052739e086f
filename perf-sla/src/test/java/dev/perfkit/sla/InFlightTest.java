package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import dev.perfkit.testkit.RecordingTelemetry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Proves that a request that runs counts once: as bad from the moment it passes a threshold, as a
 * failure when it is abandoned, and otherwise at its end.
 */
final class InFlightTest {

  private static final Slo FAST = Slo.latency(0.9, Duration.ofMillis(200));
  private static final Slo NOT_SLOW = Slo.latency(0.99, Duration.ofSeconds(2));
  private static final Slo AVAILABLE = Slo.availability(0.9);

  private final FakeTimeSource time = FakeTimeSource.create();
  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private final SlaMonitor monitor =
      SlaMonitor.named("test")
          .timeSource(time)
          .scheduler(FakeScheduler.on(time))
          .telemetry(telemetry)
          .expireAfter(Duration.ofMinutes(1))
          .build();
  private final Service api = monitor.service("api", AVAILABLE, FAST, NOT_SLOW);

  @AfterEach
  void close() {
    monitor.close();
  }

  @Test
  void start_pastAThreshold_isBadAtOnceAndNotAgainAtItsEnd() {
    long started = api.start();
    time.advance(Duration.ofMillis(200));
    assertTotals(FAST, 0, 0);
    time.advance(Duration.ofMillis(125));
    assertTotals(FAST, 0, 1);
    assertTotals(NOT_SLOW, 0, 0);
    assertThat(api.window(Window.ONE_MINUTE).count()).isZero();
    time.advance(Duration.ofSeconds(2));
    assertTotals(NOT_SLOW, 0, 1);
    api.end(started, Outcome.success());
    assertTotals(FAST, 0, 1);
    assertTotals(NOT_SLOW, 0, 1);
    assertThat(api.window(Window.ONE_MINUTE).count()).isEqualTo(1);
    assertThat(api.compliance(AVAILABLE).good()).isEqualTo(1);
  }

  @Test
  void start_pastAThreshold_countsInTheSlotWhereItPassed() {
    long started = api.start();
    time.advance(Duration.ofSeconds(30));
    assertThat(api.compliance(FAST, Window.TEN_SECONDS).bad()).isZero();
    assertThat(api.compliance(FAST, Window.ONE_MINUTE).bad()).isEqualTo(1);
    api.end(started, Outcome.success());
    time.advance(Duration.ofSeconds(1));
    assertThat(api.compliance(FAST, Window.TEN_SECONDS).bad()).isZero();
    assertThat(api.compliance(FAST, Window.ONE_MINUTE).bad()).isEqualTo(1);
    assertThat(api.window(Window.TEN_SECONDS).count()).isEqualTo(1);
  }

  @Test
  void end_slowBeforeTheTick_isCountedAtItsEnd() {
    time.advance(Duration.ofMillis(10));
    Slo tight = Slo.latency(0.9, Duration.ofMillis(20));
    Service quick = monitor.service("quick", tight);
    long started = quick.start();
    time.advance(Duration.ofMillis(50));
    quick.end(started, Outcome.success());
    assertThat(quick.compliance(tight).bad()).isEqualTo(1);
    time.advance(Duration.ofSeconds(5));
    assertThat(quick.compliance(tight).bad()).isEqualTo(1);
  }

  @Test
  void start_neverEnded_isAFailureWhenItExpires() {
    long started = api.start();
    time.advance(Duration.ofSeconds(59));
    assertThat(api.inFlight()).isEqualTo(1);
    assertThat(api.compliance(AVAILABLE).bad()).isZero();
    time.advance(Duration.ofSeconds(2));
    assertThat(api.inFlight()).isZero();
    assertThat(api.compliance(AVAILABLE).bad()).isEqualTo(1);
    assertTotals(FAST, 0, 1);
    assertThat(api.window(Window.FIVE_MINUTES).percentile(1).orElseThrow())
        .isBetween(Duration.ofSeconds(58), Duration.ofSeconds(62));
    api.end(started, Outcome.success());
    assertThat(api.window(Window.FIVE_MINUTES).count()).isEqualTo(1);
    assertThat(telemetry.count("sla.ends.ignored")).isEqualTo(1);
  }

  @Test
  void end_twice_countsOnce() {
    long started = api.start();
    time.advance(Duration.ofMillis(3));
    api.end(started, Outcome.success());
    api.end(started, Outcome.success());
    api.end(7L << 12 | 4_000, Outcome.success());
    assertThat(api.window(Window.ONE_MINUTE).count()).isEqualTo(1);
    assertThat(telemetry.count("sla.ends.ignored")).isEqualTo(2);
  }

  @Test
  void start_moreThanHavePlaces_areCountedAtTheirEnd() {
    List<Long> started = new ArrayList<>();
    for (int i = 0; i < 2 * InFlight.MOST; i++) {
      started.add(api.start());
    }
    assertThat(api.inFlight()).isBetween(InFlight.MOST / 16, InFlight.MOST);
    time.advance(Duration.ofSeconds(1));
    started.forEach(one -> api.end(one, Outcome.success()));
    assertThat(api.inFlight()).isZero();
    assertThat(api.window(Window.ONE_MINUTE).count()).isEqualTo(2 * InFlight.MOST);
    assertTotals(FAST, 0, 2 * InFlight.MOST);
  }

  @Test
  void start_after60Days_stillMeasures() {
    Layout layout = Layout.withThresholds(List.of(200_000_000L));
    StripedCells cells = new StripedCells(layout, false, amount -> {});
    long day = Duration.ofDays(1).toNanos();
    InFlight inFlight = new InFlight(layout, cells, day, amount -> {});
    long before = inFlight.start(52 * day);
    long after = inFlight.start(60 * day);
    inFlight.tick(60 * day);
    assertThat(inFlight.size()).isEqualTo(1);
    inFlight.end(after, 60 * day + 5_000_000, Outcome.success());
    inFlight.end(before, 60 * day, Outcome.success());
    assertThat(inFlight.size()).isZero();
  }

  @Test
  void startAndEnd_ofManyThreadsRacingWithTicks_countsEachOnce() throws Exception {
    Layout layout = Layout.withThresholds(List.of(1_000_000L));
    StripedCells cells = new StripedCells(layout, false, amount -> {});
    InFlight inFlight = new InFlight(layout, cells, 3_000_000, amount -> {});
    int threads = 4;
    int times = 50_000;
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      CountDownLatch ready = new CountDownLatch(threads);
      List<Future<?>> all = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        all.add(
            executor.submit(
                () -> {
                  ready.countDown();
                  ready.await();
                  for (int i = 0; i < times; i++) {
                    long started = inFlight.start(0);
                    inFlight.end(started, 1_500_000, Outcome.success());
                  }
                  return times;
                }));
      }
      do {
        inFlight.tick(2_000_000);
        inFlight.tick(4_000_000);
      } while (!all.stream().allMatch(Future::isDone));
      for (Future<?> one : all) {
        one.get(60, TimeUnit.SECONDS);
      }
    } finally {
      executor.shutdownNow();
    }
    long[] counts = new long[layout.cells()];
    cells.read(counts);
    long requests = 0;
    for (int cell = 0; cell < layout.statusCell(1); cell++) {
      requests += counts[cell];
    }
    assertThat(requests).isEqualTo((long) threads * times);
    assertThat(counts[layout.passedCell(0)]).isEqualTo(counts[layout.settledCell(0)]);
    assertThat(inFlight.size()).isZero();
  }

  @Test
  void call_returnsAndThrows_countsTheOutcome() throws Exception {
    assertThat(api.call(() -> 7)).isEqualTo(7);
    assertThat(api.call(() -> 503, Outcome::status)).isEqualTo(503);
    assertThatThrownBy(
            () ->
                api.call(
                    () -> {
                      throw new IOException("away");
                    }))
        .isInstanceOf(IOException.class);
    api.run(() -> {});
    assertThatThrownBy(
            () ->
                api.run(
                    () -> {
                      throw new IllegalStateException("no");
                    }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(api.window(Window.ONE_MINUTE).count()).isEqualTo(5);
    assertThat(api.window(Window.ONE_MINUTE).errors()).isEqualTo(3);
    assertThat(api.inFlight()).isZero();
  }

  @Test
  void async_completes_countsWhenItEnds() {
    CompletableFuture<String> good = new CompletableFuture<>();
    CompletableFuture<String> bad = new CompletableFuture<>();
    CompletionStage<String> measured = api.async(() -> good);
    CompletionStage<String> failing = api.async(() -> bad);
    time.advance(Duration.ofMillis(50));
    assertThat(api.inFlight()).isEqualTo(2);
    good.complete("done");
    bad.completeExceptionally(new IOException("away"));
    assertThat(measured.toCompletableFuture()).isCompletedWithValue("done");
    assertThat(failing.toCompletableFuture()).isCompletedExceptionally();
    assertThatThrownBy(
            () ->
                api.async(
                    () -> {
                      throw new IllegalStateException("no");
                    }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(api.window(Window.ONE_MINUTE).count()).isEqualTo(3);
    assertThat(api.window(Window.ONE_MINUTE).errors()).isEqualTo(2);
  }

  private void assertTotals(Slo objective, long good, long bad) {
    Compliance compliance = api.compliance(objective);
    assertThat(compliance.good()).isEqualTo(good);
    assertThat(compliance.bad()).isEqualTo(bad);
  }
}

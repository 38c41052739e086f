package dev.perfkit.sla.dropwizard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.codahale.metrics.Clock;
import com.codahale.metrics.ExponentiallyDecayingReservoir;
import com.codahale.metrics.Histogram;
import com.codahale.metrics.Meter;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.Snapshot;
import com.codahale.metrics.Timer;
import dev.perfkit.sla.Outcome;
import dev.perfkit.sla.Service;
import dev.perfkit.sla.SlaMonitor;
import dev.perfkit.sla.Slo;
import dev.perfkit.sla.Window;
import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Proves that the rates and percentiles of a timer with a service behind it agree with each other
 * and with what happened, and go quiet when traffic does; and that Dropwizard's own, told the same,
 * do neither.
 */
final class ServiceMetricsTest {

  private final FakeTimeSource time = FakeTimeSource.create();
  private final SlaMonitor sla =
      SlaMonitor.named("test").timeSource(time).scheduler(FakeScheduler.on(time)).build();
  private final Service api = sla.service("api", Slo.latency(0.95, Duration.ofMillis(200)));

  /** What Dropwizard makes of the same requests at the same times. */
  private final Clock clock = new FakeClock(time);

  private final Timer theirs =
      new Timer(
          new Meter(clock),
          new Histogram(new ExponentiallyDecayingReservoir(1028, 0.015, clock)),
          clock);
  private final Timer ours = ServiceMetrics.timer(api);

  @AfterEach
  void close() {
    sla.close();
  }

  @Test
  void readme_runs() {
    MetricRegistry registry = new MetricRegistry();
    // region: dropwizard
    Timer timer = registry.timer("api.requests", () -> ServiceMetrics.timer(api));
    MonitorMetrics published = MonitorMetrics.publish(sla, registry); // sla.api.requests, ...
    RegistryReporter reporter = RegistryReporter.forRegistry(registry).build(sla.telemetry());
    reporter.start(10, TimeUnit.SECONDS); // the registry's other metrics, into sla.prometheus()
    // endregion: dropwizard
    timer.update(Duration.ofMillis(20));
    assertThat(registry.timer("sla.api.requests").getCount()).isEqualTo(1);
    reporter.close();
    published.close();
    assertThat(registry.getNames()).containsExactly("api.requests");
  }

  @Test
  void timer_afterABurst_ratesAreCountsOfTheirWindows() {
    burst();
    time.advance(Duration.ofSeconds(50));
    long lastMinute = api.window(Window.ONE_MINUTE).count();
    assertThat(lastMinute).isEqualTo(1000);
    assertThat(ours.getCount()).isEqualTo(1000);
    // The process is a minute old, so all windows are that minute.
    assertThat(ours.getOneMinuteRate()).isCloseTo(1000 / 60.0, within(0.2));
    assertThat(ours.getFiveMinuteRate()).isEqualTo(ours.getOneMinuteRate());
    assertThat(ours.getFifteenMinuteRate()).isEqualTo(ours.getOneMinuteRate());
    assertThat(ours.getMeanRate()).isCloseTo(1000 / 60.0, within(0.2));

    // The averages of the same requests say twice as much, and disagree with each other.
    assertThat(theirs.getMeanRate()).isCloseTo(1000 / 60.0, within(0.2));
    assertThat(theirs.getOneMinuteRate()).isGreaterThan(30);
    assertThat(theirs.getFifteenMinuteRate()).isGreaterThan(90);
  }

  @Test
  void timer_afterTrafficStops_goesQuietAsItsWindowsPass() {
    burst();
    assertThat(ours.getSnapshot().get99thPercentile()).isCloseTo(99e6, within(3e6));
    time.advance(Duration.ofSeconds(61));
    assertThat(ours.getOneMinuteRate()).isZero();
    assertThat(ours.getFiveMinuteRate()).isPositive();
    assertThat(ours.getSnapshot().size()).isPositive();
    time.advance(Duration.ofMinutes(5));
    assertThat(ours.getFiveMinuteRate()).isZero();
    assertThat(ours.getFifteenMinuteRate()).isPositive();
    assertThat(ours.getSnapshot().size()).isZero();
    assertThat(ours.getSnapshot().get99thPercentile()).isZero();
    time.advance(Duration.ofHours(3));
    assertThat(ours.getFifteenMinuteRate()).isZero();
    assertThat(ours.getCount()).isEqualTo(1000);

    // Three hours later the decaying sample still tells the percentile of the burst.
    assertThat(theirs.getSnapshot().get99thPercentile()).isCloseTo(99e6, within(3e6));
    assertThat(theirs.getSnapshot().size()).isEqualTo(1000);
  }

  @Test
  void timer_requestsRecordedAtTheService_areInIt() {
    api.record(Duration.ofMillis(5), Outcome.status(503));
    ours.update(Duration.ofMillis(7));
    assertThat(ours.getCount()).isEqualTo(2);
    assertThat(ours.getSnapshot().getMax()).isCloseTo(7_000_000, within(120_000L));
    assertThat(api.window(Window.ONE_MINUTE).errors()).isEqualTo(1);
    assertThat(ServiceMetrics.failures(api).getCount()).isEqualTo(1);
    assertThat(ServiceMetrics.failures(api).getOneMinuteRate()).isEqualTo(1.0);
  }

  @Test
  void failures_marked_isRefused() {
    assertThatThrownBy(() -> ServiceMetrics.failures(api).mark())
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("service 'api'");
  }

  @Test
  void time_callThatThrows_isAFailure() throws Exception {
    assertThat(ours.time(() -> "done")).isEqualTo("done");
    assertThat(ours.timeSupplier(() -> "made")).isEqualTo("made");
    ours.time(() -> time.advance(Duration.ofMillis(300)));
    assertThat(ours.getSnapshot().getMax()).isGreaterThan(290_000_000);
    assertThatThrownBy(
            () ->
                ours.time(
                    () -> {
                      throw new IOException("gone");
                    }))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(
            () ->
                ours.timeSupplier(
                    () -> {
                      throw new IllegalStateException("gone");
                    }))
        .isInstanceOf(IllegalStateException.class);
    try (Timer.Context context = ours.time()) {
      assertThat(context).isNotNull();
    }
    assertThat(ours.getCount()).isEqualTo(6);
    assertThat(api.window(Window.ONE_MINUTE).errors()).isEqualTo(2);
    assertThat(api.compliance(api.objectives().get(0), Window.ONE_MINUTE).bad()).isEqualTo(1);
  }

  @Test
  void parts_inAStockTimer_countOnce() {
    Timer stock =
        new Timer(
            new Meter(ServiceRates.of(api), clock),
            new Histogram(ServiceReservoir.of(api, Window.ONE_MINUTE)),
            clock);
    stock.update(Duration.ofMillis(3));
    stock.update(Duration.ofMillis(4));
    time.advance(Duration.ofSeconds(1));
    assertThat(api.window(Window.ONE_MINUTE).count()).isEqualTo(2);
    assertThat(stock.getOneMinuteRate()).isEqualTo(2.0);
    assertThat(ServiceReservoir.of(api, Window.ONE_MINUTE).size()).isEqualTo(2);
    time.advance(Duration.ofMinutes(2));
    assertThat(ServiceReservoir.of(api, Window.ONE_MINUTE).size()).isZero();
    assertThat(ServiceReservoir.of(api).size()).isEqualTo(2);
  }

  @Test
  void snapshot_knownDurations_hasTheirStatistics() {
    for (int i = 1; i <= 1000; i++) {
      ours.update(Duration.ofMillis(i));
    }
    Snapshot snapshot = ours.getSnapshot();
    assertThat(snapshot.getMin()).isCloseTo(1_000_000, within(16_000L));
    assertThat(snapshot.getMax()).isCloseTo(1_000_000_000, within(16_000_000L));
    assertThat(snapshot.getMean()).isCloseTo(500.5e6, within(8e6));
    assertThat(snapshot.getStdDev()).isCloseTo(288.8e6, within(6e6));
    assertThat(snapshot.getMedian()).isCloseTo(500e6, within(8e6));
    assertThat(snapshot.get999thPercentile()).isCloseTo(999e6, within(16e6));
    assertThat(snapshot.getValue(0)).isEqualTo((double) snapshot.getMin());
    assertThat(snapshot.getValue(1)).isEqualTo((double) snapshot.getMax());
    assertThat(snapshot.getValues()).hasSize(snapshot.size()).isSorted();
    assertThatIllegalArgumentException().isThrownBy(() -> snapshot.getValue(1.01));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    snapshot.dump(out);
    assertThat(out.toString(StandardCharsets.UTF_8).lines())
        .hasSize(snapshot.size())
        .contains(Long.toString(snapshot.getMax()));
  }

  @Test
  void snapshot_empty_isAllZeroAsTheirs() {
    Snapshot snapshot = ours.getSnapshot();
    assertThat(snapshot.size()).isZero();
    assertThat(snapshot.getMin() + snapshot.getMax()).isZero();
    assertThat(snapshot.getMean() + snapshot.getStdDev() + snapshot.getMedian()).isZero();
    assertThat(snapshot.getValues()).isEmpty();
  }

  /** 1,000 requests of 1 to 100 ms in 10 seconds. */
  private void burst() {
    for (int i = 0; i < 1000; i++) {
      Duration duration = Duration.ofMillis(i % 100 + 1);
      ours.update(duration);
      theirs.update(duration);
      time.advance(Duration.ofMillis(10));
    }
  }

  private static final class FakeClock extends Clock {
    private final FakeTimeSource time;

    FakeClock(FakeTimeSource time) {
      this.time = time;
    }

    @Override
    public long getTick() {
      return time.nanoTime();
    }

    @Override
    public long getTime() {
      return time.currentTimeMillis();
    }
  }
}

package dev.perfkit.sla.dropwizard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.Meter;
import com.codahale.metrics.MetricFilter;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.Timer;
import dev.perfkit.sla.Outcome;
import dev.perfkit.sla.SlaMonitor;
import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Proves that each kind of metric in a registry arrives in the exports of a monitor as what it is,
 * that nothing is counted twice, and that what leaves the registry leaves them.
 */
final class RegistryReporterTest {

  private final FakeTimeSource time = FakeTimeSource.create();
  private final FakeScheduler scheduler = FakeScheduler.on(time);
  private final SlaMonitor sla =
      SlaMonitor.named("test").timeSource(time).scheduler(scheduler).build();
  private final MetricRegistry registry = new MetricRegistry();
  private final RegistryReporter reporter =
      RegistryReporter.forRegistry(registry).scheduler(scheduler).build(sla.telemetry());

  @AfterEach
  void close() {
    reporter.close();
    sla.close();
  }

  @Test
  void report_eachKind_isExported() {
    registry.register("Queue.size-now", (Gauge<Integer>) () -> 12);
    registry.register("isOpen", (Gauge<Boolean>) () -> true);
    registry.register("words", (Gauge<String>) () -> "many");
    registry.register("broken", (Gauge<Integer>) RegistryReporterTest::fail);
    registry.counter("sessions").inc(5);
    registry.counter("sessions").dec(2);
    registry.meter("http.2xx").mark(7);
    registry.histogram("batch.rows").update(100);
    Timer timer = registry.timer("db.query");
    timer.update(Duration.ofMillis(250));
    reporter.report();
    assertThat(sla.prometheus())
        .contains("\nqueue_size_now 12.0\n")
        .contains("\nisopen 1.0\n")
        .doesNotContain("\nwords ")
        .doesNotContain("\nbroken ")
        .contains("\nsessions 3.0\n")
        .contains("\nhttp_n2xx_total 7\n")
        .contains("\nbatch_rows_total 1\n")
        .contains("\nbatch_rows_percentile{percentile=\"99\"} 100.0\n")
        .contains("\ndb_query_total 1\n")
        .contains("\ndb_query_percentile_seconds{percentile=\"50\"} 0.25\n");
  }

  @Test
  void report_byTheSchedule_countsWhatIsNew() {
    Meter meter = registry.meter("hits");
    reporter.start(10, TimeUnit.SECONDS);
    meter.mark(3);
    time.advance(Duration.ofSeconds(10));
    meter.mark(4);
    assertThat(sla.prometheus()).contains("\nhits_total 3\n");
    time.advance(Duration.ofSeconds(10));
    time.advance(Duration.ofSeconds(10));
    assertThat(sla.prometheus()).contains("\nhits_total 7\n");
  }

  @Test
  void report_metricReplacedByAnother_neverGoesDown() {
    registry.meter("hits").mark(9);
    registry.register("size", (Gauge<Integer>) () -> 1);
    reporter.report();
    registry.remove("hits");
    registry.remove("size");
    registry.meter("hits").mark(2);
    registry.register("size", (Gauge<Integer>) () -> 2);
    reporter.report();
    assertThat(sla.prometheus()).contains("\nhits_total 11\n").contains("\nsize 2.0\n");
  }

  @Test
  void report_metricRemoved_takesItsGaugesBack() {
    registry.register("size", (Gauge<Integer>) () -> 1);
    registry.timer("work").update(Duration.ofMillis(1));
    reporter.report();
    assertThat(sla.prometheus()).contains("\nsize 1.0").contains("work_percentile_seconds");
    registry.remove("size");
    registry.remove("work");
    reporter.report();
    assertThat(sla.prometheus()).doesNotContain("\nsize ").doesNotContain("work_percentile");
  }

  @Test
  void stop_always_takesTheGaugesBack() {
    registry.register("size", (Gauge<Integer>) () -> 1);
    reporter.report();
    reporter.stop();
    assertThat(sla.prometheus()).doesNotContain("\nsize ");
  }

  @Test
  void report_twoThatBecomeTheSameName_reportsOne() {
    registry.meter("a-b").mark(1);
    registry.meter("a_b").mark(20);
    reporter.report();
    reporter.report();
    assertThat(sla.prometheus()).contains("\na_b_total 1\n");
    registry.remove("a-b");
    reporter.report();
    assertThat(sla.prometheus()).contains("\na_b_total 21\n");
  }

  @Test
  void report_whatTheMonitorPublished_isLeftOut() {
    sla.service("api").record(1, Outcome.success());
    try (MonitorMetrics published = MonitorMetrics.publish(sla, registry)) {
      registry.meter("other").mark();
      reporter.report();
      assertThat(published).hasToString("MonitorMetrics[test as sla]");
    }
    assertThat(sla.prometheus()).contains("\nother_total 1\n").doesNotContain("sla_api");
  }

  @Test
  void prefixAndFilter_set_apply() {
    registry.meter("kept").mark();
    registry.meter("dropped").mark();
    RegistryReporter some =
        RegistryReporter.forRegistry(registry)
            .prefix("legacy")
            .filter(MetricFilter.startsWith("kept"))
            .build(sla.telemetry());
    some.report();
    some.close();
    assertThat(sla.prometheus()).contains("\nlegacy_kept_total 1\n").doesNotContain("dropped");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RegistryReporter.forRegistry(registry).prefix(" "));
  }

  @Property
  void names_ofAnyMetric_areThoseOfATelemetry(@ForAll String name) {
    assertThat(dev.perfkit.spi.Metric.named(ReportedNames.of(name)).name()).isNotEmpty();
  }

  private static int fail() {
    throw new IllegalStateException("broken");
  }
}

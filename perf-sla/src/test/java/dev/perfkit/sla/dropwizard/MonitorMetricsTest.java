package dev.perfkit.sla.dropwizard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import dev.perfkit.sla.Outcome;
import dev.perfkit.sla.Service;
import dev.perfkit.sla.SlaMonitor;
import dev.perfkit.sla.Slo;
import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Proves that services appear in a registry with true, live values, and leave it again. */
final class MonitorMetricsTest {

  private final FakeTimeSource time = FakeTimeSource.create();
  private final SlaMonitor sla =
      SlaMonitor.named("test").timeSource(time).scheduler(FakeScheduler.on(time)).build();
  private final Service api = sla.service("api", Slo.availability(0.9).named("up"));
  private final MetricRegistry registry = new MetricRegistry();

  @AfterEach
  void close() {
    sla.close();
  }

  @Test
  void publish_service_isReadLive() {
    MonitorMetrics published = MonitorMetrics.publish(sla, registry);
    assertThat(gauge("sla.api.up.good-ratio")).isNull();
    api.record(Duration.ofMillis(10), Outcome.success());
    api.record(Duration.ofMillis(10), Outcome.success());
    api.record(Duration.ofMillis(10), Outcome.success());
    api.record(Duration.ofMillis(30), Outcome.failure());
    long running = api.start();
    assertThat(registry.timer("sla.api.requests").getCount()).isEqualTo(4);
    assertThat(registry.meter("sla.api.failures").getCount()).isEqualTo(1);
    assertThat(gauge("sla.api.in-flight")).isEqualTo(1);
    assertThat(gauge("sla.api.up.good-ratio")).isEqualTo(0.75);
    assertThat((double) gauge("sla.api.up.budget-remaining")).isNegative();
    api.end(running, Outcome.success());
    published.close();
    published.close();
    published.refresh();
    assertThat(registry.getNames()).isEmpty();
  }

  @Test
  void refresh_newServices_areAdded() {
    try (MonitorMetrics published = MonitorMetrics.publish(sla, registry, "levels")) {
      sla.service("jobs", new Slo[0]).record(Duration.ofMillis(1), Outcome.success());
      assertThat(registry.getNames()).doesNotContain("levels.jobs.requests");
      published.refresh();
      published.refresh();
      assertThat(registry.timer("levels.jobs.requests").getCount()).isEqualTo(1);
    }
    assertThat(registry.getNames()).isEmpty();
  }

  @Test
  void publish_takenName_isRefusedAsAWhole() {
    Counter host = registry.counter("sla.api.in-flight");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MonitorMetrics.publish(sla, registry))
        .withMessageContaining("sla.api.in-flight");
    assertThat(registry.getMetrics()).containsOnlyKeys("sla.api.in-flight");
    assertThat(registry.getCounters()).containsValue(host);
  }

  @Test
  void publish_blankPrefix_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MonitorMetrics.publish(sla, registry, " "));
  }

  private Object gauge(String name) {
    return registry.gauge(name, () -> (Gauge<String>) () -> "missing").getValue();
  }
}

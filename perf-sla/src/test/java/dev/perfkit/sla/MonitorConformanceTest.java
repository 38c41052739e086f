package dev.perfkit.sla;

import dev.perfkit.spi.Component;
import dev.perfkit.spi.Metric;
import dev.perfkit.spi.Telemetry;
import dev.perfkit.testkit.conformance.ComponentConformance;
import dev.perfkit.testkit.conformance.TelemetryConformance;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;

/** The monitor is a component, and its telemetry is one, by the kits that say what that means. */
class MonitorConformanceTest {

  /** The monitor with its own ticker. */
  @Nested
  class AsComponent extends ComponentConformance {

    AsComponent() {
      super(Capability.HEALTHY_WHEN_FRESH);
    }

    @Override
    protected Component create() {
      return SlaMonitor.create();
    }

    @Override
    protected void use(Component component) {
      ((SlaMonitor) component).recordMetric("api", Duration.ofMillis(3), true, 200);
    }
  }

  /** Read back from the Prometheus text, as a user would. */
  @Nested
  class AsTelemetry extends TelemetryConformance {

    private final SlaMonitor monitor = SlaMonitor.create();

    @AfterEach
    void close() {
      monitor.close();
    }

    @Override
    protected Subject create() {
      return new Exported(monitor);
    }
  }

  private record Exported(SlaMonitor monitor) implements TelemetryConformance.Subject {

    @Override
    public Telemetry telemetry() {
      return monitor.telemetry();
    }

    @Override
    public long count(Metric counter) {
      return (long) sample(MetricNames.counter(counter), counter).orElse(0);
    }

    @Override
    public long recordings(Metric timer) {
      return (long) sample(MetricNames.timer(timer) + "_count", timer).orElse(0);
    }

    @Override
    public Duration total(Metric timer) {
      double seconds = sample(MetricNames.timer(timer) + "_sum", timer).orElse(0);
      return Duration.ofNanos(Math.round(seconds * 1e9));
    }

    @Override
    public OptionalDouble value(Metric gauge) {
      return sample(MetricNames.gauge(gauge), gauge);
    }

    private OptionalDouble sample(String name, Metric metric) {
      Matcher line =
          Pattern.compile("(?m)^" + Pattern.quote(name) + "(\\{[^}]*})? (\\S+)")
              .matcher(monitor.prometheus());
      while (line.find()) {
        String labels = line.group(1) == null ? "" : line.group(1);
        if (hasAll(labels, MetricNames.labels(metric))) {
          return OptionalDouble.of(Double.parseDouble(line.group(2)));
        }
      }
      return OptionalDouble.empty();
    }

    private static boolean hasAll(String labels, Map<String, String> wanted) {
      return wanted.entrySet().stream()
          .allMatch(tag -> labels.contains(tag.getKey() + "=\"" + tag.getValue() + "\""));
    }
  }
}

package dev.perfkit.sla.dropwizard;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Counting;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.Metric;
import com.codahale.metrics.Sampling;
import com.codahale.metrics.Snapshot;
import com.codahale.metrics.Timer;
import dev.perfkit.spi.Telemetry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/** A metric of a registry and what stands for it in a telemetry. For one thread. */
final class Reported {

  private static final Map<String, Double> PERCENTILES =
      new TreeMap<>(Map.of("50", 0.5, "90", 0.9, "95", 0.95, "99", 0.99));
  private static final double NANOS_PER_SECOND = 1e9;

  private final Metric metric;
  private final List<Telemetry.Registration> gauges = new ArrayList<>();
  private Telemetry.@Nullable Counter counter;
  private long counted;
  private volatile @Nullable Snapshot snapshot;

  private Reported(Metric metric) {
    this.metric = metric;
  }

  /** Begins to report a metric under a name. */
  static Reported of(Metric metric, String name, Telemetry telemetry) {
    Reported reported = new Reported(metric);
    dev.perfkit.spi.Metric series = dev.perfkit.spi.Metric.named(name);
    if (metric instanceof Gauge<?> gauge) {
      reported.gauges.add(telemetry.gauge(series, () -> number(gauge)));
    } else if (metric instanceof Counter upAndDown) {
      reported.gauges.add(telemetry.gauge(series, upAndDown::getCount));
    } else if (metric instanceof Counting) {
      reported.counter = telemetry.counter(series);
    }
    if (metric instanceof Sampling) {
      reported.addPercentiles(name + ".percentile", telemetry);
    }
    return reported;
  }

  Metric metric() {
    return metric;
  }

  /** Counts what has come since the last time. A count that went down has begun anew. */
  void report() {
    if (metric instanceof Counting counting && counter != null) {
      long count = counting.getCount();
      counter.add(count < counted ? count : count - counted);
      counted = count;
    }
    if (metric instanceof Sampling sampling) {
      snapshot = sampling.getSnapshot();
    }
  }

  void close() {
    gauges.forEach(Telemetry.Registration::close);
  }

  private void addPercentiles(String name, Telemetry telemetry) {
    boolean isTime = metric instanceof Timer;
    dev.perfkit.spi.Metric series =
        dev.perfkit.spi.Metric.named(name).unit(isTime ? "seconds" : "");
    PERCENTILES.forEach(
        (percentile, share) -> {
          DoubleSupplier value = () -> percentile(share, isTime ? NANOS_PER_SECOND : 1);
          gauges.add(telemetry.gauge(series.tag("percentile", percentile), value));
        });
  }

  private double percentile(double share, double divisor) {
    Snapshot last = snapshot;
    return last == null || last.size() == 0 ? Double.NaN : last.getValue(share) / divisor;
  }

  private static double number(Gauge<?> gauge) {
    Object value = gauge.getValue();
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    if (value instanceof Boolean flag) {
      return flag ? 1 : 0;
    }
    return Double.NaN;
  }
}

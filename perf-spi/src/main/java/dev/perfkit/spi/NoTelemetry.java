package dev.perfkit.spi;

import java.util.Objects;
import java.util.function.DoubleSupplier;

enum NoTelemetry implements Telemetry {
  INSTANCE;

  static final Counter COUNTER = amount -> {};
  static final Timer TIMER = nanos -> {};
  static final Registration REGISTRATION = () -> {};

  @Override
  public Counter counter(Metric metric) {
    Objects.requireNonNull(metric, "metric");
    return COUNTER;
  }

  @Override
  public Timer timer(Metric metric) {
    Objects.requireNonNull(metric, "metric");
    return TIMER;
  }

  @Override
  public Registration gauge(Metric metric, DoubleSupplier value) {
    Objects.requireNonNull(metric, "metric");
    Objects.requireNonNull(value, "value");
    return REGISTRATION;
  }

  @Override
  public String toString() {
    return "Telemetry.none()";
  }
}

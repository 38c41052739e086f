package dev.perfkit.spi;

import java.util.Objects;
import java.util.function.DoubleSupplier;

final class GuardedTelemetry implements Telemetry {

  private final Telemetry delegate;
  private final Guard guard;

  GuardedTelemetry(Telemetry delegate, Guard guard) {
    this.delegate = Objects.requireNonNull(delegate, "delegate");
    this.guard = guard;
  }

  @Override
  public Counter counter(Metric metric) {
    Counter counter = guard.call(() -> delegate.counter(metric), NoTelemetry.COUNTER);
    return amount -> {
      try {
        counter.add(amount);
      } catch (Throwable failure) {
        guard.failed(failure);
      }
    };
  }

  @Override
  public Timer timer(Metric metric) {
    Timer timer = guard.call(() -> delegate.timer(metric), NoTelemetry.TIMER);
    return nanos -> {
      try {
        timer.record(nanos);
      } catch (Throwable failure) {
        guard.failed(failure);
      }
    };
  }

  @Override
  public Registration gauge(Metric metric, DoubleSupplier value) {
    Registration registration =
        guard.call(() -> delegate.gauge(metric, value), NoTelemetry.REGISTRATION);
    return () -> {
      try {
        registration.close();
      } catch (Throwable failure) {
        guard.failed(failure);
      }
    };
  }

  @Override
  public String toString() {
    return "Telemetry.guarded(" + delegate + ")";
  }
}

package dev.perfkit.spi;

import java.util.function.Consumer;
import java.util.function.DoubleSupplier;

/**
 * Where modules send their counters, timers and gauges.
 *
 * <p>A module resolves a handle once and keeps it; the same {@link Metric} always gives the same
 * series. Implementations and handles are safe for use by any number of threads; handles do not
 * block and should not allocate.
 */
@Beta
public interface Telemetry {

  /** Returns the handle of an only growing count. */
  Counter counter(Metric metric);

  /** Returns the handle of a distribution of durations. */
  Timer timer(Metric metric);

  /**
   * Registers a value that is read when measurements are collected. A second gauge of the same
   * metric replaces the first.
   *
   * @param value read by any thread at any time; must be fast; NaN means no value
   * @return a handle whose {@code close} ends the gauge, unless it was replaced since
   */
  Registration gauge(Metric metric, DoubleSupplier value);

  /** Returns a telemetry that measures nothing. */
  static Telemetry none() {
    return NoTelemetry.INSTANCE;
  }

  /**
   * Returns a view of a host's telemetry that never throws: a failure goes to the callback, and the
   * measurement is lost.
   *
   * @param onFailure called on the measuring thread; what it throws is dropped
   */
  static Telemetry guarded(Telemetry delegate, Consumer<? super Throwable> onFailure) {
    return new GuardedTelemetry(delegate, new Guard(onFailure));
  }

  /** A count that only grows. */
  interface Counter {

    /**
     * Adds to the count.
     *
     * @param amount 0 or more
     */
    void add(long amount);

    /** Adds one. */
    default void increment() {
      add(1);
    }
  }

  /** A distribution of durations. */
  interface Timer {

    /**
     * Records one duration.
     *
     * @param nanos nanoseconds; a negative one (a clock that jumped) counts as 0
     */
    void record(long nanos);
  }

  /** Ends what was registered. */
  interface Registration extends AutoCloseable {

    /** Ends it; further calls do nothing. */
    @Override
    void close();
  }
}

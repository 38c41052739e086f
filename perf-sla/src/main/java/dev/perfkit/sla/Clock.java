package dev.perfkit.sla;

import dev.perfkit.spi.Telemetry;
import dev.perfkit.spi.TimeSource;

/** Time as a monitor counts it: nanoseconds since it was built, and what to do with odd ones. */
final class Clock {

  private final TimeSource source;
  private final Telemetry.Counter clamped;
  private final long origin;

  Clock(TimeSource source, Telemetry.Counter clamped) {
    this.source = source;
    this.clamped = clamped;
    this.origin = source.nanoTime();
  }

  /** Returns the reading of the time source. */
  long nanoTime() {
    return source.nanoTime();
  }

  /** Returns the nanoseconds since the monitor was built. */
  long elapsed() {
    return source.nanoTime() - origin;
  }

  long currentTimeMillis() {
    return source.currentTimeMillis();
  }

  /** Returns the nearest duration that can be counted, and counts that it was needed. */
  long clamped(long nanos) {
    clamped.increment();
    return Buckets.clamp(nanos);
  }
}

package dev.perfkit.sla;

import dev.perfkit.spi.TimeSource;

/** Time as a monitor counts it: nanoseconds since it was built. */
final class Clock {

  private final TimeSource source;
  private final long origin;

  Clock(TimeSource source) {
    this.source = source;
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
}

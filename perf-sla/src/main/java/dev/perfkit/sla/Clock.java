package dev.perfkit.sla;

import dev.perfkit.spi.TimeSource;

/**
 * Time as a monitor counts it: nanoseconds since it was built, or since the first monitor was that
 * began the file it goes on with.
 */
final class Clock {

  private final TimeSource source;
  private final long origin;

  /**
   * @param elapsed the time to begin with, 0 or more
   */
  Clock(TimeSource source, long elapsed) {
    this.source = source;
    this.origin = source.nanoTime() - elapsed;
  }

  /** Returns the reading of the time source. */
  long nanoTime() {
    return source.nanoTime();
  }

  /** Returns the nanoseconds since the beginning. */
  long elapsed() {
    return source.nanoTime() - origin;
  }

  long currentTimeMillis() {
    return source.currentTimeMillis();
  }
}

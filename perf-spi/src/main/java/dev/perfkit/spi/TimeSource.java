package dev.perfkit.spi;

/**
 * The two clocks of a process: a monotonic one for durations and a wall clock for dates.
 *
 * <p>Implementations are safe for use by any number of threads and never block.
 */
@Beta
public interface TimeSource {

  /**
   * Returns the monotonic clock in nanoseconds. Only differences of two readings of the same source
   * mean something; they may overflow, so compare with {@code a - b < 0}.
   */
  long nanoTime();

  /** Returns the wall clock in milliseconds since 1970-01-01T00:00Z. It may jump either way. */
  long currentTimeMillis();

  /** Returns the clocks of the JVM. */
  static TimeSource system() {
    return SystemTimeSource.INSTANCE;
  }
}

package dev.perfkit.testkit.net;

/** What happens to bytes of one direction, in all connections alike. For the loop's thread. */
final class Line {

  private static final long NANOS_PER_SECOND = 1_000_000_000L;
  private static final int PORTIONS_PER_SECOND = 50;
  private static final long UNLIMITED = Long.MAX_VALUE;

  private long delayNanos;
  private long bytesPerSecond = UNLIMITED;
  private boolean swallowing;

  void delay(long nanos) {
    delayNanos = nanos;
  }

  void throttle(long rate) {
    bytesPerSecond = rate;
  }

  void swallow() {
    swallowing = true;
  }

  void heal() {
    delayNanos = 0;
    bytesPerSecond = UNLIMITED;
    swallowing = false;
  }

  long delayNanos() {
    return delayNanos;
  }

  boolean isSwallowing() {
    return swallowing;
  }

  boolean isThrottled() {
    return bytesPerSecond != UNLIMITED;
  }

  /** Returns how many bytes a connection may pass on at once before it has to pause. */
  int portion() {
    long portion = isThrottled() ? bytesPerSecond / PORTIONS_PER_SECOND : UNLIMITED;
    return (int) Math.max(1, Math.min(portion, Integer.MAX_VALUE));
  }

  /** Returns for how long bytes keep the line busy. */
  long nanosFor(int bytes) {
    return isThrottled() ? bytes * NANOS_PER_SECOND / bytesPerSecond : 0;
  }
}

package dev.perfkit.pool;

/**
 * Whether a replica is too far behind: closed when it is over one of two limits, open again when it
 * is at half of both or less. For one thread at a time.
 */
final class LagGate {

  private final long maxBytes;
  private final long maxNanos;
  private boolean closed;

  LagGate(long maxBytes, long maxNanos) {
    this.maxBytes = maxBytes;
    this.maxNanos = maxNanos;
  }

  /** Returns whether it is closed now. */
  boolean update(long bytes, long nanos) {
    closed =
        closed
            ? bytes > maxBytes / 2 || nanos > maxNanos / 2
            : bytes > maxBytes || nanos > maxNanos;
    return closed;
  }
}

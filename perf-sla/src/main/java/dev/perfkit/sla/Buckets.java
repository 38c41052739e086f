package dev.perfkit.sla;

/**
 * The log-linear division of durations: one bucket for each nanosecond up to 64, then 32 for each
 * power of two. A bucket holds the durations over its lower edge and up to its upper edge, so its
 * width is at most 1/32 of every duration in it, and powers of two are upper edges.
 */
final class Buckets {

  /** The longest duration that is told apart, in nanoseconds: 4 h 53 min. */
  static final long MAX_NANOS = 1L << 44;

  static final int COUNT = (44 - 4) << 5;

  private Buckets() {}

  /** Returns the bucket of a duration of 1 to {@link #MAX_NANOS} nanoseconds. */
  static int of(long nanos) {
    long below = nanos - 1;
    int shift = 58 - Long.numberOfLeadingZeros(below | 32);
    return (shift << 5) + (int) (below >>> shift);
  }

  /** Returns the longest duration of a bucket, in nanoseconds. */
  static long upperEdge(int bucket) {
    int shift = Math.max(0, (bucket >> 5) - 1);
    return (bucket - (shift << 5) + 1L) << shift;
  }

  /** Returns the nearest duration that has a bucket: negative ones count as 1 nanosecond. */
  static long clamp(long nanos) {
    return Math.max(1, Math.min(MAX_NANOS, nanos));
  }
}

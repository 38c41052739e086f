package dev.perfkit.cache;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long a caller waits. Measured by the machine's own clock, as it waits for other threads and
 * machines.
 *
 * @param softNanos for its load, if there is an older value to serve
 * @param hardNanos for its load at all
 * @param othersNanos for the loads of others
 */
record Patience(long softNanos, long hardNanos, long othersNanos) {

  /** Long enough, and without an overflow when it is added to a time. */
  private static final long ENDLESS = Long.MAX_VALUE / 4;

  static Patience of(@Nullable Duration soft, @Nullable Duration hard, Duration others) {
    return new Patience(nanos(soft), nanos(hard), others.toNanos());
  }

  private static long nanos(@Nullable Duration limit) {
    return limit == null ? ENDLESS : limit.toNanos();
  }

  boolean hasSoft() {
    return softNanos != ENDLESS;
  }

  boolean hasHard() {
    return hardNanos != ENDLESS;
  }

  Limits begin() {
    long now = System.nanoTime();
    return new Limits(now, now + softNanos, now + hardNanos, now + othersNanos);
  }

  /** When the waiting of one call ends. */
  record Limits(long began, long softEnd, long hardEnd, long othersEnd) {

    /** Returns how long to wait for others. */
    long leftForOthers(boolean hasFallback) {
      long end = hasFallback ? earlier(softEnd, othersEnd) : othersEnd;
      return left(earlier(end, hardEnd));
    }

    boolean isOver() {
      return left(hardEnd) <= 0;
    }

    boolean isOverForOthers() {
      return left(othersEnd) <= 0;
    }

    private static long earlier(long one, long other) {
      return one - other < 0 ? one : other;
    }
  }

  static long left(long end) {
    return end - System.nanoTime();
  }
}

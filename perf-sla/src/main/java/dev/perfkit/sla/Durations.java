package dev.perfkit.sla;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;

/** Durations as text and as numbers. */
final class Durations {

  private static final long[] UNITS = {
    86_400_000_000_000L, 3_600_000_000_000L, 60_000_000_000L, 1_000_000_000L, 1_000_000L, 1_000L, 1L
  };
  private static final String[] NAMES = {"d", "h", "m", "s", "ms", "us", "ns"};

  private Durations() {}

  /** Returns a duration in the largest unit that divides it, such as {@code 200ms}. */
  static String brief(Duration duration) {
    long nanos = saturatedNanos(duration);
    int unit = 0;
    while (nanos % UNITS[unit] != 0) {
      unit++;
    }
    return nanos / UNITS[unit] + NAMES[unit];
  }

  /** Returns a duration for people, to two digits or so: {@code 52 s}, {@code 8.6 min}. */
  static String rounded(Duration duration) {
    double seconds = toSeconds(saturatedNanos(duration));
    if (seconds < 100) {
      return String.format(Locale.ROOT, seconds < 10 ? "%.1f s" : "%.0f s", seconds);
    }
    if (seconds < 6_000) {
      return decimal(seconds / 60) + " min";
    }
    return seconds < 360_000 ? decimal(seconds / 3_600) + " h" : decimal(seconds / 86_400) + " d";
  }

  private static String decimal(double value) {
    return String.format(Locale.ROOT, value < 10 ? "%.1f" : "%.0f", value);
  }

  /** Returns nanoseconds as an exact decimal number of seconds, such as {@code 0.2}. */
  static String seconds(long nanos) {
    return BigDecimal.valueOf(nanos, 9).stripTrailingZeros().toPlainString();
  }

  /** Returns nanoseconds as a number of seconds. */
  static double toSeconds(double nanos) {
    return nanos / 1e9;
  }

  /** Returns nanoseconds as a number of seconds. */
  static double toSeconds(long nanos) {
    return (double) nanos / 1e9;
  }

  /** Returns the nanoseconds of a duration; the nearest long for one over 292 years. */
  static long saturatedNanos(Duration duration) {
    try {
      return duration.toNanos();
    } catch (ArithmeticException tooLong) {
      return duration.isNegative() ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
  }
}

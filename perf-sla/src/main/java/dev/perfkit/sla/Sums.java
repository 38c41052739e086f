package dev.perfkit.sla;

/**
 * The sums of the durations of successes and failures.
 *
 * @param successes nanoseconds
 * @param failures nanoseconds
 */
record Sums(double successes, double failures) {

  static final Sums NOT_KEPT = new Sums(-1, -1);

  static final Sums ZERO = new Sums(0, 0);

  /** Returns the sums in a tally. They wrap around only after 584 years of durations. */
  static Sums of(Layout layout, Tally tally) {
    return new Sums(
        unsigned(tally.count(layout.sumCell(true))), unsigned(tally.count(layout.sumCell(false))));
  }

  Sums plus(Sums other) {
    return new Sums(successes + other.successes, failures + other.failures);
  }

  private static double unsigned(long nanos) {
    return nanos >= 0 ? nanos : nanos + 0x1p64;
  }
}

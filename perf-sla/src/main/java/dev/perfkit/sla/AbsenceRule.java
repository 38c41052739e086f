package dev.perfkit.sla;

import java.time.Duration;

/**
 * Fires when requests that used to come no longer do: nothing for a while, although the rate of the
 * day before makes that less likely than one in a million. For one thread at a time.
 */
final class AbsenceRule {

  /** The name of the rule. */
  static final String NAME = "absence";

  /** With so many requests expected, none at all has a chance of 8e-7. */
  private static final double EXPECTED = 14;

  /** A service that had fewer requests in a day has no rate to speak of. */
  private static final long LEAST = 30;

  private static final long DAY = Duration.ofDays(1).toNanos();
  private static final double LEAST_SPAN = Duration.ofHours(1).toNanos();

  private final long afterNanos;
  private long seen;
  private double perNano;

  /**
   * @param afterNanos the shortest silence that counts; 0 for none
   */
  AbsenceRule(long afterNanos, long start) {
    this.afterNanos = afterNanos;
    this.seen = start;
  }

  /** Notes that silence up to now is not one. */
  void excuse(long now) {
    seen = now;
  }

  /** Notes that there were requests up to now; the ledger counts them in the first two columns. */
  void seen(long now, Ledger ledger) {
    seen = now;
    int last = ledger.edges() - 1;
    int edge = ledger.atOrBefore(now - DAY);
    long requests =
        ledger.total(last, 0)
            + ledger.total(last, 1)
            - ledger.total(edge, 0)
            - ledger.total(edge, 1);
    double span = Math.max(LEAST_SPAN, (double) (now - Math.max(ledger.time(edge), now - DAY)));
    perNano = requests < LEAST ? 0 : (double) requests / span;
  }

  /** Returns whether it fires. */
  boolean isFiring(long now) {
    long silence = now - seen;
    return afterNanos > 0 && silence >= afterNanos && perNano * (double) silence >= EXPECTED;
  }

  /** Returns how long it has been silent, in nanoseconds. */
  long silence(long now) {
    return now - seen;
  }
}

package dev.perfkit.sla;

import java.math.BigDecimal;

/**
 * How many events, requests or timeslices, were good and how many bad.
 *
 * @param good 0 or more
 * @param bad 0 or more
 */
record Counts(long good, long bad) {

  static final Counts NONE = new Counts(0, 0);

  long total() {
    return good + bad;
  }

  /** Returns whether more than a share of the events was bad; exact. */
  boolean exceeds(BigDecimal share) {
    return bad > 0
        && BigDecimal.valueOf(bad).compareTo(share.multiply(BigDecimal.valueOf(total()))) > 0;
  }

  /** Returns the share of bad events; not a number without events. */
  double badShare() {
    return (double) bad / (double) total();
  }
}

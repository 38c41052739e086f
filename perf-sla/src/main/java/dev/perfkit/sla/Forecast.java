package dev.perfkit.sla;

import dev.perfkit.sla.ErrorBudget.Exhaustion;
import java.time.Duration;
import java.util.Optional;

/**
 * When an error budget will be used up, from the share of bad events lately.
 *
 * <p>That share has a Wilson interval. Errors come in bursts, so the number of events is first
 * divided by how much more the bad ones vary from part to part of that time than chance would have
 * it. Old errors that will leave a rolling period are not counted on: they may be the newest of
 * all.
 */
final class Forecast {

  private static final double Z = 1.96;

  private final double allowedShare;
  private final double perNano;
  private final double share;
  private final double margin;
  private final double centre;

  private Forecast(double allowedShare, double perNano, double share, double events) {
    double denominator = 1 + Z * Z / events;
    this.allowedShare = allowedShare;
    this.perNano = perNano;
    this.share = share;
    this.centre = (share + Z * Z / (2 * events)) / denominator;
    this.margin =
        Z * Math.sqrt(share * (1 - share) / events + Z * Z / (4 * events * events)) / denominator;
  }

  /**
   * Returns the forecast from what happened lately; empty if nothing bad did.
   *
   * @param parts the events of equal parts of that time
   * @param nanos how long the parts are together
   */
  static Optional<Forecast> of(double allowedShare, Counts[] parts, double nanos) {
    long bad = 0;
    long total = 0;
    for (Counts part : parts) {
      bad += part.bad();
      total += part.total();
    }
    if (bad == 0 || nanos <= 0) {
      return Optional.empty();
    }
    double share = (double) bad / (double) total;
    double events = (double) total / dispersion(parts, share);
    return Optional.of(new Forecast(allowedShare, (double) total / nanos, share, events));
  }

  /**
   * Returns when a fixed budget is used up.
   *
   * @param budget how many more events may be bad
   * @param leftNanos when the period ends
   */
  Optional<Exhaustion> fixed(double budget, double leftNanos) {
    return exhaustion(
        budget,
        bad -> {
          double nanos = budget / (perNano * bad);
          return nanos <= leftNanos ? nanos : Double.NaN;
        });
  }

  /**
   * Returns when a budget is used up that grows with the events of a period that fills up.
   *
   * @param budget how many more of the events so far may be bad
   * @param fillingNanos for how long the period still grows; 0 for a full one
   * @param endsThen whether the period ends when it is full, or else rolls on
   */
  Optional<Exhaustion> growing(double budget, double fillingNanos, boolean endsThen) {
    return exhaustion(budget, bad -> growing(budget, fillingNanos, endsThen, bad));
  }

  private double growing(double budget, double fillingNanos, boolean endsThen, double bad) {
    if (bad <= allowedShare) {
      return Double.NaN;
    }
    double whileFilling = budget / (perNano * (bad - allowedShare));
    if (whileFilling <= fillingNanos) {
      return whileFilling;
    }
    double full = budget + allowedShare * perNano * fillingNanos;
    return endsThen ? Double.NaN : full / (perNano * bad);
  }

  private interface Time {
    double nanos(double badShare);
  }

  private Optional<Exhaustion> exhaustion(double budget, Time time) {
    if (budget <= 0) {
      Optional<Duration> now = Optional.of(Duration.ZERO);
      return Optional.of(new Exhaustion(Duration.ZERO, now, now));
    }
    Optional<Duration> earliest = duration(time.nanos(Math.min(1, centre + margin)));
    return earliest.map(
        first ->
            new Exhaustion(
                first,
                duration(time.nanos(share)),
                duration(time.nanos(Math.max(0, centre - margin)))));
  }

  /** Beyond what is kept, a forecast says nothing. */
  private static Optional<Duration> duration(double nanos) {
    return nanos <= (double) Ledger.KEPT.toNanos()
        ? Optional.of(Duration.ofNanos((long) nanos))
        : Optional.empty();
  }

  /** Returns Pearson's chi-squared by its degrees of freedom, 1 at least. */
  private static double dispersion(Counts[] parts, double share) {
    double sum = 0;
    int used = 0;
    for (Counts part : parts) {
      double expected = share * (double) part.total();
      if (expected > 0 && share < 1) {
        double off = (double) part.bad() - expected;
        sum += off * off / (expected * (1 - share));
        used++;
      }
    }
    return used < 2 ? 1 : Math.max(1, sum / (used - 1));
  }
}

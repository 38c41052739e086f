package dev.perfkit.sla;

import dev.perfkit.spi.Beta;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The bad events, requests or timeslices, that an objective leaves room for over its period, and
 * how many of them there were. It is that of this process.
 *
 * @param compliance the events of the period so far
 * @param expected the events that the budget is a share of: of a rolling period those so far, of a
 *     calendar's those of the period before, or those so far if they are more
 * @param confidence whether that is known well
 * @param exhaustion when nothing will be left; empty if not in this period at the present rate
 */
@Beta
public record ErrorBudget(
    Compliance compliance, long expected, Confidence confidence, Optional<Exhaustion> exhaustion) {

  /** How well the size of a budget is known. */
  public enum Confidence {
    /** It rests on counted events. */
    FULL,
    /** The calendar's period before was not seen whole, so the events so far stand for it. */
    LOW
  }

  /**
   * When a budget will be used up if events go on as they did lately; 0 if it is used up already.
   *
   * @param earliest the near end of a 95 % interval, which is wider the fewer bad events there were
   *     and the more they came in bursts
   * @param expected the most likely time; empty if not in this period
   * @param latest the far end; empty if not in this period
   */
  public record Exhaustion(
      Duration earliest, Optional<Duration> expected, Optional<Duration> latest) {

    /** Checks that nothing is null. */
    public Exhaustion {
      Objects.requireNonNull(earliest, "earliest");
      Objects.requireNonNull(expected, "expected");
      Objects.requireNonNull(latest, "latest");
    }
  }

  /** Checks that nothing is null. */
  public ErrorBudget {
    Objects.requireNonNull(compliance, "compliance");
    Objects.requireNonNull(confidence, "confidence");
    Objects.requireNonNull(exhaustion, "exhaustion");
  }

  /** Returns how many events may be bad; seldom a whole number. */
  public double allowed() {
    return exactlyAllowed().doubleValue();
  }

  /** Returns how many events were bad. */
  public long spent() {
    return compliance.bad();
  }

  /** Returns the share of the budget that is spent: 1 is all of it; empty without data. */
  public OptionalDouble consumed() {
    if (expected == 0) {
      return OptionalDouble.empty();
    }
    BigDecimal share = BigDecimal.valueOf(spent()).divide(exactlyAllowed(), MathContext.DECIMAL64);
    return OptionalDouble.of(share.doubleValue());
  }

  /** Returns the share of the budget that is left: negative when overspent; empty without data. */
  public OptionalDouble remaining() {
    if (expected == 0) {
      return OptionalDouble.empty();
    }
    BigDecimal left = exactlyAllowed().subtract(BigDecimal.valueOf(spent()));
    return OptionalDouble.of(left.divide(exactlyAllowed(), MathContext.DECIMAL64).doubleValue());
  }

  private BigDecimal exactlyAllowed() {
    return compliance.objective().allowed(expected);
  }
}

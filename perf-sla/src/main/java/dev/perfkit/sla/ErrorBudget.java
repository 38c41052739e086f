package dev.perfkit.sla;

import dev.perfkit.spi.Beta;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Objects;
import java.util.OptionalDouble;

/**
 * The bad requests that an objective leaves room for over its rolling period, and how many of them
 * there were. The budget grows with the requests of the period so far; it is that of this process.
 *
 * @param compliance the requests of the period
 */
@Beta
public record ErrorBudget(Compliance compliance) {

  /** Checks that nothing is null. */
  public ErrorBudget {
    Objects.requireNonNull(compliance, "compliance");
  }

  /** Returns how many requests may be bad; seldom a whole number. */
  public double allowed() {
    return exactlyAllowed().doubleValue();
  }

  /** Returns how many requests were bad. */
  public long spent() {
    return compliance.bad();
  }

  /** Returns the share of the budget that is spent: 1 is all of it; empty without data. */
  public OptionalDouble consumed() {
    if (compliance.total() == 0) {
      return OptionalDouble.empty();
    }
    BigDecimal share = BigDecimal.valueOf(spent()).divide(exactlyAllowed(), MathContext.DECIMAL64);
    return OptionalDouble.of(share.doubleValue());
  }

  /** Returns the share of the budget that is left: negative when overspent; empty without data. */
  public OptionalDouble remaining() {
    OptionalDouble consumed = consumed();
    return consumed.isEmpty() ? consumed : OptionalDouble.of(1 - consumed.getAsDouble());
  }

  private BigDecimal exactlyAllowed() {
    return compliance.objective().allowed(compliance.total());
  }
}

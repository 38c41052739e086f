package dev.perfkit.sla;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.Event;
import dev.perfkit.spi.support.Options;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Objects;

/**
 * One tier of burn alerts: it fires when the error budget burns faster than a factor over a long
 * and over a short window, and resolves when it no longer does over the short one. At a burn rate
 * of 1 the budget lasts exactly for its period.
 *
 * @param factor the burn rate that must be exceeded, over 0
 * @param longWindow says that it matters, over the short window
 * @param shortWindow says that it still happens, 1 minute or more
 * @param severity CRITICAL pages a person, WARNING opens a ticket
 */
@Beta
public record BurnTier(
    double factor, Duration longWindow, Duration shortWindow, Event.Severity severity) {

  /** The shortest window that burn rates are told of: 1 minute. */
  public static final Duration SHORTEST_WINDOW = Duration.ofMinutes(1);

  /**
   * Checks each value.
   *
   * @throws IllegalArgumentException if factor or windows are outside their range, or the severity
   *     is INFO
   */
  public BurnTier {
    Options.require(factor > 0 && factor <= 1e6, "factor", "be over 0 and at most 1000000", factor);
    Options.between("shortWindow", SHORTEST_WINDOW, Ledger.KEPT, shortWindow);
    Options.between("longWindow", SHORTEST_WINDOW, Ledger.KEPT, longWindow);
    Options.require(
        longWindow.compareTo(shortWindow) > 0,
        "longWindow",
        "be over the short window of " + Durations.brief(shortWindow),
        Durations.brief(longWindow));
    Objects.requireNonNull(severity, "severity");
    Options.require(
        severity != Event.Severity.INFO, "severity", "be CRITICAL or WARNING", severity);
  }

  /**
   * Returns a tier that pages a person.
   *
   * @throws IllegalArgumentException if factor or windows are outside their range
   */
  public static BurnTier page(double factor, Duration longWindow, Duration shortWindow) {
    return new BurnTier(factor, longWindow, shortWindow, Event.Severity.CRITICAL);
  }

  /**
   * Returns a tier that opens a ticket.
   *
   * @throws IllegalArgumentException if factor or windows are outside their range
   */
  public static BurnTier ticket(double factor, Duration longWindow, Duration shortWindow) {
    return new BurnTier(factor, longWindow, shortWindow, Event.Severity.WARNING);
  }

  /** Returns the name: that of the long window, such as {@code burn-1h}. */
  public String name() {
    return "burn-" + Durations.brief(longWindow);
  }

  /** Returns whether it pages a person. */
  public boolean pages() {
    return severity == Event.Severity.CRITICAL;
  }

  /** Returns the share of bad events that must be exceeded; 1 or more can never be. */
  BigDecimal limit(BigDecimal allowedShare) {
    return BigDecimal.valueOf(factor).multiply(allowedShare);
  }

  /** Returns what it asks for, such as {@code burn over 14.4 in 1h and 5m}. */
  @Override
  public String toString() {
    return "burn over "
        + BigDecimal.valueOf(factor).stripTrailingZeros().toPlainString()
        + " in "
        + Durations.brief(longWindow)
        + " and "
        + Durations.brief(shortWindow);
  }
}

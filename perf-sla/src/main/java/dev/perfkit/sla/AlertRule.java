package dev.perfkit.sla;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.Event;
import dev.perfkit.spi.support.Options;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * Alerts when a {@link Signal} has been beyond a limit for a while, and until it is back beyond
 * another, easier one; between the two it stays as it was. Immutable.
 *
 * <pre>{@code
 * AlertRule.above("queue-full", Signal.of("queue", queue::size), 900)
 *     .clearAt(500)
 *     .lasting(Duration.ofMinutes(2))
 *     .severity(Event.Severity.CRITICAL);
 * }</pre>
 *
 * <p>Rules are judged every 5 seconds. A signal without a number starts nothing; a firing alert is
 * held for as long as it takes to fire, at least 1 minute, then it is {@link Alert.State#NO_DATA}.
 */
@Beta
public final class AlertRule {

  /** How long a signal must be beyond the limit unless set otherwise: 1 minute. */
  public static final Duration DEFAULT_LASTING = Duration.ofMinutes(1);

  /** The longest {@link #lasting}: 1 day. */
  public static final Duration LONGEST_LASTING = Duration.ofDays(1);

  /** What {@link #clearAt} is unless set: this part of the limit better than it, a twentieth. */
  public static final double DEFAULT_CLEARANCE = 0.05;

  private static final MathContext THREE_DIGITS = new MathContext(3);

  private final String name;
  private final Signal signal;
  private final boolean above;
  private final double limit;
  private final double clear;
  private final Duration lasting;
  private final Event.Severity severity;

  private AlertRule(
      String name,
      Signal signal,
      boolean above,
      double limit,
      double clear,
      Duration lasting,
      Event.Severity severity) {
    this.name = name;
    this.signal = signal;
    this.above = above;
    this.limit = limit;
    this.clear = clear;
    this.lasting = lasting;
    this.severity = severity;
  }

  /**
   * Returns a rule that a signal must not be over a limit.
   *
   * @param name not blank, at most 200 characters; unique in a monitor
   * @throws IllegalArgumentException if the name is not allowed or the limit not finite
   */
  public static AlertRule above(String name, Signal signal, double limit) {
    return rule(name, signal, true, limit);
  }

  /**
   * Returns a rule that a signal in seconds must not be over a duration.
   *
   * @param name not blank, at most 200 characters; unique in a monitor
   * @throws IllegalArgumentException if the name is not allowed, or the signal not in seconds
   */
  public static AlertRule above(String name, Signal signal, Duration limit) {
    Options.require(signal.unit() == Signal.Unit.SECONDS, "signal", "be in seconds", signal.name());
    return rule(name, signal, true, Durations.toSeconds(Durations.saturatedNanos(limit)));
  }

  /**
   * Returns a rule that a signal must not be under a limit.
   *
   * @param name not blank, at most 200 characters; unique in a monitor
   * @throws IllegalArgumentException if the name is not allowed or the limit not finite
   */
  public static AlertRule below(String name, Signal signal, double limit) {
    return rule(name, signal, false, limit);
  }

  /**
   * Returns the usual rules: {@link #responseTime}, {@link #errorRate}, {@link #throughputDrop},
   * {@link #hitRate}, {@link #poolUtilization} and {@link #memory}.
   */
  public static List<AlertRule> standard() {
    return List.of(
        responseTime(),
        errorRate(),
        throughputDrop(),
        hitRate(Event.Severity.WARNING),
        hitRate(Event.Severity.CRITICAL),
        poolUtilization(Event.Severity.WARNING),
        poolUtilization(Event.Severity.CRITICAL),
        memory());
  }

  /** 95 % of the requests of each service in 5 min over 500 ms; until under 450 ms. */
  public static AlertRule responseTime() {
    Signal signal = Signal.percentile(0.95, Window.FIVE_MINUTES);
    return above("response-time", signal, Duration.ofMillis(500)).clearAt(0.45);
  }

  /** Over 5 % of the requests of each service in 5 min failed; until under 4 %; critical. */
  public static AlertRule errorRate() {
    return above("error-rate", Signal.errorRate(Window.FIVE_MINUTES), 0.05)
        .clearAt(0.04)
        .severity(Event.Severity.CRITICAL);
  }

  /** Over 20 % fewer requests of a service in 5 min than the hour before; until under 10 %. */
  public static AlertRule throughputDrop() {
    Signal signal = Signal.throughputDrop(Window.FIVE_MINUTES, Window.ONE_HOUR);
    return above("throughput-drop", signal, 0.2).clearAt(0.1);
  }

  /**
   * Under 80 % of the look-ups of a cache of perf-cache in 5 min were hits, in memory or behind it,
   * and that for 5 min, as a cache that was just started is empty; until over 82 %. Critical: 70 %
   * and 72 %.
   *
   * @throws IllegalArgumentException if the severity is INFO
   */
  public static AlertRule hitRate(Event.Severity severity) {
    Signal signal =
        Signal.ratio(
            "hit-rate-5m",
            List.of("cache.memory.hits", "cache.remote.hits"),
            List.of("cache.memory.hits", "cache.memory.misses"),
            Window.FIVE_MINUTES);
    boolean critical = severity == Event.Severity.CRITICAL;
    return below(
            critical ? "hit-rate-critical" : "hit-rate", signal.atLeast(100), critical ? 0.7 : 0.8)
        .clearAt(critical ? 0.72 : 0.82)
        .lasting(Duration.ofMinutes(5))
        .severity(severity);
  }

  /**
   * Over 75 % of the connections of a pool of perf-pool in use; until under 70 %. Critical: 90 %
   * and 85 %.
   *
   * @throws IllegalArgumentException if the severity is INFO
   */
  public static AlertRule poolUtilization(Event.Severity severity) {
    Signal signal = Signal.gaugeRatio("pool.active", "pool.maximum");
    boolean critical = severity == Event.Severity.CRITICAL;
    return above(
            critical ? "pool-utilization-critical" : "pool-utilization",
            signal,
            critical ? 0.9 : 0.75)
        .clearAt(critical ? 0.85 : 0.7)
        .severity(severity);
  }

  /** Over 80 % of the greatest heap in use, garbage included, for 5 min; until under 75 %. */
  public static AlertRule memory() {
    return above("memory", Signal.heap(), 0.8).clearAt(0.75).lasting(Duration.ofMinutes(5));
  }

  /**
   * A query took over 100 ms in the last minute; until none did. Any time is enough.
   *
   * @param timer the name of the timer of queries
   */
  public static AlertRule slowQueries(String timer) {
    Signal signal = Signal.slowerOf(timer, Duration.ofMillis(100), Window.ONE_MINUTE);
    return above("slow-queries", signal, 0).lasting(Duration.ZERO);
  }

  /**
   * Returns this rule with another value that ends an alert, by default a twentieth better than the
   * limit.
   *
   * @throws IllegalArgumentException if it is beyond the limit or not finite
   */
  public AlertRule clearAt(double value) {
    boolean easier = above ? value <= limit : value >= limit;
    Options.require(
        easier && Double.isFinite(value),
        "clearAt of rule '" + name + "'",
        "be at " + (above ? "most" : "least") + " the limit of " + limit,
        value);
    return new AlertRule(name, signal, above, limit, value, lasting, severity);
  }

  /**
   * Returns this rule with another time for which the signal must be beyond the limit.
   *
   * @param time 0 to 1 day, by default 1 minute
   * @throws IllegalArgumentException if the time is outside that range
   */
  public AlertRule lasting(Duration time) {
    Options.between("lasting of rule '" + name + "'", Duration.ZERO, LONGEST_LASTING, time);
    return new AlertRule(name, signal, above, limit, clear, time, severity);
  }

  /**
   * Returns this rule with another severity, by default WARNING.
   *
   * @throws IllegalArgumentException if it is INFO
   */
  public AlertRule severity(Event.Severity severity) {
    Objects.requireNonNull(severity, "severity");
    Options.require(
        severity != Event.Severity.INFO,
        "severity of rule '" + name + "'",
        "be CRITICAL or WARNING",
        severity);
    return new AlertRule(name, signal, above, limit, clear, lasting, severity);
  }

  /** Returns the name. */
  public String name() {
    return name;
  }

  /** Returns what is watched. */
  public Signal signal() {
    return signal;
  }

  /** Returns how long the signal must be beyond the limit. */
  public Duration lasting() {
    return lasting;
  }

  /** Returns how much it matters. */
  public Event.Severity severity() {
    return severity;
  }

  /** Returns whether a number is beyond the limit. */
  boolean isBeyond(double value) {
    return above ? value > limit : value < limit;
  }

  /** Returns whether a number ends an alert. */
  boolean isClear(double value) {
    return above ? value <= clear : value >= clear;
  }

  double limit() {
    return limit;
  }

  double clear() {
    return clear;
  }

  /** Returns what is asked for in words, such as {@code over 500 ms}. */
  String limitText() {
    return (above ? "over " : "under ") + text(limit);
  }

  String clearText() {
    return text(clear);
  }

  /** Returns a number of the signal for people. */
  String text(double value) {
    return switch (signal.unit()) {
      case SECONDS -> value < 1 ? rounded(value * 1_000) + " ms" : rounded(value) + " s";
      case SHARE -> rounded(value * 100) + " %";
      case PER_SECOND -> rounded(value) + " per second";
      case PLAIN -> rounded(value);
    };
  }

  @Override
  public String toString() {
    return "AlertRule["
        + name
        + ": "
        + signal.name()
        + " "
        + limitText()
        + " for "
        + Durations.brief(lasting)
        + ", "
        + severity.name().toLowerCase(Locale.ROOT)
        + "]";
  }

  private static String rounded(double value) {
    return Optional.of(value)
        .filter(Double::isFinite)
        .map(it -> BigDecimal.valueOf(it).round(THREE_DIGITS).stripTrailingZeros().toPlainString())
        .orElseGet(() -> Double.toString(value));
  }

  private static AlertRule rule(String name, Signal signal, boolean above, double limit) {
    Objectives.name("rule name", name);
    Objects.requireNonNull(signal, "signal");
    Options.require(
        Double.isFinite(limit), "limit of rule '" + name + "'", "be a finite number", limit);
    double clearance = Math.abs(limit) * DEFAULT_CLEARANCE;
    double clear = above ? limit - clearance : limit + clearance;
    return new AlertRule(
        name, signal, above, limit, clear, DEFAULT_LASTING, Event.Severity.WARNING);
  }
}

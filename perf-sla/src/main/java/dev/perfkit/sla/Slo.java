package dev.perfkit.sla;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.support.Options;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A service-level objective: the share of requests that must be good over a rolling period.
 *
 * <p>Equal when name, kind, target, threshold and period are. Immutable.
 */
@Beta
public final class Slo {

  /** What makes a request good. */
  public enum Kind {
    /** A success is good, a failure is bad. */
    AVAILABILITY,
    /**
     * A success within the threshold is good; whatever took longer is bad. A failure within the
     * threshold is neither: failing fast is not being fast, and availability already counts it.
     */
    LATENCY
  }

  /** The period unless {@link #over} sets another one: 30 days. */
  public static final Duration DEFAULT_PERIOD = Duration.ofDays(30);

  /** The shortest period: 1 minute. */
  public static final Duration SHORTEST_PERIOD = Duration.ofMinutes(1);

  /** The longest threshold of a latency objective: 4 hours. */
  public static final Duration LONGEST_THRESHOLD = Duration.ofHours(4);

  private final @Nullable String name;
  private final Kind kind;
  private final BigDecimal target;
  private final @Nullable Duration threshold;
  private final Duration period;

  private Slo(
      @Nullable String name,
      Kind kind,
      BigDecimal target,
      @Nullable Duration threshold,
      Duration period) {
    this.name = name;
    this.kind = kind;
    this.target = target;
    this.threshold = threshold;
    this.period = period;
  }

  /**
   * Returns the objective that a share of the requests succeeds.
   *
   * @param target over 0 and under 1, such as 0.999
   * @throws IllegalArgumentException if the target is outside that range
   */
  public static Slo availability(double target) {
    return new Slo(null, Kind.AVAILABILITY, share(target), null, DEFAULT_PERIOD);
  }

  /**
   * Returns the objective that a share of the requests takes no longer than a threshold.
   *
   * @param target over 0 and under 1, such as 0.95
   * @param threshold over 0, at most 4 hours; kept to the nanosecond
   * @throws IllegalArgumentException if one of them is outside its range
   */
  public static Slo latency(double target, Duration threshold) {
    Options.positive("threshold", threshold);
    Options.require(
        threshold.compareTo(LONGEST_THRESHOLD) <= 0, "threshold", "be at most 4 hours", threshold);
    return new Slo(null, Kind.LATENCY, share(target), threshold, DEFAULT_PERIOD);
  }

  /**
   * Returns this objective over another rolling period.
   *
   * @param period 1 minute to 31 days
   * @throws IllegalArgumentException if the period is outside that range
   */
  public Slo over(Duration period) {
    Options.between("period", SHORTEST_PERIOD, Window.LONGEST, period);
    return new Slo(name, kind, target, threshold, period);
  }

  /**
   * Returns this objective with a name of the host's choice. Names are unique in a service.
   *
   * @throws IllegalArgumentException if the name is blank or over 200 characters
   */
  public Slo named(String name) {
    return new Slo(Objectives.name("objective name", name), kind, target, threshold, period);
  }

  /**
   * Returns the name; unless one was given, it says what is promised, such as {@code
   * availability-99.9} or {@code latency-95-200ms}.
   */
  public String name() {
    return name == null ? describe() : name;
  }

  /** Returns what makes a request good. */
  public Kind kind() {
    return kind;
  }

  /** Returns the share that must be good, over 0 and under 1. */
  public double target() {
    return target.doubleValue();
  }

  /** Returns the longest duration that is good; empty unless this is a latency objective. */
  public Optional<Duration> threshold() {
    return Optional.ofNullable(threshold);
  }

  /** Returns the rolling period. */
  public Duration period() {
    return period;
  }

  /** Returns how many of so many requests may be bad. */
  BigDecimal allowed(long total) {
    return BigDecimal.ONE.subtract(target).multiply(BigDecimal.valueOf(total));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Slo that
        && name().equals(that.name())
        && kind == that.kind
        && target.equals(that.target)
        && Objects.equals(threshold, that.threshold)
        && period.equals(that.period);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name(), kind, target, threshold, period);
  }

  @Override
  public String toString() {
    return "Slo[" + name() + " over " + Durations.brief(period) + "]";
  }

  private String describe() {
    String percent = target.movePointRight(2).stripTrailingZeros().toPlainString();
    String what = kind == Kind.AVAILABILITY ? "availability-" : "latency-";
    String limit = threshold == null ? "" : "-" + Durations.brief(threshold);
    String over = period.equals(DEFAULT_PERIOD) ? "" : "-" + Durations.brief(period);
    return what + percent + limit + over;
  }

  private static BigDecimal share(double target) {
    Options.require(target > 0 && target < 1, "target", "be over 0 and under 1", target);
    return BigDecimal.valueOf(target).stripTrailingZeros();
  }
}

package dev.perfkit.sla;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.support.Options;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A service-level objective: the share of requests, or of time, that must be good over a period.
 *
 * <pre>{@code
 * Slo.availability(0.999)
 * Slo.latency(0.95, Duration.ofMillis(200)).over(Duration.ofDays(7))
 * Slo.errorRate(0.001).calendar(CalendarPeriod.Unit.MONTH, ZoneId.of("Europe/Berlin"))
 * Slo.throughput(0.99, 50)                                    // 50 a second in 99 % of minutes
 * Slo.availability(0.999).timeslices(Duration.ofMinutes(1), 0.95)
 * }</pre>
 *
 * <p>Equal when all that was set is. Immutable.
 */
@Beta
public final class Slo {

  /** What makes a request, or a slice of time, good. */
  public enum Kind {
    /** A success is good, a failure is bad. */
    AVAILABILITY,
    /**
     * A success within the threshold is good; whatever took longer is bad. A failure within the
     * threshold is neither: failing fast is not being fast, and availability already counts it.
     */
    LATENCY,
    /** The same as availability, told as the share that may fail. */
    ERROR_RATE,
    /** A timeslice is good if there were so many requests a second in it; silence is bad. */
    THROUGHPUT,
    /** A timeslice is good if it meets every part; parts without requests in it do not count. */
    COMPOSITE
  }

  /** The period unless {@link #over} or {@link #calendar} sets another one: 30 days. */
  public static final Duration DEFAULT_PERIOD = Duration.ofDays(30);

  /** The shortest period: 1 minute. */
  public static final Duration SHORTEST_PERIOD = Duration.ofMinutes(1);

  /** The longest period: 400 days. */
  public static final Duration LONGEST_PERIOD = Ledger.KEPT;

  /** The longest threshold of a latency objective: 4 hours. */
  public static final Duration LONGEST_THRESHOLD = Duration.ofHours(4);

  /** The timeslice of throughput and composite objectives unless set otherwise: 1 minute. */
  public static final Duration DEFAULT_TIMESLICE = Duration.ofMinutes(1);

  /** The shortest timeslice: 10 seconds. */
  public static final Duration SHORTEST_TIMESLICE = Duration.ofSeconds(10);

  /** The longest timeslice: 1 hour. */
  public static final Duration LONGEST_TIMESLICE = Duration.ofHours(1);

  private static final double HIGHEST_FLOOR = 1e9;
  private static final int MOST_PARTS = 8;

  private final Terms terms;

  private Slo(Terms terms) {
    this.terms = terms;
  }

  /**
   * Returns the objective that a share of the requests succeeds.
   *
   * @param target over 0 and under 1, such as 0.999
   * @throws IllegalArgumentException if the target is outside that range
   */
  public static Slo availability(double target) {
    return new Slo(new Terms(Kind.AVAILABILITY, share("target", target)));
  }

  /**
   * Returns the objective that no more than a share of the requests fails.
   *
   * @param maximum over 0 and under 1, such as 0.001; the target is what this leaves, 0.999
   * @throws IllegalArgumentException if the maximum is outside that range
   */
  public static Slo errorRate(double maximum) {
    BigDecimal target = BigDecimal.ONE.subtract(share("maximum", maximum));
    return new Slo(new Terms(Kind.ERROR_RATE, target.stripTrailingZeros()));
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
    Terms terms = new Terms(Kind.LATENCY, share("target", target));
    terms.threshold = threshold;
    return new Slo(terms);
  }

  /**
   * Returns the objective that there are so many requests a second in a share of the timeslices. A
   * timeslice without requests is bad.
   *
   * @param target over 0 and under 1, such as 0.99
   * @param perSecond over 0, at most 1e9
   * @throws IllegalArgumentException if one of them is outside its range
   */
  public static Slo throughput(double target, double perSecond) {
    Options.require(
        perSecond > 0 && perSecond <= HIGHEST_FLOOR,
        "perSecond",
        "be over 0 and at most 1000000000",
        perSecond);
    Terms terms = new Terms(Kind.THROUGHPUT, share("target", target));
    terms.floor = BigDecimal.valueOf(perSecond).stripTrailingZeros();
    terms.timeslice = DEFAULT_TIMESLICE;
    terms.emptyTimeslices = EmptyTimeslices.BAD;
    return new Slo(terms);
  }

  /**
   * Returns the objective that all parts are met in a share of the timeslices, each at its own
   * target.
   *
   * @param target over 0 and under 1, such as 0.99
   * @param parts 2 to 8 objectives that are not composite; their periods and alerts do not matter
   * @throws IllegalArgumentException if the target is outside its range, or the parts are
   */
  public static Slo allOf(double target, Slo... parts) {
    Options.between("number of parts", 2, MOST_PARTS, parts.length);
    for (Slo part : parts) {
      Options.require(part.kind() != Kind.COMPOSITE, "part", "not be composite", part);
    }
    Terms terms = new Terms(Kind.COMPOSITE, share("target", target));
    terms.parts = List.of(parts);
    terms.timeslice = DEFAULT_TIMESLICE;
    return new Slo(terms);
  }

  /**
   * Returns this objective over a rolling period.
   *
   * @param period 1 minute to 400 days
   * @throws IllegalArgumentException if the period is outside that range
   */
  public Slo over(Duration period) {
    Options.between("period", SHORTEST_PERIOD, LONGEST_PERIOD, period);
    return with(
        copy -> {
          copy.period = period;
          copy.calendar = null;
        });
  }

  /**
   * Returns this objective over the periods of a calendar. Its budget is a share of the requests
   * that the period before had, and of low confidence until one was seen whole.
   *
   * @param unit what of the calendar
   * @param zone whose calendar
   */
  public Slo calendar(CalendarPeriod.Unit unit, ZoneId zone) {
    CalendarPeriod calendar = new CalendarPeriod(unit, zone);
    return with(
        copy -> {
          copy.period = calendar.nominal();
          copy.calendar = calendar;
        });
  }

  /**
   * Returns this objective counting time instead of requests: the target is the share of timeslices
   * that must be good, and a timeslice is good if a share of its requests is.
   *
   * @param length 10 seconds to 1 hour, in whole seconds
   * @param share over 0 and under 1
   * @throws IllegalArgumentException if one of them is outside its range, or this is a throughput
   *     or composite objective, whose timeslices have no share
   */
  public Slo timeslices(Duration length, double share) {
    Options.require(
        kind() != Kind.THROUGHPUT && kind() != Kind.COMPOSITE,
        "timeslices of " + name(),
        "be given without a share",
        share);
    BigDecimal checked = share("share", share);
    return timeslices(length).with(copy -> copy.timesliceShare = checked);
  }

  /**
   * Returns this objective counting time instead of requests: the target is the share of timeslices
   * that must be good. Of objectives about requests, a timeslice is good if the target's share of
   * its requests is.
   *
   * @param length 10 seconds to 1 hour, in whole seconds
   * @throws IllegalArgumentException if the length is outside that range
   */
  public Slo timeslices(Duration length) {
    Options.between("timeslice", SHORTEST_TIMESLICE, LONGEST_TIMESLICE, length);
    Options.require(length.toMillis() % 1_000 == 0, "timeslice", "be whole seconds", length);
    return with(copy -> copy.timeslice = length);
  }

  /**
   * Returns this objective with another meaning of timeslices without requests, by default {@link
   * EmptyTimeslices#EXCLUDED}.
   *
   * @throws IllegalArgumentException if this objective does not count timeslices, or is about
   *     throughput, of which silence is known to be 0
   */
  public Slo emptyTimeslices(EmptyTimeslices meaning) {
    Objects.requireNonNull(meaning, "meaning");
    Options.require(
        terms.timeslice != null && kind() != Kind.THROUGHPUT,
        "emptyTimeslices of " + name(),
        "be set after timeslices, and not of a throughput",
        meaning);
    return with(copy -> copy.emptyTimeslices = meaning);
  }

  /**
   * Returns this objective with other burn alerts, by default {@link BurnAlerts#standard}. Whether
   * they can fire is checked when a service gets the objective.
   */
  public Slo alerts(BurnAlerts alerts) {
    Objects.requireNonNull(alerts, "alerts");
    return with(copy -> copy.alerts = alerts);
  }

  /**
   * Returns this objective with a name of the host's choice. Names are unique in a service.
   *
   * @throws IllegalArgumentException if the name is blank or over 200 characters
   */
  public Slo named(String name) {
    String checked = Objectives.name("objective name", name);
    return with(copy -> copy.name = checked);
  }

  /**
   * Returns the name; unless one was given, it says what is promised, such as {@code
   * availability-99.9} or {@code latency-95-200ms}.
   */
  public String name() {
    return terms.name == null ? promise() : terms.name;
  }

  /** Returns what makes a request, or a timeslice, good. */
  public Kind kind() {
    return terms.kind;
  }

  /** Returns the share that must be good, over 0 and under 1. */
  public double target() {
    return terms.target.doubleValue();
  }

  /** Returns the longest duration that is good; empty unless this is a latency objective. */
  public Optional<Duration> threshold() {
    return Optional.ofNullable(terms.threshold);
  }

  /** Returns the requests a second that there must be; empty unless this is about throughput. */
  public OptionalDouble floor() {
    return terms.floor == null
        ? OptionalDouble.empty()
        : OptionalDouble.of(terms.floor.doubleValue());
  }

  /** Returns the parts of a composite objective; unmodifiable, empty for others. */
  public List<Slo> parts() {
    return terms.parts;
  }

  /** Returns the rolling period, or the usual length of the calendar's. */
  public Duration period() {
    return terms.period;
  }

  /** Returns the calendar; empty if the period is a rolling one. */
  public Optional<CalendarPeriod> calendar() {
    return Optional.ofNullable(terms.calendar);
  }

  /** Returns the length of the timeslices; empty if requests are counted. */
  public Optional<Duration> timeslice() {
    return Optional.ofNullable(terms.timeslice);
  }

  /** Returns what a timeslice without requests counts as. */
  public EmptyTimeslices emptyTimeslices() {
    return terms.emptyTimeslices;
  }

  /** Returns the tiers that watch the budget, the most urgent first; unmodifiable. */
  public List<BurnTier> burnTiers() {
    return BurnPlan.of(this).tiers();
  }

  /**
   * Returns what is promised in words, one line for each burn alert: how soon it fires in a full
   * outage, with a warning over 15 minutes; and one for each standard alert that is left out, with
   * the reason.
   */
  public String description() {
    return BurnPlan.of(this).describe();
  }

  /** Returns how many of so many requests, or timeslices, may be bad. */
  BigDecimal allowed(long total) {
    return allowedShare().multiply(BigDecimal.valueOf(total));
  }

  /** Returns the share that may be bad. */
  BigDecimal allowedShare() {
    return BigDecimal.ONE.subtract(terms.target);
  }

  BigDecimal exactTarget() {
    return terms.target;
  }

  @Nullable BigDecimal exactFloor() {
    return terms.floor;
  }

  /** Returns the share of good requests that makes a timeslice good. */
  BigDecimal timesliceShare() {
    return terms.timesliceShare == null ? terms.target : terms.timesliceShare;
  }

  BurnAlerts alerts() {
    return terms.alerts;
  }

  /** Returns the thresholds that must be counted exactly. */
  Stream<Duration> thresholds() {
    return Stream.concat(threshold().stream(), parts().stream().flatMap(Slo::thresholds));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Slo that
        && name().equals(that.name())
        && terms.values().equals(that.terms.values());
  }

  @Override
  public int hashCode() {
    return Objects.hash(name(), terms.kind, terms.target, terms.period);
  }

  @Override
  public String toString() {
    return "Slo[" + name() + " over " + periodText() + "]";
  }

  /** Returns the period as text, such as {@code 30d} or {@code month Europe/Berlin}. */
  String periodText() {
    return terms.calendar == null ? Durations.brief(terms.period) : terms.calendar.toString();
  }

  /** Returns a share as percent, such as {@code 99.9}. */
  static String percent(BigDecimal share) {
    return share.movePointRight(2).stripTrailingZeros().toPlainString();
  }

  private String promise() {
    String what =
        switch (terms.kind) {
          case AVAILABILITY -> "availability-" + percent(terms.target);
          case LATENCY -> "latency-" + percent(terms.target);
          case ERROR_RATE -> "errors-" + percent(allowedShare());
          case THROUGHPUT -> "throughput-" + percent(terms.target);
          case COMPOSITE -> "composite-" + percent(terms.target);
        };
    return what + limit() + slices() + periodSuffix();
  }

  private String limit() {
    if (terms.threshold != null) {
      return "-" + Durations.brief(terms.threshold);
    }
    return terms.floor == null ? "" : "-" + terms.floor.toPlainString() + "ps";
  }

  private String slices() {
    boolean usual = terms.kind == Kind.THROUGHPUT || terms.kind == Kind.COMPOSITE;
    return terms.timeslice == null || (usual && terms.timeslice.equals(DEFAULT_TIMESLICE))
        ? ""
        : "-by-" + Durations.brief(terms.timeslice);
  }

  private String periodSuffix() {
    if (terms.calendar != null) {
      return "-" + terms.calendar.unit().name().toLowerCase(Locale.ROOT);
    }
    return terms.period.equals(DEFAULT_PERIOD) ? "" : "-" + Durations.brief(terms.period);
  }

  private Slo with(Consumer<Terms> change) {
    Terms copy = new Terms(terms);
    change.accept(copy);
    return new Slo(copy);
  }

  private static BigDecimal share(String property, double share) {
    Options.require(share > 0 && share < 1, property, "be over 0 and under 1", share);
    return BigDecimal.valueOf(share).stripTrailingZeros();
  }

  /** What was set; never changed once an objective holds it. */
  private static final class Terms {

    private final Kind kind;
    private final BigDecimal target;
    private @Nullable String name;
    private @Nullable Duration threshold;
    private @Nullable BigDecimal floor;
    private List<Slo> parts = List.of();
    private Duration period = DEFAULT_PERIOD;
    private @Nullable CalendarPeriod calendar;
    private @Nullable Duration timeslice;
    private @Nullable BigDecimal timesliceShare;
    private EmptyTimeslices emptyTimeslices = EmptyTimeslices.EXCLUDED;
    private BurnAlerts alerts = BurnAlerts.standard();

    Terms(Kind kind, BigDecimal target) {
      this.kind = kind;
      this.target = target;
    }

    Terms(Terms from) {
      this(from.kind, from.target);
      name = from.name;
      threshold = from.threshold;
      floor = from.floor;
      parts = from.parts;
      period = from.period;
      calendar = from.calendar;
      timeslice = from.timeslice;
      timesliceShare = from.timesliceShare;
      emptyTimeslices = from.emptyTimeslices;
      alerts = from.alerts;
    }

    List<Optional<?>> values() {
      return Stream.of(
              kind,
              target,
              threshold,
              floor,
              parts,
              period,
              calendar,
              timeslice,
              timesliceShare,
              emptyTimeslices,
              alerts)
          .<Optional<?>>map(Optional::ofNullable)
          .toList();
    }
  }
}

package dev.perfkit.sla;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** One objective at work on the ledger of its service. For one thread at a time. */
final class Objective {

  /** The time that a forecast looks back: the hour of a period of 30 days. */
  private static final int FORECAST_PART = 720;

  private static final long SHORTEST_FORECAST = Duration.ofMinutes(1).toNanos();
  private static final long LONGEST_FORECAST = Duration.ofHours(6).toNanos();
  private static final int FORECAST_PARTS = 12;

  private final Slo slo;
  private final Ledger ledger;
  private final int column;
  private final @Nullable SliceJudge slices;
  private final @Nullable BudgetCalendar calendar;
  private final List<BurnRule> rules;
  private final List<String> leftOut;

  /**
   * @param column of the ledger, of the good events; the next is that of the bad ones
   * @param sameAs an objective that has the same burn alerts already
   */
  Objective(Slo slo, Ledger ledger, int column, @Nullable SliceJudge slices, @Nullable Slo sameAs) {
    this.slo = slo;
    this.ledger = ledger;
    this.column = column;
    this.slices = slices;
    this.calendar = slo.calendar().map(it -> new BudgetCalendar(it, ledger)).orElse(null);
    BurnPlan plan = BurnPlan.of(slo);
    boolean own = sameAs == null || !slo.alerts().isStandard();
    this.rules = own ? plan.tiers().stream().map(it -> new BurnRule(slo, it)).toList() : List.of();
    this.leftOut =
        sameAs == null || own
            ? plan.leftOut()
            : List.of("all burn alerts: those of " + sameAs.name() + " tell the same");
  }

  Slo slo() {
    return slo;
  }

  /** Returns a line for each standard burn alert that was left out. */
  List<String> leftOut() {
    return leftOut;
  }

  List<BurnRule> rules() {
    return rules;
  }

  @Nullable SliceJudge slices() {
    return slices;
  }

  int column() {
    return column;
  }

  /** Notes the time of the newest edge. */
  void advance(long now, long epochMillis) {
    if (calendar != null) {
      calendar.advance(now, epochMillis);
    }
  }

  /** Returns what happened in a window up to the newest edge. */
  Counts recent(Duration window) {
    int last = ledger.edges() - 1;
    return between(ledger.atOrBefore(ledger.end() - window.toNanos()), last);
  }

  /**
   * Returns what happened in a window.
   *
   * @param totals those of now
   */
  Compliance compliance(long now, long[] totals, long windowNanos) {
    return since(ledger.startOfSpan(now - windowNanos, column, column + 1), now, totals);
  }

  /** Returns what is left of the budget. */
  ErrorBudget budget(long now, long epochMillis, long[] totals) {
    if (calendar != null) {
      return calendarBudget(calendar, now, epochMillis, totals);
    }
    long period = slo.period().toNanos();
    Compliance compliance = compliance(now, totals, period);
    double filling = Math.max(0, period - compliance.covered().toNanos());
    return new ErrorBudget(
        compliance,
        compliance.total(),
        ErrorBudget.Confidence.FULL,
        forecast().flatMap(it -> it.growing(left(compliance, compliance.total()), filling, false)));
  }

  /** Returns all that is known. */
  ObjectiveStatus status(long now, long epochMillis, long[] totals) {
    List<Burn> burns = new ArrayList<>();
    for (BurnRule rule : rules) {
      burns.add(
          new Burn(
              rule.tier(),
              rule.state(),
              rate(rule, recent(rule.tier().longWindow())),
              rate(rule, recent(rule.tier().shortWindow()))));
    }
    return new ObjectiveStatus(budget(now, epochMillis, totals), burns, leftOut);
  }

  private ErrorBudget calendarBudget(
      BudgetCalendar calendar, long now, long epochMillis, long[] totals) {
    Compliance compliance = since(calendar.from(), now, totals);
    double leftNanos = Durations.saturatedNanos(calendar.left(epochMillis));
    if (!calendar.hasPrevious()) {
      return new ErrorBudget(
          compliance,
          compliance.total(),
          ErrorBudget.Confidence.LOW,
          forecast()
              .flatMap(it -> it.growing(left(compliance, compliance.total()), leftNanos, true)));
    }
    int before = ledger.nearest(calendar.previousFrom());
    long previous = between(before, ledger.nearest(calendar.from())).total();
    long expected = Math.max(previous, compliance.total());
    return new ErrorBudget(
        compliance,
        expected,
        ErrorBudget.Confidence.FULL,
        forecast().flatMap(it -> it.fixed(left(compliance, expected), leftNanos)));
  }

  private double left(Compliance compliance, long expected) {
    return slo.allowed(expected).subtract(BigDecimal.valueOf(compliance.bad())).doubleValue();
  }

  private Compliance since(long from, long now, long[] totals) {
    int edge = ledger.atOrBefore(from);
    Duration covered = Duration.ofNanos(Math.max(0, now - from));
    return new Compliance(
        slo,
        covered,
        totals[column] - ledger.total(edge, column),
        totals[column + 1] - ledger.total(edge, column + 1));
  }

  private Optional<Forecast> forecast() {
    long whole =
        Math.max(
            SHORTEST_FORECAST, Math.min(LONGEST_FORECAST, slo.period().toNanos() / FORECAST_PART));
    long end = ledger.end();
    Counts[] parts = new Counts[FORECAST_PARTS];
    int first = ledger.atOrBefore(end - whole);
    int edge = first;
    for (int i = 0; i < FORECAST_PARTS; i++) {
      int next = ledger.atOrBefore(end - whole + whole / FORECAST_PARTS * (i + 1));
      next = i == FORECAST_PARTS - 1 ? ledger.edges() - 1 : Math.max(edge, next);
      parts[i] = between(edge, next);
      edge = next;
    }
    double span = Math.min(whole, end - ledger.time(first));
    return Forecast.of(slo.allowedShare().doubleValue(), parts, span);
  }

  private Counts between(int from, int to) {
    return new Counts(
        ledger.total(to, column) - ledger.total(from, column),
        ledger.total(to, column + 1) - ledger.total(from, column + 1));
  }

  private static OptionalDouble rate(BurnRule rule, Counts counts) {
    return counts.total() == 0 ? OptionalDouble.empty() : OptionalDouble.of(rule.burn(counts));
  }
}

package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.perfkit.sla.ErrorBudget.Confidence;
import dev.perfkit.sla.ErrorBudget.Exhaustion;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

/**
 * Proves that budgets are exact to one event, how the calendar sizes them, and that a forecast's
 * interval holds the truth as often as it says.
 */
final class ErrorBudgetTest {

  private static final Slo SLO = Slo.availability(0.999);
  private static final Duration DAY = Duration.ofDays(1);
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  @Property(tries = 300)
  void remaining_anyCounts_isExactToOneEvent(
      @ForAll @IntRange(min = 1, max = 99_999) int target,
      @ForAll @LongRange(min = 1, max = 1L << 50) long total,
      @ForAll @LongRange(max = 1L << 50) long anyBad) {
    long bad = anyBad % (total + 1);
    Slo slo = Slo.availability(target / 1e5);
    BigInteger allowed = BigInteger.valueOf(100_000 - target).multiply(BigInteger.valueOf(total));
    BigInteger spent = BigInteger.valueOf(bad).multiply(BigInteger.valueOf(100_000));
    Compliance compliance = new Compliance(slo, DAY, total - bad, bad);
    ErrorBudget budget = new ErrorBudget(compliance, total, Confidence.FULL, Optional.empty());

    assertThat(budget.remaining().orElseThrow() >= 0).isEqualTo(spent.compareTo(allowed) <= 0);
    assertThat(compliance.state() == Compliance.State.MET).isEqualTo(spent.compareTo(allowed) <= 0);
    assertThat(budget.consumed().orElseThrow() > 1).isEqualTo(spent.compareTo(allowed) > 0);
    assertThat(slo.allowed(total)).isEqualByComparingTo(new BigDecimal(allowed).movePointLeft(5));
    assertThat(budget.consumed().orElseThrow() + budget.remaining().orElseThrow())
        .isCloseTo(1, within(1e-9 * Math.max(1, budget.consumed().orElseThrow())));
  }

  @Property(tries = 25)
  void compliance_anyHistory_isTheSumOfWhatHappenedSinceItsStart(@ForAll long seed) {
    Random random = new Random(seed);
    Levels levels = new Levels(SLO);
    int seconds = 2_000 + random.nextInt(8_000);
    long[] good = new long[seconds];
    long[] bad = new long[seconds];
    for (int i = 0; i < seconds; i++) {
      good[i] = random.nextInt(3) == 0 ? random.nextInt(20) : 0;
      bad[i] = random.nextInt(10) == 0 ? random.nextInt(5) : 0;
      levels.count(good[i], bad[i]);
      levels.step(1);
    }
    for (int i = 0; i < 20; i++) {
      Compliance window = levels.compliance(SLO, Duration.ofSeconds(60 + random.nextInt(9_000)));
      long from = seconds - window.covered().toSeconds();
      long goodSince = 0;
      long badSince = 0;
      for (int second = (int) from; second < seconds; second++) {
        goodSince += good[second];
        badSince += bad[second];
      }
      assertThat(window.good()).isEqualTo(goodSince);
      assertThat(window.bad()).isEqualTo(badSince);
    }
  }

  @Test
  void budget_rollingOver90Days_forgetsWhatIsOlder() {
    Slo quarter = SLO.over(Duration.ofDays(90));
    Levels levels = new Levels(quarter);
    levels.run(DAY, Duration.ofMinutes(1), 0, 1);
    levels.run(Duration.ofDays(80), Duration.ofMinutes(1), 1, 0);
    assertThat(levels.budget(quarter).spent()).isEqualTo(86_400);
    levels.run(Duration.ofDays(13), Duration.ofMinutes(1), 1, 0);
    assertThat(levels.budget(quarter).spent()).isZero();
    assertThat(levels.budget(quarter).remaining()).hasValue(1);
  }

  @Test
  void calendar_firstPeriod_isOfLowConfidenceUntilOneWasSeenWhole() {
    Slo daily = SLO.calendar(CalendarPeriod.Unit.DAY, BERLIN);
    Levels levels = new Levels(daily);
    assertThat(levels.budget(daily).remaining()).isEmpty();
    // It starts at 01:00 in Berlin.
    levels.run(Duration.ofHours(22), Duration.ofMinutes(1), 10, 0);
    assertThat(levels.budget(daily).confidence()).isEqualTo(Confidence.LOW);
    assertThat(levels.budget(daily).expected()).isEqualTo(22 * 36_000);
    levels.run(DAY, Duration.ofMinutes(1), 10, 0);
    assertThat(levels.budget(daily).confidence())
        .as("the first was not whole")
        .isEqualTo(Confidence.LOW);
    levels.run(Duration.ofHours(2), Duration.ofMinutes(1), 10, 0);
    ErrorBudget budget = levels.budget(daily);
    assertThat(budget.confidence()).isEqualTo(Confidence.FULL);
    assertThat(budget.expected()).as("the day before").isEqualTo(864_000);
    assertThat(budget.compliance().total()).isBetween(36_000L, 36_600L);
    assertThat(budget.allowed()).isCloseTo(864, within(1e-9));
  }

  @Test
  void calendar_moreThanThePeriodBefore_makesTheBudgetGrow() {
    Slo daily = SLO.calendar(CalendarPeriod.Unit.DAY, ZoneId.of("UTC"));
    Levels levels = new Levels(daily);
    levels.run(DAY, Duration.ofMinutes(1), 10, 0);
    levels.run(Duration.ofHours(18), Duration.ofMinutes(1), 20, 0);
    assertThat(levels.budget(daily).expected())
        .isEqualTo(levels.budget(daily).compliance().total())
        .isGreaterThan(864_000);
  }

  @Test
  void calendar_monthTurns_startsANewBudget() {
    Slo monthly = SLO.calendar(CalendarPeriod.Unit.MONTH, ZoneId.of("UTC"));
    Levels levels = new Levels(monthly);
    levels.run(Duration.ofDays(31), Duration.ofMinutes(1), 9, 1);
    levels.run(Duration.ofHours(2), Duration.ofMinutes(1), 10, 0);
    ErrorBudget budget = levels.budget(monthly);
    assertThat(budget.spent()).as("what came in the minute of the turn").isLessThanOrEqualTo(60);
    assertThat(budget.confidence()).isEqualTo(Confidence.FULL);
    assertThat(budget.expected()).isEqualTo(31 * 864_000);
    assertThat(budget.compliance().covered()).isEqualTo(Duration.ofHours(2));
  }

  @Test
  void calendar_wallClockSetBack_doesNotBringThePeriodBack() {
    Slo daily = SLO.calendar(CalendarPeriod.Unit.DAY, ZoneId.of("UTC"));
    Levels levels = new Levels(daily);
    levels.run(DAY.multipliedBy(2).plusHours(1), Duration.ofMinutes(1), 10, 0);
    long total = levels.budget(daily).compliance().total();
    levels.jump(Duration.ofHours(-3));
    levels.run(Duration.ofHours(1), Duration.ofMinutes(1), 10, 0);
    assertThat(levels.budget(daily).compliance().total()).isEqualTo(total + 36_000);
    levels.jump(Duration.ofDays(10));
    levels.step(1);
    assertThat(levels.budget(daily).confidence())
        .as("the period before was skipped")
        .isEqualTo(Confidence.LOW);
  }

  @Test
  void calendarPeriod_changeOfClocks_isAnHourLonger() {
    CalendarPeriod day = new CalendarPeriod(CalendarPeriod.Unit.DAY, BERLIN);
    Instant autumn = Instant.parse("2026-10-25T12:00:00Z");
    assertThat(Duration.between(day.start(autumn), day.end(autumn)))
        .isEqualTo(Duration.ofHours(25));
    Instant moment = Instant.parse("2026-08-20T12:00:00Z");
    assertThat(start(CalendarPeriod.Unit.WEEK, moment)).isEqualTo("2026-08-17T00:00:00Z");
    assertThat(start(CalendarPeriod.Unit.MONTH, moment)).isEqualTo("2026-08-01T00:00:00Z");
    assertThat(start(CalendarPeriod.Unit.QUARTER, moment)).isEqualTo("2026-07-01T00:00:00Z");
    assertThat(start(CalendarPeriod.Unit.YEAR, moment)).isEqualTo("2026-01-01T00:00:00Z");
    for (CalendarPeriod.Unit unit : CalendarPeriod.Unit.values()) {
      CalendarPeriod period = new CalendarPeriod(unit, BERLIN);
      assertThat(period.start(period.end(moment))).isEqualTo(period.end(moment));
      assertThat(Duration.between(period.start(moment), period.end(moment)))
          .isBetween(period.nominal().minusDays(1), period.nominal().plusDays(2));
    }
  }

  @Test
  void exhaustion_fullPeriodAtTwiceTheBudget_isHalfThePeriod() {
    Slo slo = SLO.over(Duration.ofDays(10));
    Levels levels = new Levels(slo);
    levels.run(Duration.ofDays(11), Duration.ofMinutes(1), 1_000, 0);
    assertThat(levels.budget(slo).exhaustion()).as("nothing burns").isEmpty();
    levels.run(Duration.ofHours(1), 998, 2);
    Exhaustion exhaustion = levels.budget(slo).exhaustion().orElseThrow();
    assertThat(hours(exhaustion.expected().orElseThrow())).isBetween(116.0, 120.0);
    assertThat(exhaustion.earliest()).isLessThan(exhaustion.expected().orElseThrow());
    assertThat(exhaustion.latest().orElseThrow())
        .isGreaterThan(exhaustion.expected().orElseThrow());
  }

  @Test
  void exhaustion_underTheBudgetsPace_neverComes() {
    Slo slo = SLO.over(Duration.ofDays(10));
    Levels levels = new Levels(slo);
    levels.run(Duration.ofDays(11), Duration.ofMinutes(1), 20_000, 0);
    levels.run(Duration.ofHours(1), 19_990, 10);
    assertThat(levels.budget(slo).exhaustion()).isEmpty();
  }

  @Test
  void exhaustion_alreadyOverspent_isNow() {
    Slo slo = SLO.over(Duration.ofDays(10));
    Levels levels = new Levels(slo);
    levels.run(Duration.ofHours(2), 99, 1);
    assertThat(levels.budget(slo).remaining().orElseThrow()).isNegative();
    assertThat(levels.budget(slo).exhaustion().orElseThrow().expected()).contains(Duration.ZERO);
  }

  @Test
  void exhaustion_ofACalendar_endsWithThePeriod() {
    Slo daily = SLO.calendar(CalendarPeriod.Unit.DAY, ZoneId.of("UTC"));
    Levels levels = new Levels(daily);
    levels.run(DAY, Duration.ofMinutes(1), 1_000, 0);
    levels.run(Duration.ofHours(12), Duration.ofMinutes(1), 1_000, 0);
    levels.run(Duration.ofMinutes(10), 996, 4);
    Exhaustion four = levels.budget(daily).exhaustion().orElseThrow();
    assertThat(hours(four.expected().orElseThrow())).isBetween(5.0, 6.0);
    levels.run(Duration.ofHours(8), Duration.ofMinutes(1), 1_000, 0);
    levels.run(Duration.ofMinutes(10), 998, 2);
    assertThat(levels.budget(daily).exhaustion())
        .as("half of the budget would last for 9 hours, the day has less than 4")
        .isEmpty();
  }

  @Test
  void exhaustion_independentErrors_intervalHoldsTheTruthMostly() {
    int held = 0;
    for (int seed = 0; seed < 400; seed++) {
      held += holds(new Random(seed), 1) ? 1 : 0;
    }
    assertThat(held).as("of 400").isGreaterThan(360);
  }

  @Test
  void exhaustion_errorsInBursts_intervalIsWiderAndStillHoldsMostly() {
    int held = 0;
    for (int seed = 0; seed < 400; seed++) {
      held += holds(new Random(seed), 20) ? 1 : 0;
    }
    assertThat(held).as("of 400").isGreaterThan(340);
  }

  /** Errors at 1 in 100 on average, so many in a row; the true time is 1,000 s. */
  private static boolean holds(Random random, int burst) {
    Counts[] parts = new Counts[12];
    for (int i = 0; i < parts.length; i++) {
      long bad = 0;
      for (int event = 0; event < 5_000 / burst; event++) {
        bad += random.nextInt(100) == 0 ? burst : 0;
      }
      parts[i] = new Counts(5_000 - bad, bad);
    }
    Exhaustion exhaustion =
        Forecast.of(0.001, parts, 60e9).orElseThrow().fixed(10_000, 1e15).orElseThrow();
    Duration truth = Duration.ofSeconds(1_000);
    return exhaustion.earliest().compareTo(truth) <= 0
        && exhaustion.latest().orElse(Duration.ofDays(999)).compareTo(truth) >= 0;
  }

  private static double hours(Duration duration) {
    return duration.toSeconds() / 3_600.0;
  }

  private static String start(CalendarPeriod.Unit unit, Instant moment) {
    return new CalendarPeriod(unit, ZoneId.of("UTC")).start(moment).toString();
  }
}

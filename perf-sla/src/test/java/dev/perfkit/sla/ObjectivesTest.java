package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Proves what each kind of objective counts, and which objectives contradict each other. */
final class ObjectivesTest {

  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration FAST = Duration.ofMillis(200);

  @Test
  void names_ofAllKinds_sayWhatIsPromised() {
    ZoneId berlin = ZoneId.of("Europe/Berlin");
    assertThat(
            List.of(
                Slo.errorRate(0.001).name(),
                Slo.throughput(0.99, 50).name(),
                Slo.throughput(0.99, 0.5).timeslices(Duration.ofMinutes(5)).name(),
                Slo.allOf(0.995, Slo.availability(0.9), Slo.latency(0.9, FAST)).name(),
                Slo.availability(0.99).timeslices(MINUTE, 0.95).name(),
                Slo.availability(0.99).calendar(CalendarPeriod.Unit.QUARTER, berlin).name()))
        .containsExactly(
            "errors-0.1",
            "throughput-99-50ps",
            "throughput-99-0.5ps-by-5m",
            "composite-99.5",
            "availability-99-by-1m",
            "availability-99-quarter");
    assertThat(Slo.errorRate(0.001).target()).isEqualTo(0.999);
    assertThat(Slo.availability(0.99).calendar(CalendarPeriod.Unit.MONTH, berlin).over(HOUR))
        .as("the last period counts")
        .isEqualTo(Slo.availability(0.99).over(HOUR));
  }

  @Test
  void defaults_areThoseOfTheReadme() {
    assertThat(SlaMonitor.DEFAULT_OBJECTIVES)
        .extracting(Slo::name)
        .containsExactly("availability-99.9", "latency-95-200ms", "latency-99-500ms", "errors-0.1");
    Levels levels = new Levels(SlaMonitor.DEFAULT_OBJECTIVES.toArray(Slo[]::new));
    assertThat(levels.leftOut())
        .as("two alerts for the same would be noise")
        .contains("errors-0.1: all burn alerts: those of availability-99.9 tell the same");
    levels.run(Duration.ofHours(7), 10, 0);
    levels.run(Duration.ofMinutes(2), 9, 1);
    assertThat(levels.changes("burn-1h", Alert.State.FIRING)).isEmpty();
    levels.run(Duration.ofMinutes(15), 9, 1);
    assertThat(levels.changes("burn-1h", Alert.State.FIRING))
        .extracting(change -> change.alert().objective())
        .containsExactly("availability-99.9");
  }

  @Test
  void errorRate_ofRequests_isMetUpToItsMaximum() {
    Slo slo = Slo.errorRate(0.1);
    Levels levels = new Levels(slo);
    levels.count(9, 1);
    levels.step(1);
    assertThat(levels.compliance(slo, HOUR).state()).isEqualTo(Compliance.State.MET);
    levels.count(0, 1);
    levels.step(1);
    assertThat(levels.compliance(slo, HOUR).state()).isEqualTo(Compliance.State.MISSED);
  }

  @Test
  void throughput_minutesUnderTheFloorOrSilent_areBad() {
    Slo slo = Slo.throughput(0.5, 10);
    Levels levels = new Levels(slo);
    levels.run(Duration.ofMinutes(3), 10, 0);
    levels.run(Duration.ofMinutes(2), 5, 4);
    levels.run(Duration.ofMinutes(4), 0, 0);
    Compliance compliance = levels.compliance(slo, HOUR);
    assertThat(compliance.good()).isEqualTo(3);
    assertThat(compliance.bad()).as("silence is known to be 0 a second").isEqualTo(6);
  }

  @Test
  void timeslices_shareOfEachSlice_decides() {
    Slo slo = Slo.availability(0.9).timeslices(MINUTE, 0.95);
    Levels levels = new Levels(slo);
    levels.run(MINUTE, 95, 5);
    levels.run(MINUTE, 94, 6);
    levels.run(MINUTE, 1, 0);
    Compliance compliance = levels.compliance(slo, HOUR);
    assertThat(compliance.good()).isEqualTo(2);
    assertThat(compliance.bad()).isEqualTo(1);
    assertThat(levels.budget(slo).allowed()).isEqualTo(0.3);
    assertThat(levels.budget(slo).spent()).isEqualTo(1);
  }

  @Test
  void timeslices_withoutAShare_useTheTarget() {
    Slo slo = Slo.availability(0.9).timeslices(MINUTE);
    Levels levels = new Levels(slo);
    levels.run(MINUTE, 9, 1);
    levels.run(MINUTE, 8, 2);
    assertThat(levels.compliance(slo, HOUR).good()).isEqualTo(1);
    assertThat(levels.compliance(slo, HOUR).bad()).isEqualTo(1);
  }

  @Test
  void emptyTimeslices_eachMeaning_isWhatTheyCountAs() {
    Slo excluded = Slo.availability(0.9).timeslices(MINUTE, 0.95);
    Slo good = excluded.emptyTimeslices(EmptyTimeslices.GOOD).named("good");
    Slo bad = excluded.emptyTimeslices(EmptyTimeslices.BAD).named("bad");
    Levels levels = new Levels(excluded, good, bad);
    levels.run(Duration.ofMinutes(2), 1, 0);
    levels.run(Duration.ofMinutes(5), 0, 0);
    assertThat(levels.compliance(excluded, HOUR).total()).isEqualTo(2);
    assertThat(levels.compliance(good, HOUR).good()).isEqualTo(7);
    assertThat(levels.compliance(bad, HOUR).bad()).isEqualTo(5);
    assertThat(new Levels(excluded).compliance(excluded, HOUR).state())
        .isEqualTo(Compliance.State.NO_DATA);
  }

  @Test
  void timeslices_lookLateByMinutes_areJudgedAsOne() {
    Slo slo = Slo.throughput(0.9, 10);
    Slo share = Slo.availability(0.9).timeslices(MINUTE, 0.95);
    Levels levels = new Levels(slo, share);
    levels.run(MINUTE, 20, 0);
    levels.count(5 * 60 * 20, 0);
    levels.step(5 * 60);
    levels.run(MINUTE, 20, 0);
    assertThat(levels.compliance(slo, HOUR).good())
        .as("5 minutes, none of them empty")
        .isEqualTo(7);
    assertThat(levels.compliance(slo, HOUR).bad()).isZero();
    assertThat(levels.compliance(share, HOUR).good()).isEqualTo(7);
  }

  @Test
  void composite_partsOfEachSlice_mustAllBeMet() {
    Slo slo = Slo.allOf(0.9, Slo.availability(0.99), Slo.latency(0.5, FAST));
    Levels levels = new Levels(slo);
    minute(levels, 100, 0, 60, 40);
    minute(levels, 98, 2, 100, 0);
    minute(levels, 100, 0, 49, 51);
    minute(levels, 100, 0, 0, 0);
    minute(levels, 0, 0, 0, 0);
    Compliance compliance = levels.compliance(slo, HOUR);
    assertThat(compliance.good()).as("the first, and the one without latencies").isEqualTo(2);
    assertThat(compliance.bad()).isEqualTo(2);
    assertThat(slo.parts()).hasSize(2);
  }

  @Test
  void composite_throughMonitor_countsThresholdsOfItsParts() {
    Slo slo = Slo.allOf(0.9, Slo.availability(0.99), Slo.latency(0.5, Duration.ofMillis(123)));
    assertThat(Objectives.thresholds(List.of(slo))).containsExactly(123_000_000L);
  }

  @Test
  void contradictions_easierPromiseThatIsImplied_isRefused() {
    assertRefused(
        "latency-95-500ms target must be at least 99 %, as latency-99-200ms asks for more over the"
            + " same 30d, but was 95 %",
        Slo.latency(0.99, FAST), Slo.latency(0.95, Duration.ofMillis(500)));
    assertRefused(
        "throughput-90-10ps target must be at least 99 %, as throughput-99-20ps asks for more",
        Slo.throughput(0.9, 10), Slo.throughput(0.99, 20));
  }

  @Test
  void contradictions_twoTargetsForTheSame_areRefused() {
    assertRefused(
        "latency-95-200ms target must be 99 %, that of latency-99-200ms over the same 30d but was"
            + " 95 %",
        Slo.latency(0.99, FAST), Slo.latency(0.95, FAST));
    assertRefused(
        "errors-5 target must be 99.9 %, that of availability-99.9 over the same 30d but was 95 %",
        Slo.availability(0.999), Slo.errorRate(0.05));
  }

  @Test
  void contradictions_otherPeriodOrAgreement_areNone() {
    assertThatCode(
            () ->
                check(
                    Slo.availability(0.999),
                    Slo.availability(0.99).over(HOUR),
                    Slo.errorRate(0.001),
                    Slo.availability(0.9).timeslices(MINUTE),
                    Slo.latency(0.95, FAST),
                    Slo.latency(0.99, Duration.ofMillis(500)),
                    Slo.throughput(0.99, 10),
                    Slo.throughput(0.9, 20)))
        .doesNotThrowAnyException();
  }

  @Test
  void check_periodOfLessThanTenTimeslices_isRefused() {
    assertRefused(
        "availability-90-by-1m-9m period must be at least 10 timeslices of 1m but was 9m",
        Slo.availability(0.9).timeslices(MINUTE).over(Duration.ofMinutes(9)));
  }

  @Test
  void factories_outOfRange_nameRuleAndValue() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Slo.errorRate(1))
        .withMessage("maximum must be over 0 and under 1 but was 1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Slo.throughput(0.9, 0))
        .withMessageContaining("perSecond must be over 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Slo.throughput(0.9, Double.NaN))
        .withMessageContaining("perSecond");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Slo.allOf(0.9, Slo.availability(0.9)))
        .withMessage("number of parts must be between 2 and 8 but was 1");
    Slo composite = Slo.allOf(0.9, Slo.availability(0.9), Slo.latency(0.9, FAST));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Slo.allOf(0.9, composite, Slo.availability(0.9)))
        .withMessageContaining("part must not be composite");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> composite.timeslices(MINUTE, 0.9))
        .withMessageContaining("timeslices of composite-90 must be given without a share");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Slo.availability(0.9).timeslices(Duration.ofSeconds(9)))
        .withMessageContaining("timeslice must be between");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Slo.availability(0.9).timeslices(Duration.ofMillis(10_500)))
        .withMessageContaining("timeslice must be whole seconds");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Slo.throughput(0.9, 1).emptyTimeslices(EmptyTimeslices.GOOD))
        .withMessageContaining("not of a throughput");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Slo.availability(0.9).emptyTimeslices(EmptyTimeslices.GOOD))
        .withMessageContaining("be set after timeslices");
  }

  /** Lets a minute go by with outcomes and latencies each spread over its seconds. */
  private static void minute(Levels levels, long good, long bad, long fast, long slow) {
    for (int i = 0; i < 60; i++) {
      levels.count(0, good, bad);
      levels.count(1, fast, slow);
      levels.step(1);
    }
  }

  private static void assertRefused(String line, Slo... objectives) {
    assertThatThrownBy(() -> check(objectives))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(line);
  }

  private static void check(Slo... objectives) {
    SlaMonitor.named("m").defaultObjectives(objectives).build().close();
  }
}

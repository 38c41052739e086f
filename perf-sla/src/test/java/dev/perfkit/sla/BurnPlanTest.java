package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perfkit.spi.Event;
import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import java.time.Duration;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

/** Proves which burn alerts an objective gets, which are refused, and what is said about each. */
final class BurnPlanTest {

  private static final Duration FIVE_MINUTES = Duration.ofMinutes(5);
  private static final Duration HOUR = Duration.ofHours(1);

  @Test
  void burnTiers_ofAMonth_areTheCanonicalFour() {
    BurnTier[] canonical = {
      BurnTier.page(14.4, HOUR, FIVE_MINUTES),
      BurnTier.page(6, Duration.ofHours(6), Duration.ofMinutes(30)),
      BurnTier.ticket(3, Duration.ofDays(1), Duration.ofHours(2)),
      BurnTier.ticket(1, Duration.ofDays(3), Duration.ofHours(6)),
    };
    Slo slo = Slo.availability(0.999);
    assertThat(slo.burnTiers()).containsExactly(canonical);
    assertThat(slo.over(Duration.ofDays(28)).burnTiers()).containsExactly(canonical);
    assertThat(slo.over(Duration.ofDays(31)).burnTiers()).containsExactly(canonical);
    assertThat(slo.calendar(CalendarPeriod.Unit.MONTH, ZoneId.of("Europe/Berlin")).burnTiers())
        .containsExactly(canonical);
  }

  @Test
  void burnTiers_ofAnotherPeriod_scaleBothWindowsAndKeepTheFactors() {
    assertThat(Slo.availability(0.999).over(Duration.ofDays(7)).burnTiers())
        .containsExactly(
            BurnTier.page(14.4, Duration.ofMinutes(14), Duration.ofSeconds(70)),
            BurnTier.page(6, Duration.ofMinutes(84), Duration.ofMinutes(7)),
            BurnTier.ticket(3, Duration.ofMinutes(336), Duration.ofMinutes(28)),
            BurnTier.ticket(1, Duration.ofMinutes(1_008), Duration.ofMinutes(84)));
    assertThat(Slo.availability(0.999).over(Duration.ofDays(90)).burnTiers().get(0))
        .isEqualTo(BurnTier.page(14.4, Duration.ofHours(3), Duration.ofMinutes(15)));
    assertThat(Slo.availability(0.999).over(Duration.ofDays(1)).burnTiers().get(0))
        .as("a short window is a minute at least")
        .isEqualTo(BurnTier.page(14.4, Duration.ofMinutes(2), Duration.ofMinutes(1)));
  }

  @Test
  void description_ofEachTier_tellsItsDetectionAndWarnsOver15Minutes() {
    assertThat(Slo.availability(0.999).description())
        .isEqualTo(
            """
            availability-99.9: 99.9 % of requests good over 30d
            page, burn over 14.4 in 1h and 5m: a full outage is told after 52 s
            page, burn over 6 in 6h and 30m: a full outage is told after 2.2 min
            ticket, burn over 3 in 1d and 2h: a full outage is told after 4.3 min
            ticket, burn over 1 in 3d and 6h: a full outage is told after 4.3 min""");
    assertThat(Slo.availability(0.99).description())
        .contains("burn over 14.4 in 1h and 5m: a full outage is told after 8.6 min\n")
        .contains(
            "burn over 6 in 6h and 30m: a full outage is told after 22 min (warning: over 15"
                + " minutes)");
    assertThat(Slo.latency(0.95, Duration.ofMillis(200)).description())
        .contains("14.4 in 1h and 5m: a full outage is told after 43 min (warning");
  }

  @Test
  void description_standardTierThatCannotFire_saysThatItIsLeftOutAndWhy() {
    Slo slo = Slo.availability(0.9);
    assertThat(slo.burnTiers()).extracting(BurnTier::factor).containsExactly(6.0, 3.0, 1.0);
    assertThat(slo.description())
        .contains(
            "\nleft out, burn over 14.4 in 1h and 5m: it cannot fire, as a full outage burns at"
                + " 10");
    Slo exactly = Slo.availability(0.5).over(Duration.ofDays(30));
    assertThat(exactly.burnTiers()).extracting(BurnTier::factor).containsExactly(1.0);
    assertThat(Slo.availability(0.99).over(HOUR).description())
        .contains(
            "left out, burn over 14.4: its long window of 5s is not over the short one of 1m");
  }

  @Test
  void service_explicitTierThatCannotFire_isRefusedWithTheReason() {
    FakeTimeSource time = FakeTimeSource.create();
    SlaMonitor monitor =
        SlaMonitor.named("test").timeSource(time).scheduler(FakeScheduler.on(time)).build();
    Slo slo =
        Slo.availability(0.9)
            .over(Duration.ofDays(1))
            .alerts(
                BurnAlerts.of(
                    BurnTier.page(14.4, HOUR, FIVE_MINUTES),
                    BurnTier.page(2, Duration.ofDays(2), HOUR),
                    BurnTier.ticket(2, Duration.ofHours(2), FIVE_MINUTES)));
    assertThatThrownBy(() -> monitor.service("api", slo))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("service 'api'")
        .hasMessageContaining("burn alert of availability-90-1d must be able to fire but was burn")
        .hasMessageContaining(
            "over 14.4 in 1h and 5m: it cannot fire, as a full outage burns at 10")
        .hasMessageContaining("its long window is over the period of 1d")
        .hasMessageNotContaining("2h and 5m");
    assertThatThrownBy(() -> SlaMonitor.named("m").defaultObjectives(slo).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must be able to fire");
    monitor.close();
  }

  @Test
  void service_twoTiersOfOneName_areRefused() {
    Slo slo =
        Slo.availability(0.99)
            .alerts(
                BurnAlerts.of(
                    BurnTier.page(14, HOUR, FIVE_MINUTES), BurnTier.ticket(2, HOUR, FIVE_MINUTES)));
    assertThatThrownBy(() -> SlaMonitor.named("m").defaultObjectives(slo).build())
        .hasMessageContaining("burn alerts of availability-99 must have different long windows");
  }

  @Test
  void burnTiers_ofTimeslices_mustHoldOneAndHaveEnoughToBeSure() {
    Slo slices = Slo.availability(0.999).timeslices(Duration.ofMinutes(10), 0.95);
    assertThat(slices.burnTiers()).extracting(BurnTier::name).doesNotContain("burn-1h");
    assertThat(slices.description()).contains("its short window holds no timeslice of 10m");
    Slo few = Slo.availability(0.9).timeslices(Duration.ofMinutes(10)).over(Duration.ofDays(2));
    assertThat(few.description()).contains("left out, burn over 6 in 24m and 2m");
    Slo explicit =
        few.alerts(BurnAlerts.of(BurnTier.page(6, HOUR.plusMinutes(1), Duration.ofMinutes(30))));
    assertThat(
            BurnPlan.of(Slo.availability(0.999).timeslices(Duration.ofMinutes(1)))
                .detection(BurnTier.page(14.4, HOUR, FIVE_MINUTES)))
        .as("one of 60 exceeds the factor, but four are needed to be sure")
        .isEqualTo(Duration.ofMinutes(4));
    assertThat(explicit.burnTiers()).isNotEmpty();
    Slo unsure =
        explicit.alerts(
            BurnAlerts.of(BurnTier.page(6, Duration.ofMinutes(40), Duration.ofMinutes(30))));
    assertThat(unsure.burnTiers()).isEmpty();
    assertThatThrownBy(() -> SlaMonitor.named("m").defaultObjectives(unsure).build())
        .hasMessageContaining("too few timeslices of 10m to be sure");
  }

  @Test
  void tier_valuesOutOfRange_areRefusedWithRuleAndValue() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BurnTier.page(0, HOUR, FIVE_MINUTES))
        .withMessageContaining("factor must be over 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BurnTier.page(Double.NaN, HOUR, FIVE_MINUTES))
        .withMessageContaining("factor");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BurnTier.page(2, HOUR, Duration.ofSeconds(59)))
        .withMessageContaining("shortWindow must be between PT1M");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BurnTier.page(2, FIVE_MINUTES, FIVE_MINUTES))
        .withMessage("longWindow must be over the short window of 5m but was 5m");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BurnTier(2, HOUR, FIVE_MINUTES, Event.Severity.INFO))
        .withMessageContaining("severity must be CRITICAL or WARNING but was INFO");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BurnTier.page(2, Duration.ofDays(401), FIVE_MINUTES))
        .withMessageContaining("longWindow");
  }

  @Test
  void alerts_none_leavesNoTierAndNothingToReport() {
    Slo slo = Slo.availability(0.5).alerts(BurnAlerts.none());
    assertThat(slo.burnTiers()).isEmpty();
    assertThat(slo.description()).doesNotContain("left out");
    assertThat(slo).isNotEqualTo(Slo.availability(0.5));
    assertThat(BurnAlerts.none()).isNotEqualTo(BurnAlerts.standard());
  }
}

package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.perfkit.spi.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/**
 * Proves how alerts go on when data stops, comes late or is excluded, and what evidence they need.
 */
final class BurnAlertsTest {

  private static final Slo SLO = Slo.availability(0.999);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  @Test
  void firing_dataStops_holdsThenHasNoDataAndNeverResolves() {
    Levels levels = outage(MINUTE.multipliedBy(2));
    long ended = levels.second();
    levels.run(Duration.ofHours(8), 0, 0);
    assertThat(levels.states("burn-1h")).containsExactly(Alert.State.FIRING, Alert.State.NO_DATA);
    long noData = levels.changes("burn-1h", Alert.State.NO_DATA).get(0).second();
    assertThat(noData - ended)
        .as("the short window empties, and is held once")
        .isBetween(590L, 615L);
    assertThat(levels.board.current()).extracting(Alert::state).contains(Alert.State.NO_DATA);
    assertThat(levels.changes("burn-1h", Alert.State.NO_DATA).get(0).alert().message())
        .contains("nobody knows whether it still does");
  }

  @Test
  void noData_goodRequestsCome_isResolvedByThem() {
    Levels levels = outage(MINUTE.multipliedBy(2));
    levels.run(Duration.ofMinutes(30), 0, 0);
    levels.run(Duration.ofSeconds(5), 1, 0);
    assertThat(levels.states("burn-1h"))
        .containsExactly(Alert.State.FIRING, Alert.State.NO_DATA, Alert.State.RESOLVED);
  }

  @Test
  void noData_badRequestsCome_firesOn() {
    Levels levels = outage(MINUTE.multipliedBy(2));
    levels.run(Duration.ofMinutes(30), 0, 0);
    levels.run(Duration.ofSeconds(5), 0, 1);
    assertThat(levels.states("burn-1h"))
        .containsExactly(Alert.State.FIRING, Alert.State.NO_DATA, Alert.State.FIRING);
  }

  @Test
  void firing_dataPausesForLessThanTheHold_isNotTold() {
    Levels levels = outage(MINUTE.multipliedBy(2));
    levels.run(Duration.ofMinutes(7), 0, 0);
    levels.run(MINUTE, 0, 1);
    assertThat(levels.states("burn-1h")).containsExactly(Alert.State.FIRING);
  }

  @Test
  void firing_looksThatComeLate_areOneSlotAndNoGap() {
    Levels levels = outage(MINUTE.multipliedBy(2));
    for (int i = 0; i < 3; i++) {
      levels.count(0, 20 * 60);
      levels.step(20 * 60);
    }
    assertThat(levels.states("burn-1h")).containsExactly(Alert.State.FIRING);
    assertThat(levels.states("absence")).isEmpty();
  }

  @Test
  void quiet_lateLookWithAnOutageInIt_firesAtOnce() {
    Levels levels = new Levels(SLO);
    levels.run(Duration.ofHours(7), 1, 0);
    levels.count(0, 600);
    levels.step(600);
    assertThat(levels.states("burn-1h")).containsExactly(Alert.State.FIRING);
  }

  @Test
  void ticket_fewerThanFiveBadEvents_isOfLowConfidence() {
    Levels levels = new Levels(SLO);
    levels.run(Duration.ofDays(1), MINUTE, 0, 0);
    for (int i = 0; i < 4; i++) {
      levels.count(99, 1);
      levels.step(60);
    }
    assertThat(levels.states("burn-1d")).containsExactly(Alert.State.LOW_CONFIDENCE);
    levels.count(99, 1);
    levels.step(60);
    assertThat(levels.states("burn-1d"))
        .containsExactly(Alert.State.LOW_CONFIDENCE, Alert.State.FIRING);
  }

  @Test
  void alert_whileItFires_tellsNumbersScopeAndSeverity() {
    Levels levels = outage(MINUTE.multipliedBy(2));
    Alert alert = levels.changes("burn-1h", Alert.State.FIRING).get(0).alert();
    assertThat(alert.id()).isEqualTo("api/availability-99.9/burn-1h");
    assertThat(alert.severity()).isEqualTo(Event.Severity.CRITICAL);
    assertThat(alert.values())
        .containsEntry("factor", "14.4")
        .containsEntry("longWindow", "1h")
        .containsEntry("shortWindow", "5m")
        .containsEntry("shortBurn", "176")
        .containsEntry("scope", "process")
        .containsKeys("longBurn", "longBad", "longTotal", "shortBad", "shortTotal");
    assertThat(alert.message())
        .startsWith(
            "error budget of availability-99.9 of service 'api' burns too fast; bad requests: ")
        .contains("in 1h and ", "in 5m", "1.44 % are tolerated; counted in this process");
  }

  @Test
  void status_whileItBurns_hasBothRatesOfEachTier() {
    Levels levels = outage(MINUTE.multipliedBy(2));
    ObjectiveStatus status = levels.status(SLO);
    assertThat(status.burns()).hasSize(4);
    Burn first = status.burns().get(0);
    assertThat(first.state()).isEqualTo(Alert.State.FIRING);
    assertThat(first.longRate().orElseThrow()).isBetween(30.0, 34.0);
    assertThat(first.shortRate().orElseThrow()).isBetween(390.0, 405.0);
    assertThat(new Levels(SLO).status(SLO).burns().get(0).shortRate())
        .isEqualTo(OptionalDouble.empty());
  }

  @Test
  void absence_requestsThatUsuallyCome_firesAndEndsWithTheNextOne() {
    Levels levels = new Levels(SLO);
    levels.run(Duration.ofHours(2), 1, 0);
    long last = levels.second();
    levels.run(Duration.ofMinutes(20), 0, 0);
    assertThat(levels.states("absence")).containsExactly(Alert.State.FIRING);
    Levels.Change fired = levels.changes("absence", Alert.State.FIRING).get(0);
    assertThat(fired.second() - last).isEqualTo(900);
    assertThat(fired.alert().message()).contains("service 'api' had no request for 15 min");
    assertThat(fired.alert().severity()).isEqualTo(Event.Severity.WARNING);
    levels.run(MINUTE, 1, 0);
    assertThat(levels.states("absence")).containsExactly(Alert.State.FIRING, Alert.State.RESOLVED);
  }

  @Test
  void absence_rareRequests_needLongerSilence() {
    Levels levels = new Levels(SLO);
    for (int i = 0; i < 24 * 6; i++) {
      levels.count(1, 0);
      levels.step(600);
    }
    levels.run(Duration.ofMinutes(130), MINUTE, 0, 0);
    assertThat(levels.states("absence")).as("13 requests are missing").isEmpty();
    levels.run(Duration.ofMinutes(20), MINUTE, 0, 0);
    assertThat(levels.states("absence")).containsExactly(Alert.State.FIRING);
  }

  @Test
  void absence_hardlyAnyRequestsOrSwitchedOff_neverFires() {
    Levels levels = new Levels(SLO);
    levels.run(Duration.ofSeconds(29), 1, 0);
    levels.run(Duration.ofDays(5), MINUTE, 0, 0);
    assertThat(levels.states("absence")).isEmpty();
    Levels off = new Levels(Duration.ZERO, SLO);
    off.run(Duration.ofHours(2), 1, 0);
    off.run(Duration.ofDays(1), MINUTE, 0, 0);
    assertThat(off.states("absence")).isEmpty();
  }

  @Test
  void exclusion_inForce_leavesItsRequestsOutAndSaysHowMany() {
    Levels levels = new Levels(SLO);
    levels.run(Duration.ofHours(1), 1, 0);
    Exclusion maintenance = maintenance(levels.wall(), Duration.ofMinutes(30));
    levels.exclusions.declare(maintenance, levels.wall());
    levels.run(Duration.ofMinutes(30), 0, 1);
    levels.run(Duration.ofHours(1), 1, 0);
    assertThat(levels.budget(SLO).spent()).as("one second at the end").isLessThanOrEqualTo(1);
    assertThat(levels.compliance(SLO, Duration.ofHours(2)).bad()).isLessThanOrEqualTo(1);
    assertThat(levels.changes).isEmpty();
    ExclusionRecord audit = levels.exclusions.all().get(0);
    assertThat(audit.requests()).isBetween(1_799L, 1_800L);
    assertThat(audit.failures()).isBetween(1_799L, 1_800L);
    assertThat(audit.exclusion().reason()).isEqualTo("database upgrade");
    assertThat(audit.exclusion().author()).isEqualTo("ops");
  }

  @Test
  void exclusion_whileAnAlertFires_keepsWhatItSays() {
    Levels levels = outage(MINUTE.multipliedBy(2));
    levels.exclusions.declare(maintenance(levels.wall(), Duration.ofHours(2)), levels.wall());
    levels.run(Duration.ofMinutes(119), 1, 0);
    assertThat(levels.states("burn-1h")).containsExactly(Alert.State.FIRING);
    assertThat(levels.states("absence")).isEmpty();
    levels.run(Duration.ofMinutes(10), 1, 0);
    assertThat(levels.states("burn-1h")).containsExactly(Alert.State.FIRING, Alert.State.RESOLVED);
  }

  @Test
  void exclusion_touchesATimeslice_itIsNotJudged() {
    Slo slo = Slo.throughput(0.9, 1);
    Levels levels = new Levels(slo);
    levels.run(Duration.ofSeconds(90), 1, 0);
    levels.exclusions.declare(maintenance(levels.wall(), Duration.ofMinutes(2)), levels.wall());
    levels.run(Duration.ofMinutes(2), 0, 0);
    levels.run(Duration.ofSeconds(150), 1, 0);
    Compliance compliance = levels.compliance(slo, Duration.ofHours(1));
    assertThat(compliance.bad()).isZero();
    assertThat(compliance.good()).as("the first and the last two of six").isEqualTo(3);
  }

  @Test
  void exclusion_cancelled_countsAgainAndIsKept() {
    Levels levels = new Levels(SLO);
    levels.run(Duration.ofHours(1), 1, 0);
    Exclusion maintenance = maintenance(levels.wall(), Duration.ofHours(1));
    levels.exclusions.declare(maintenance, levels.wall());
    levels.run(Duration.ofMinutes(10), 0, 1);
    assertThat(levels.exclusions.cancel(maintenance, levels.wall())).isTrue();
    assertThat(levels.exclusions.cancel(maintenance, levels.wall())).as("once").isFalse();
    levels.run(Duration.ofMinutes(10), 0, 1);
    assertThat(levels.budget(SLO).spent()).isEqualTo(600);
    assertThat(levels.exclusions.all().get(0).cancelled())
        .isEqualTo(Optional.of(Levels.START.plusSeconds(4_200)));
  }

  @Test
  void exclusion_ofAnotherService_changesNothing() {
    Levels levels = new Levels(SLO);
    levels.run(Duration.ofHours(1), 1, 0);
    Instant now = levels.wall();
    levels.exclusions.declare(
        new Exclusion(now, now.plusSeconds(3_600), "upgrade", "ops", Set.of("other")), now);
    levels.run(Duration.ofMinutes(10), 0, 1);
    assertThat(levels.budget(SLO).spent()).isEqualTo(600);
    assertThat(levels.exclusions.all().get(0).requests()).isZero();
  }

  @Test
  void exclusion_inThePastOrOddly_isRefusedWithRuleAndValue() {
    Exclusions exclusions = new Exclusions();
    Instant now = Levels.START;
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> exclusions.declare(maintenance(now.minusSeconds(60), Duration.ofHours(1)), now))
        .withMessageContaining("from must not lie in the past")
        .withMessageContaining("but was 2025-12-31T23:59:00Z");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> maintenance(now, Duration.ofSeconds(30)))
        .withMessageContaining("length of exclusion must be between PT1M");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Exclusion(now, now.plusSeconds(60), " ", "ops", Set.of()))
        .withMessageContaining("reason");
    exclusions.declare(maintenance(now, Duration.ofHours(1)), now);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> exclusions.declare(maintenance(now, Duration.ofHours(1)), now))
        .withMessageContaining("declared once");
  }

  @Test
  void exclusions_thousandIn400Days_areEnough() {
    Exclusions exclusions = new Exclusions();
    Instant now = Levels.START;
    for (int i = 0; i < Exclusions.MOST; i++) {
      exclusions.declare(maintenance(now.plusSeconds(i), Duration.ofHours(1)), now);
    }
    assertThatIllegalStateException()
        .isThrownBy(() -> exclusions.declare(maintenance(now.plusSeconds(5_000), MINUTE), now))
        .withMessageContaining("at most 1000 in 400 days");
    Instant later = now.plus(Duration.ofDays(401));
    exclusions.declare(maintenance(later, MINUTE), later);
    assertThat(exclusions.all()).hasSize(1);
  }

  @Property(tries = 12)
  void changes_anyTraffic_areEachShownByTheirNumbers(@ForAll long seed) {
    Random random = new Random(seed);
    Levels levels = new Levels(SLO);
    for (int phase = 0; phase < 40; phase++) {
      long good = random.nextInt(3) == 0 ? 0 : random.nextInt(50);
      long bad = random.nextInt(3) == 0 ? random.nextInt(20) : 0;
      long every = 1L + random.nextInt(30);
      levels.run(Duration.ofSeconds(random.nextInt(4_000)), Duration.ofSeconds(every), good, bad);
    }
    for (Levels.Change change : levels.changes) {
      if (change.alert().rule().startsWith("burn-")) {
        assertShown(change.alert());
      }
    }
  }

  private static void assertShown(Alert alert) {
    long total = Long.parseLong(alert.values().get("shortTotal"));
    double factor = Double.parseDouble(alert.values().get("factor"));
    double burn = Double.parseDouble(alert.values().getOrDefault("shortBurn", "0"));
    switch (alert.state()) {
      case NO_DATA -> assertThat(total).isZero();
      case FIRING, LOW_CONFIDENCE -> assertThat(burn).isGreaterThanOrEqualTo(factor);
      case RESOLVED -> {
        assertThat(total).as("silence shows nothing").isPositive();
        assertThat(burn).isLessThanOrEqualTo(factor);
      }
    }
  }

  /** Seven hours of one request a second, then nothing but failures. */
  private static Levels outage(Duration lasting) {
    Levels levels = new Levels(SLO);
    levels.run(Duration.ofHours(6), Duration.ofSeconds(10), 1, 0);
    levels.run(Duration.ofHours(1), 1, 0);
    levels.run(lasting, 0, 1);
    assertThat(levels.states("burn-1h")).containsExactly(Alert.State.FIRING);
    return levels;
  }

  private static Exclusion maintenance(Instant from, Duration length) {
    return new Exclusion(from, from.plus(length), "database upgrade", "ops", Set.of());
  }
}

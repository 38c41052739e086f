package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perfkit.spi.Event;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Lets months go by second by second: every tier of the burn alerts fires when it was computed to
 * and resolves, and low traffic pages nobody by chance.
 *
 * <p>{@code -Dperfkit.sla.years=1000} takes so many simulated years for the rate of false pages; a
 * few by default.
 */
final class SimulatedMonthTest {

  private static final Duration MINUTE = Duration.ofMinutes(1);

  @ParameterizedTest
  @ValueSource(doubles = {0.999, 0.99})
  void tiers_outageInAMonth_fireAtTheirComputedMinuteAndResolve(double target) {
    Slo slo = Slo.availability(target);
    Levels levels = new Levels(slo);
    BurnPlan plan = BurnPlan.of(slo);
    levels.run(Duration.ofDays(20), 10, 0);
    long began = levels.second();
    levels.run(Duration.ofMinutes(50), 0, 10);
    long ended = levels.second();
    levels.run(Duration.ofDays(10).minusMinutes(50), 10, 0);

    assertThat(slo.burnTiers()).hasSize(4);
    for (BurnTier tier : slo.burnTiers()) {
      long computed = plan.detection(tier).toSeconds();
      List<Levels.Change> fired = levels.changes(tier.name(), Alert.State.FIRING);
      assertThat(fired).as(tier.name()).hasSize(1);
      assertThat(fired.get(0).second() - began)
          .as("%s at %s", tier, target)
          .isBetween(computed, computed + computed / 60 + 2);
      List<Levels.Change> resolved = levels.changes(tier.name(), Alert.State.RESOLVED);
      assertThat(resolved).as(tier.name()).hasSize(1);
      long clearing = tier.shortWindow().toSeconds();
      assertThat(resolved.get(0).second() - ended)
          .as("%s resolves", tier)
          .isBetween(1L, clearing + clearing / 60 + 2);
    }
    assertThat(levels.board.current()).isEmpty();
  }

  @Test
  void page_fullOutageAtOneRequestASecond_comesWithinTwoMinutes() {
    Levels levels = new Levels(Slo.availability(0.999));
    levels.run(Duration.ofHours(7), 1, 0);
    long began = levels.second();
    levels.run(Duration.ofMinutes(2), 0, 1);
    assertThat(levels.changes("burn-1h", Alert.State.FIRING)).hasSize(1);
    assertThat(levels.changes("burn-1h", Alert.State.FIRING).get(0).second() - began)
        .isBetween(52L, 55L);
  }

  @Test
  void page_everyTenthRequestFails_comesWithinTenMinutes() {
    Levels levels = new Levels(Slo.availability(0.999));
    levels.run(Duration.ofHours(7), 1, 0);
    long began = levels.second();
    for (int i = 0; i < 600; i++) {
      levels.count(i % 10 == 9 ? 0 : 1, i % 10 == 9 ? 1 : 0);
      levels.step(1);
    }
    assertThat(levels.changes("burn-1h", Alert.State.FIRING)).hasSize(1);
    assertThat(levels.changes("burn-1h", Alert.State.FIRING).get(0).second() - began)
        .isBetween(500L, 540L);
  }

  @Test
  void page_oneErrorAtOneRequestAMinute_isLowConfidenceOnly() {
    Levels levels = new Levels(Slo.availability(0.999));
    levels.run(Duration.ofDays(4), MINUTE, 0, 0);
    for (int i = 0; i < 3 * 24 * 60; i++) {
      levels.count(i == 2_000 ? 0 : 1, i == 2_000 ? 1 : 0);
      levels.step(60);
    }
    assertThat(levels.changes)
        .isNotEmpty()
        .allMatch(it -> it.alert().state() == Alert.State.LOW_CONFIDENCE);
    assertThat(levels.changes("burn-1h", Alert.State.LOW_CONFIDENCE)).hasSize(1);
    assertThat(levels.board.current()).as("it ends without a word").isEmpty();
  }

  @Test
  void page_fourOfSixty_isMoreThanChance() {
    Levels levels = new Levels(Slo.availability(0.999));
    for (int i = 0; i < 120; i++) {
      levels.count(i >= 116 ? 0 : 1, i >= 116 ? 1 : 0);
      levels.step(60);
      boolean expected = i == 119;
      assertThat(levels.changes("burn-1h", Alert.State.FIRING).isEmpty()).isEqualTo(!expected);
    }
  }

  @Test
  void page_errorsExactlyAtBudgetAtOneRequestAMinute_isFalseLessThanOnceInTwoYears() {
    int years = Integer.getInteger("perfkit.sla.years", 4);
    long pages = 0;
    for (int year = 0; year < years; year++) {
      Levels levels = new Levels(Slo.availability(0.999));
      Random random = new Random(year);
      for (int minute = 0; minute < 365 * 24 * 60; minute++) {
        boolean bad = random.nextInt(1_000) == 0;
        levels.count(bad ? 0 : 1, bad ? 1 : 0);
        levels.step(60);
      }
      pages +=
          levels.changes.stream()
              .filter(it -> it.alert().state() == Alert.State.FIRING)
              .filter(it -> it.alert().severity() == Event.Severity.CRITICAL)
              .count();
      assertThat(levels.states("burn-1h"))
          .as("without the guard each would page")
          .contains(Alert.State.LOW_CONFIDENCE);
    }
    System.out.println("false pages: " + pages + " in " + years + " years");
    assertThat((double) pages / years).isLessThan(0.5);
  }
}

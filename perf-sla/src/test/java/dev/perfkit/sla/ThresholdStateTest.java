package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Proves when a rule about a signal begins to fire, goes on, ends, and when nobody can tell. */
final class ThresholdStateTest {

  private static final Signal SIGNAL = Signal.of("load", () -> 0);
  private static final AlertRule RULE =
      AlertRule.above("busy", SIGNAL, 10).clearAt(8).lasting(Duration.ofSeconds(60));

  private ThresholdState state = new ThresholdState(RULE);
  private long seconds;

  @Test
  void judge_beyondForItsTime_firesThenAndNotBefore() {
    assertThat(judge(0, 10.5)).isFalse();
    assertThat(judge(59, 11)).isFalse();
    assertThat(state.state()).isEqualTo(Alert.State.RESOLVED);
    assertThat(judge(1, 11)).isTrue();
    assertThat(state.state()).isEqualTo(Alert.State.FIRING);
  }

  @Test
  void judge_atTheLimit_isNotBeyondIt() {
    assertThat(judge(0, 10)).isFalse();
    assertThat(judge(600, 10)).isFalse();
  }

  @Test
  void judge_backForAMoment_beginsAnew() {
    judge(0, 11);
    judge(50, 9);
    assertThat(judge(30, 11)).isFalse();
    assertThat(judge(59, 11)).isFalse();
    assertThat(judge(1, 11)).isTrue();
  }

  @Test
  void judge_betweenTheLimits_staysAsItWas() {
    assertThat(judge(0, 9)).as("quiet stays quiet").isFalse();
    assertThat(judge(600, 9)).isFalse();
    fire();
    assertThat(judge(600, 9)).as("firing goes on").isTrue();
    assertThat(state.state()).isEqualTo(Alert.State.FIRING);
    assertThat(judge(5, 8)).isTrue();
    assertThat(state.state()).isEqualTo(Alert.State.RESOLVED);
    assertThat(judge(5, 9)).isFalse();
  }

  @Test
  void judge_below_firesUnderTheLimitAndEndsOverTheOther() {
    state =
        new ThresholdState(
            AlertRule.below("hits", SIGNAL, 0.8).clearAt(0.82).lasting(Duration.ZERO));
    assertThat(judge(0, 0.8)).isFalse();
    assertThat(judge(5, 0.79)).isTrue();
    assertThat(judge(5, 0.81)).isTrue();
    assertThat(state.state()).isEqualTo(Alert.State.FIRING);
    judge(5, 0.82);
    assertThat(state.state()).isEqualTo(Alert.State.RESOLVED);
  }

  @Test
  void judge_withoutANumber_startsNothingAndSaysSo() {
    assertThat(state.state()).isEqualTo(Alert.State.NO_DATA);
    judge(0, 11);
    assertThat(judge(59, Double.NaN)).isFalse();
    assertThat(state.state()).isEqualTo(Alert.State.NO_DATA);
    assertThat(judge(5, 11)).as("its time begins anew").isFalse();
    assertThat(state.state()).isEqualTo(Alert.State.RESOLVED);
  }

  @Test
  void judge_firingWithoutANumber_isHeldThenHasNoDataAndNeverResolves() {
    fire();
    assertThat(judge(5, Double.NaN)).isTrue();
    assertThat(state.state()).isEqualTo(Alert.State.FIRING);
    judge(59, Double.NaN);
    assertThat(state.state()).isEqualTo(Alert.State.FIRING);
    judge(1, Double.NaN);
    assertThat(state.state()).isEqualTo(Alert.State.NO_DATA);
    judge(86_400, Double.NaN);
    assertThat(state.state()).isEqualTo(Alert.State.NO_DATA);
    judge(5, 9);
    assertThat(state.state()).as("between the limits it is not over").isEqualTo(Alert.State.FIRING);
    judge(5, 7);
    assertThat(state.state()).isEqualTo(Alert.State.RESOLVED);
  }

  @Property
  void judge_anyNumbers_changesOnlyBeyondALimit(
      @ForAll @Size(min = 1, max = 60) List<@DoubleRange(min = 0, max = 20) Double> numbers) {
    state = new ThresholdState(RULE.lasting(Duration.ofSeconds(10)));
    boolean firing = false;
    int beyond = 0;
    for (double number : numbers) {
      boolean told = judge(5, number);
      beyond = number > 10 ? beyond + 1 : 0;
      boolean expected = firing ? number > 8 : beyond > 2;
      assertThat(told).isEqualTo(firing || expected);
      assertThat(state.state() == Alert.State.FIRING).isEqualTo(expected);
      firing = expected;
    }
  }

  private void fire() {
    judge(0, 11);
    assertThat(judge(60, 11)).isTrue();
  }

  private boolean judge(long later, double number) {
    seconds += later;
    return state.judge(Duration.ofSeconds(seconds).toNanos(), number);
  }
}

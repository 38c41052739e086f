package dev.perfkit.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Proves that only values in range reach the component, and which ranges are refused. */
class KnobTest {

  private final AtomicReference<Double> held = new AtomicReference<>(2.0);

  @Test
  void set_withinTheRange_isApplied() {
    Knob knob = knob(1, 4, 0.5);
    for (double value : new double[] {1, 4, 2.25}) {
      knob.set(value);
      assertThat(knob.value()).isEqualTo(value);
    }
  }

  @Test
  void set_outsideTheRange_isRefusedAndNotApplied() {
    Knob knob = knob(1, 4, 0.5);
    for (double value :
        new double[] {0.99, 4.01, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> knob.set(value))
          .withMessage("knob 'size' must be between 1.0 and 4.0 but was " + value);
    }
    assertThat(held.get()).isEqualTo(2.0);
  }

  @Test
  void of_rangeEmptyOrNotFinite_isRefused() {
    double[][] ranges = {
      {1, 1}, {2, 1}, {Double.NaN, 1}, {1, Double.NaN}, {Double.NEGATIVE_INFINITY, 1}, {0, 1 / 0.0}
    };
    for (double[] range : ranges) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> knob(range[0], range[1], 1))
          .withMessageStartingWith("knob 'size': range must be finite with min < max but was ");
    }
  }

  @Test
  void of_stepNotOverZero_isRefused() {
    for (double step : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> knob(1, 4, step))
          .withMessage("knob 'size': step must be finite and over 0 but was " + step);
    }
  }

  @Test
  void of_blankName_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Knob.of(" ", "", 1, 4, 1, () -> 1, value -> {}))
        .withMessage("knob name must not be blank but was ' '");
    assertThatIllegalArgumentException().isThrownBy(() -> knob(1, 4, 1).named(""));
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void of_null_isRefused() {
    assertThatNullPointerException()
        .isThrownBy(() -> Knob.of(null, "", 1, 4, 1, () -> 1, value -> {}));
    assertThatNullPointerException()
        .isThrownBy(() -> Knob.of("size", null, 1, 4, 1, () -> 1, value -> {}))
        .withMessage("unit");
    assertThatNullPointerException()
        .isThrownBy(() -> Knob.of("size", "", 1, 4, 1, null, value -> {}))
        .withMessage("get");
    assertThatNullPointerException()
        .isThrownBy(() -> Knob.of("size", "", 1, 4, 1, () -> 1, null))
        .withMessage("set");
  }

  @Test
  void parts_ofAKnob_areKept() {
    Knob knob = knob(1, 4, 0.5);
    assertThat(knob.name()).isEqualTo("size");
    assertThat(knob.unit()).isEqualTo("connections");
    assertThat(knob.min()).isEqualTo(1);
    assertThat(knob.max()).isEqualTo(4);
    assertThat(knob.step()).isEqualTo(0.5);
    assertThat(knob).hasToString("Knob[size 1.0..4.0 connections]");
  }

  @Test
  void named_anotherName_turnsTheSameSetting() {
    Knob knob = knob(1, 4, 0.5);
    Knob renamed = knob.named("pool/main/size");
    renamed.set(3);
    assertThat(knob.value()).isEqualTo(3);
    assertThat(renamed).hasToString("Knob[pool/main/size 1.0..4.0 connections]");
    assertThat(renamed.step()).isEqualTo(0.5);
  }

  private Knob knob(double min, double max, double step) {
    return Knob.of("size", "connections", min, max, step, held::get, held::set);
  }
}

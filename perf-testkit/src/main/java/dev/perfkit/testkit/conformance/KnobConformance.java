package dev.perfkit.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.Knob;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Knob} must do, which is what its two functions must do: a value that was set is
 * in force at once, for every thread; one that is out of range changes nothing.
 */
@Beta
public abstract class KnobConformance {

  private static final int STEPS = 50;

  private Knob knob;

  /** For subclasses. */
  protected KnobConformance() {}

  /** Makes the knob, of a fresh component; called once for each test. */
  protected abstract Knob create();

  /** Frees what {@link #create} made; called after each test. */
  protected void release() {}

  @BeforeEach
  final void make() {
    knob = create();
  }

  @AfterEach
  final void free() {
    release();
  }

  @Test
  final void name_always_isALowerCaseWord() {
    assertThat(knob.name()).matches("[a-z][a-z0-9]*([-._][a-z0-9]+)*");
  }

  @Test
  final void range_always_holdsOneStepAndTheValue() {
    assertThat(knob.step()).isLessThanOrEqualTo(knob.max() - knob.min());
    assertThat(knob.value()).isBetween(knob.min(), knob.max());
  }

  @Test
  final void set_everyStepOfTheRange_isInForceAtOnce() {
    for (double value : values()) {
      knob.set(value);
      assertInForce(value);
    }
  }

  @Test
  final void set_byAnotherThread_isSeenByThisOne() {
    for (double value : List.of(knob.max(), knob.min())) {
      Together.run(1, thread -> () -> knob.set(value));
      assertInForce(value);
    }
  }

  @Test
  final void set_outOfRange_isRefusedAndChangesNothing() {
    knob.set(knob.max());
    List<Double> wrong =
        List.of(
            knob.min() - knob.step(),
            knob.max() + knob.step(),
            Double.NaN,
            Double.NEGATIVE_INFINITY,
            Double.POSITIVE_INFINITY);
    for (double value : wrong) {
      assertThatIllegalArgumentException().isThrownBy(() -> knob.set(value));
      assertInForce(knob.max());
    }
  }

  @Test
  final void set_manyThreads_oneOfTheirValuesWins() {
    List<Double> values = values();
    Together.run(
        4,
        thread ->
            () -> {
              for (double value : values) {
                knob.set(value);
              }
              knob.set(thread % 2 == 0 ? knob.min() : knob.max());
            });
    double last = knob.value();
    double nearest = last - knob.min() < knob.max() - last ? knob.min() : knob.max();
    assertInForce(nearest);
  }

  /**
   * Returns the ends of the range and up to fifty values between, a whole number of steps apart.
   */
  private List<Double> values() {
    double inRange = Math.floor((knob.max() - knob.min()) / knob.step());
    double stride = Math.max(1, Math.ceil(inRange / STEPS)) * knob.step();
    Stream<Double> between =
        Stream.iterate(knob.min(), value -> value <= knob.max(), value -> value + stride);
    return Stream.concat(between, Stream.of(knob.max())).toList();
  }

  private void assertInForce(double value) {
    double rounding = knob.step() * 1e-6;
    assertThat(knob.value()).as("value of " + knob).isCloseTo(value, within(rounding));
  }
}

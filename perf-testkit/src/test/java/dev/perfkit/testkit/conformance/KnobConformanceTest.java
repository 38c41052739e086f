package dev.perfkit.testkit.conformance;

import static dev.perfkit.testkit.conformance.KitRun.assertCaught;

import dev.perfkit.spi.Knob;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * Proves that a sound knob conforms, and that the kit catches the mistakes one is likely to have.
 */
class KnobConformanceTest {

  @Nested
  class Fraction extends KnobConformance {

    @Override
    protected Knob create() {
      AtomicReference<Double> value = new AtomicReference<>(1.0);
      return Knob.of("ttl-factor", "", 0.1, 10, 0.1, value::get, value::set);
    }
  }

  @Nested
  class WholeNumber extends KnobConformance {

    @Override
    protected Knob create() {
      AtomicInteger size = new AtomicInteger(10);
      return Knob.of(
          "size", "connections", 1, 1_000, 1, size::doubleValue, value -> size.set((int) value));
    }
  }

  @Test
  void kit_setIgnored_fails() {
    assertCaught(Ignored.class, "set_everyStepOfTheRange_isInForceAtOnce");
  }

  @Test
  void kit_narrowerThanItsRange_fails() {
    assertCaught(Clamped.class, "set_everyStepOfTheRange_isInForceAtOnce");
  }

  @Test
  void kit_valueOfEachThread_fails() {
    assertCaught(ThreadValue.class, "set_byAnotherThread_isSeenByThisOne");
  }

  @Test
  void kit_startsOutOfRange_fails() {
    assertCaught(StartsOutside.class, "range_always_holdsOneStepAndTheValue");
  }

  @Test
  void kit_setOneCallLate_fails() {
    assertCaught(OneLate.class, "set_outOfRange_isRefusedAndChangesNothing");
  }

  static class Ignored extends KnobConformance {
    @Override
    protected Knob create() {
      return Knob.of("size", "", 1, 9, 1, () -> 5, value -> {});
    }
  }

  static class Clamped extends KnobConformance {
    @Override
    protected Knob create() {
      AtomicReference<Double> held = new AtomicReference<>(5.0);
      return Knob.of("size", "", 1, 9, 1, held::get, value -> held.set(Math.min(value, 7)));
    }
  }

  static class ThreadValue extends KnobConformance {
    @Override
    protected Knob create() {
      ThreadLocal<Double> held = ThreadLocal.withInitial(() -> 5.0);
      return Knob.of("size", "", 1, 9, 1, held::get, held::set);
    }
  }

  static class StartsOutside extends KnobConformance {
    @Override
    protected Knob create() {
      AtomicReference<Double> held = new AtomicReference<>(0.0);
      return Knob.of("size", "", 1, 9, 1, held::get, held::set);
    }
  }

  static class OneLate extends KnobConformance {
    @Override
    protected Knob create() {
      AtomicReference<Double> next = new AtomicReference<>(5.0);
      AtomicReference<Double> held = new AtomicReference<>(5.0);
      return Knob.of("size", "", 1, 9, 1, held::get, value -> held.set(next.getAndSet(value)));
    }
  }
}

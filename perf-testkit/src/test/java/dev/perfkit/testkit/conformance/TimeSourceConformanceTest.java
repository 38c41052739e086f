package dev.perfkit.testkit.conformance;

import static dev.perfkit.testkit.conformance.KitRun.assertCaught;

import dev.perfkit.spi.TimeSource;
import dev.perfkit.testkit.FakeTimeSource;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * Proves that the clocks of the JVM and the fake ones conform, and that the kit catches the
 * mistakes a time source is likely to have.
 */
class TimeSourceConformanceTest {

  @Nested
  class OfTheJvm extends TimeSourceConformance {

    @Override
    protected TimeSource create() {
      return TimeSource.system();
    }
  }

  @Nested
  class Fake extends TimeSourceConformance {

    @Override
    protected TimeSource create() {
      return FakeTimeSource.create();
    }

    @Override
    protected void letPass(TimeSource source, Duration time) {
      ((FakeTimeSource) source).advance(time);
    }
  }

  @Test
  void kit_millisecondsAsNanoseconds_fails() {
    assertCaught(WrongUnit.class, "nanoTime_timePasses_growsByAsMuch");
  }

  @Test
  void kit_secondsAsMilliseconds_fails() {
    assertCaught(WrongWallUnit.class, "currentTimeMillis_timePasses_growsByAsMuch");
    assertCaught(WrongWallUnit.class, "currentTimeMillis_always_isADateInMilliseconds");
  }

  @Test
  void kit_clockThatGoesBack_fails() {
    assertCaught(GoesBack.class, "nanoTime_readAgain_neverGoesBack");
  }

  @Test
  void kit_clockOfEachThread_fails() {
    assertCaught(ThreadClocks.class, "nanoTime_readByManyThreads_neverGoesBack");
  }

  @Test
  void kit_clockThatStandsStill_fails() {
    assertCaught(StandsStill.class, "nanoTime_timePasses_growsByAsMuch");
    assertCaught(StandsStill.class, "currentTimeMillis_timePasses_growsByAsMuch");
  }

  private record Clocks(LongSupplier nanos, LongSupplier millis) implements TimeSource {

    @Override
    public long nanoTime() {
      return nanos.getAsLong();
    }

    @Override
    public long currentTimeMillis() {
      return millis.getAsLong();
    }
  }

  static class WrongUnit extends TimeSourceConformance {
    @Override
    protected TimeSource create() {
      return new Clocks(System::currentTimeMillis, System::currentTimeMillis);
    }
  }

  static class WrongWallUnit extends TimeSourceConformance {
    @Override
    protected TimeSource create() {
      return new Clocks(System::nanoTime, () -> System.currentTimeMillis() / 1_000);
    }
  }

  static class GoesBack extends TimeSourceConformance {
    @Override
    protected TimeSource create() {
      AtomicLong readings = new AtomicLong();
      return new Clocks(
          () -> System.nanoTime() - (readings.incrementAndGet() % 1_000 == 0 ? 100_000_000 : 0),
          System::currentTimeMillis);
    }
  }

  static class ThreadClocks extends TimeSourceConformance {
    @Override
    protected TimeSource create() {
      return new Clocks(
          () -> System.nanoTime() - 1_000_000_000 * (Thread.currentThread().getId() % 4),
          System::currentTimeMillis);
    }
  }

  static class StandsStill extends TimeSourceConformance {
    @Override
    protected TimeSource create() {
      return new Clocks(() -> 42, () -> 1_700_000_000_000L);
    }
  }
}

package dev.perfkit.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.TimeSource;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * What every {@link TimeSource} must do: the monotonic clock never goes back, on one thread or
 * across threads; both clocks move with time, in their units; readings do not block.
 */
@Beta
public abstract class TimeSourceConformance {

  private static final Duration PASSED = Duration.ofMillis(50);
  private static final int READINGS = 100_000;

  /** For subclasses. */
  protected TimeSourceConformance() {}

  /** Makes or returns the time source under test; called once for each test. */
  protected abstract TimeSource create();

  /**
   * Lets at least this much time pass on the time source, and little more. By default waits in real
   * time; a source that stands still by itself is moved here.
   */
  protected void letPass(TimeSource source, Duration time) {
    long start = System.nanoTime();
    for (long left = time.toNanos();
        left > 0;
        left = time.toNanos() - (System.nanoTime() - start)) {
      LockSupport.parkNanos(left);
    }
  }

  @Test
  final void nanoTime_timePasses_growsByAsMuch() {
    TimeSource source = create();
    long before = source.nanoTime();
    letPass(source, PASSED);
    assertAbout(Duration.ofNanos(source.nanoTime() - before));
  }

  @Test
  final void currentTimeMillis_timePasses_growsByAsMuch() {
    TimeSource source = create();
    long before = source.currentTimeMillis();
    letPass(source, PASSED);
    assertAbout(Duration.ofMillis(source.currentTimeMillis() - before));
  }

  @Test
  final void currentTimeMillis_always_isADateInMilliseconds() {
    Duration since1970 = Duration.ofMillis(create().currentTimeMillis());
    assertThat(since1970.toDays() / 365).as("years since 1970").isBetween(40L, 200L);
  }

  @Test
  final void nanoTime_readAgain_neverGoesBack() {
    TimeSource source = create();
    long last = source.nanoTime();
    for (int i = 0; i < READINGS; i++) {
      if (i % (READINGS / 10) == 0) {
        letPass(source, Duration.ofMillis(1));
      }
      long now = source.nanoTime();
      assertThat(now - last).as("difference of two readings").isNotNegative();
      last = now;
    }
  }

  @Test
  final void nanoTime_readByManyThreads_neverGoesBack() {
    TimeSource source = create();
    AtomicLong last = new AtomicLong(source.nanoTime());
    AtomicLong worst = new AtomicLong();
    Together.run(
        4,
        thread ->
            () -> {
              for (int i = 0; i < READINGS; i++) {
                long seen = last.get();
                long now = source.nanoTime();
                worst.accumulateAndGet(now - seen, Math::min);
                last.compareAndSet(seen, now);
              }
            });
    assertThat(worst.get()).as("difference to an earlier reading").isNotNegative();
  }

  @Test
  final void readings_byAnotherThread_returnInTime() {
    TimeSource source = create();
    Together.inTime(
        READINGS + " readings",
        Together.AT_MOST,
        () -> {
          for (int i = 0; i < READINGS; i++) {
            long unused = source.nanoTime() + source.currentTimeMillis();
          }
        });
  }

  private static void assertAbout(Duration measured) {
    assertThat(measured)
        .as("time that passed")
        .isBetween(PASSED.minusMillis(2), PASSED.plus(Together.AT_MOST));
  }
}

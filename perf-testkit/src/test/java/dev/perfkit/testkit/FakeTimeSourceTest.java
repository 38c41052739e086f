package dev.perfkit.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Proves that fake time moves only when told, and what the two clocks show then. */
@SuppressWarnings("FutureReturnValueIgnored") // the lists tell what ran
class FakeTimeSourceTest {

  private static final Instant BEGINNING = Instant.parse("2026-01-01T00:00:00Z");

  private final FakeTimeSource time = FakeTimeSource.create();

  @Test
  void advance_someTime_movesBothClocksByIt() {
    // region: fake-time
    FakeTimeSource time = FakeTimeSource.create();
    FakeScheduler scheduler = FakeScheduler.on(time);
    List<String> done = new ArrayList<>();
    scheduler.scheduleAtFixedRate(() -> done.add("refresh"), 1, 1, TimeUnit.MINUTES);

    time.advance(Duration.ofMinutes(3)); // runs what is due, on this thread, in order

    assertThat(done).containsExactly("refresh", "refresh", "refresh");
    // endregion: fake-time
    assertThat(time.currentTimeMillis()).isEqualTo(BEGINNING.plusSeconds(180).toEpochMilli());
  }

  @Test
  void nanoTime_acrossItsOverflow_keepsDifferencesRight() {
    long before = time.nanoTime();
    time.advance(Duration.ofHours(1));
    long after = time.nanoTime();
    assertThat(after).as("overflows within the hour").isLessThan(before);
    assertThat(after - before).isEqualTo(Duration.ofHours(1).toNanos());
  }

  @Test
  void advance_lessThanAMillisecond_addsUpOnTheWallClock() {
    for (int i = 0; i < 1_000; i++) {
      time.advance(Duration.ofNanos(1_500));
    }
    assertThat(time.currentTimeMillis() - BEGINNING.toEpochMilli()).isEqualTo(1);
  }

  @Test
  void setWallClock_eitherWay_leavesDurationsAndSchedulesAlone() {
    List<Long> ran = new ArrayList<>();
    FakeScheduler.on(time).schedule(() -> ran.add(time.currentTimeMillis()), 10, TimeUnit.SECONDS);
    long before = time.nanoTime();
    time.setWallClock(Instant.EPOCH);
    assertThat(time.nanoTime()).isEqualTo(before);
    assertThat(time.currentTimeMillis()).isZero();
    assertThat(ran).isEmpty();
    time.advance(Duration.ofSeconds(10));
    assertThat(ran).containsExactly(10_000L);
  }

  @Test
  void advance_negative_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> time.advance(Duration.ofNanos(-1)))
        .withMessage("time must not be negative but was PT-0.000000001S");
  }

  @Test
  void advance_beyondTheRange_isRefused() {
    assertThatExceptionOfType(ArithmeticException.class)
        .isThrownBy(() -> time.advance(Duration.ofDays(200_000)));
  }

  @Test
  void advance_byTwoThreads_addsUpAndRunsOneTaskAtATime() throws Exception {
    FakeScheduler scheduler = FakeScheduler.on(time);
    List<Integer> inside = new ArrayList<>(); // not thread-safe on purpose
    scheduler.scheduleAtFixedRate(() -> inside.add(inside.size()), 1, 1, TimeUnit.MILLISECONDS);
    CountDownLatch start = new CountDownLatch(2);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Thread thread =
          new Thread(
              () -> {
                start.countDown();
                for (int step = 0; step < 1_000; step++) {
                  time.advance(Duration.ofMillis(1));
                }
              });
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(inside).hasSize(2_000).isSorted();
    assertThat(time.currentTimeMillis()).isEqualTo(BEGINNING.plusSeconds(2).toEpochMilli());
  }
}

package dev.perfkit.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * Proves that the fake scheduler runs tasks at their time, in order, on the advancing thread, and
 * otherwise does as the JDK's does.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the log tells what ran
class FakeSchedulerTest {

  private final FakeTimeSource time = FakeTimeSource.create();
  private final FakeScheduler scheduler = FakeScheduler.on(time);
  private final long beginning = time.nanoTime();
  private final List<String> log = new ArrayList<>();

  @Test
  void schedule_delay_runsAtItsTimeAndNotBefore() {
    scheduler.schedule(note("a"), 10, TimeUnit.SECONDS);
    advance(9);
    assertThat(log).isEmpty();
    advance(1);
    assertThat(log).containsExactly("a@10");
    advance(60);
    assertThat(log).hasSize(1);
  }

  @Test
  void advance_severalTasksDue_runsThemInTheOrderOfTheirTimes() {
    scheduler.schedule(note("c"), 3, TimeUnit.SECONDS);
    FakeScheduler.on(time).schedule(note("b"), 2, TimeUnit.SECONDS);
    scheduler.schedule(note("a1"), 1, TimeUnit.SECONDS);
    scheduler.schedule(note("a2"), 1, TimeUnit.SECONDS);
    advance(5);
    assertThat(log).containsExactly("a1@1", "a2@1", "b@2", "c@3");
    assertThat(seconds()).isEqualTo(5);
  }

  @Test
  void advance_taskSchedulesAnother_runsItIfDue() {
    scheduler.schedule(
        () -> scheduler.schedule(note("second"), 2, TimeUnit.SECONDS), 1, TimeUnit.SECONDS);
    advance(3);
    assertThat(log).containsExactly("second@3");
  }

  @Test
  void advance_always_runsTasksOnTheAdvancingThread() {
    AtomicReference<Thread> ran = new AtomicReference<>();
    scheduler.execute(() -> ran.set(Thread.currentThread()));
    assertThat(ran.get()).isNull();
    time.advance(Duration.ZERO);
    assertThat(ran.get()).isSameAs(Thread.currentThread());
  }

  @Test
  void advance_byATask_takesTimeAndDelaysWhatFollows() {
    scheduler.schedule(() -> time.advance(Duration.ofSeconds(5)), 1, TimeUnit.SECONDS);
    scheduler.schedule(note("late"), 2, TimeUnit.SECONDS);
    advance(3);
    assertThat(log).containsExactly("late@6");
    assertThat(seconds()).isEqualTo(6);
  }

  @Test
  void schedule_negativeDelay_isDueNow() {
    scheduler.schedule(note("a"), -5, TimeUnit.SECONDS);
    time.advance(Duration.ZERO);
    assertThat(log).containsExactly("a@0");
  }

  @Test
  void schedule_endlessDelay_waitsForEver() {
    scheduler.schedule(note("a"), Long.MAX_VALUE, TimeUnit.DAYS);
    advance(1_000_000);
    assertThat(log).isEmpty();
    assertThat(scheduler.waiting()).isEqualTo(1);
  }

  @Test
  void schedule_callable_givesItsValue() throws Exception {
    ScheduledFuture<String> future = scheduler.schedule(() -> "value", 1, TimeUnit.SECONDS);
    assertThat(future.getDelay(TimeUnit.MILLISECONDS)).isEqualTo(1_000);
    assertThat(future.isDone()).isFalse();
    advance(1);
    assertThat(future.get()).isEqualTo("value");
  }

  @Test
  void fixedRate_timePasses_runsOncePerPeriodAtItsTime() {
    scheduler.scheduleAtFixedRate(note("a"), 1, 2, TimeUnit.SECONDS);
    advance(6);
    assertThat(log).containsExactly("a@1", "a@3", "a@5");
  }

  @Test
  void fixedRate_taskTakesLonger_catchesUp() {
    scheduler.scheduleAtFixedRate(slow("a", 5), 0, 2, TimeUnit.SECONDS);
    advance(1);
    assertThat(log)
        .as("due at 0, 2, 4, 6, 8 and 10, the first two take 5")
        .containsExactly("a@0", "a@5", "a@10", "a@10", "a@10", "a@10");
  }

  @Test
  void fixedDelay_taskTakesTime_waitsAfterItsEnd() {
    scheduler.scheduleWithFixedDelay(slow("a", 5), 0, 2, TimeUnit.SECONDS);
    advance(14);
    assertThat(log).containsExactly("a@0", "a@7", "a@14");
  }

  @Test
  void periodic_throws_doesNotRunAgain() {
    ScheduledFuture<?> future =
        scheduler.scheduleAtFixedRate(
            () -> {
              log.add("ran");
              throw new IllegalStateException("broken");
            },
            1,
            1,
            TimeUnit.SECONDS);
    advance(5);
    assertThat(log).containsExactly("ran");
    assertThat(future.isDone()).isTrue();
    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(future::get)
        .withCauseInstanceOf(IllegalStateException.class);
    assertThat(scheduler.failures()).singleElement().isInstanceOf(IllegalStateException.class);
    assertThat(scheduler.waiting()).isZero();
  }

  @Test
  void execute_throws_leavesTheOthersAndTheAdvancingThreadAlone() {
    scheduler.execute(
        () -> {
          throw new AssertionError("broken");
        });
    scheduler.execute(note("next"));
    time.advance(Duration.ZERO);
    assertThat(log).containsExactly("next@0");
    assertThat(scheduler.failures()).hasSize(1);
  }

  @Test
  void periodic_badPeriod_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scheduler.scheduleAtFixedRate(note("a"), 0, 0, TimeUnit.SECONDS));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scheduler.scheduleWithFixedDelay(note("a"), 0, -1, TimeUnit.SECONDS));
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void schedule_null_isRefused() {
    assertThatExceptionOfType(NullPointerException.class)
        .isThrownBy(() -> scheduler.schedule((Runnable) null, 0, TimeUnit.SECONDS));
    assertThatExceptionOfType(NullPointerException.class)
        .isThrownBy(() -> scheduler.schedule((Callable<?>) null, 0, TimeUnit.SECONDS));
    assertThatExceptionOfType(NullPointerException.class)
        .isThrownBy(() -> scheduler.schedule(note("a"), 0, null));
  }

  @Test
  void cancel_waitingTask_neverRunsAndIsForgotten() {
    ScheduledFuture<?> once = scheduler.schedule(note("once"), 1, TimeUnit.SECONDS);
    ScheduledFuture<?> often = scheduler.scheduleAtFixedRate(note("often"), 1, 1, TimeUnit.SECONDS);
    advance(1);
    assertThat(often.cancel(false)).isTrue();
    assertThat(once.cancel(false)).as("done already").isFalse();
    assertThat(scheduler.waiting()).isZero();
    advance(5);
    assertThat(log).containsExactly("once@1", "often@1");
    assertThatExceptionOfType(CancellationException.class).isThrownBy(often::get);
  }

  @Test
  void cancel_byThePeriodicTaskItself_isItsLastRun() {
    List<Future<?>> own = new ArrayList<>();
    own.add(
        scheduler.scheduleAtFixedRate(
            () -> {
              log.add("ran");
              own.get(0).cancel(false);
            },
            1,
            1,
            TimeUnit.SECONDS));
    advance(5);
    assertThat(log).containsExactly("ran");
    assertThat(scheduler.waiting()).isZero();
  }

  @Test
  void shutdown_tasksWait_runsDelayedOnesAndCancelsPeriodicOnes() {
    scheduler.schedule(note("delayed"), 1, TimeUnit.SECONDS);
    Future<?> periodic = scheduler.scheduleAtFixedRate(note("often"), 1, 1, TimeUnit.SECONDS);
    scheduler.shutdown();
    assertThat(periodic.isCancelled()).isTrue();
    assertThat(scheduler.isShutdown()).isTrue();
    assertThat(scheduler.isTerminated()).isFalse();
    assertThatExceptionOfType(RejectedExecutionException.class)
        .isThrownBy(() -> scheduler.execute(note("new")));
    advance(1);
    assertThat(log).containsExactly("delayed@1");
    assertThat(scheduler.isTerminated()).isTrue();
  }

  @Test
  void shutdown_byAPeriodicTask_isItsLastRun() {
    Future<?> periodic =
        scheduler.scheduleAtFixedRate(
            () -> {
              log.add("ran");
              scheduler.shutdown();
            },
            1,
            1,
            TimeUnit.SECONDS);
    advance(5);
    assertThat(log).containsExactly("ran");
    assertThat(periodic.isCancelled()).isTrue();
    assertThat(scheduler.isTerminated()).isTrue();
  }

  @Test
  void shutdownNow_tasksWait_givesThemBackAndRunsNone() {
    scheduler.schedule(note("a"), 1, TimeUnit.SECONDS);
    scheduler.scheduleAtFixedRate(note("b"), 1, 1, TimeUnit.SECONDS);
    assertThat(scheduler.shutdownNow()).hasSize(2);
    assertThat(scheduler.isTerminated()).isTrue();
    advance(5);
    assertThat(log).isEmpty();
  }

  @Test
  void shutdownNow_taskRuns_interruptsItAndNotTheAdvancingThread() {
    AtomicBoolean interrupted = new AtomicBoolean();
    scheduler.execute(
        () -> {
          scheduler.shutdownNow();
          interrupted.set(Thread.currentThread().isInterrupted());
        });
    time.advance(Duration.ZERO);
    assertThat(interrupted).isTrue();
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
    assertThat(scheduler.isTerminated()).isTrue();
  }

  @Test
  void advance_onAnInterruptedThread_hidesItFromTasksAndKeepsIt() {
    AtomicBoolean seen = new AtomicBoolean();
    scheduler.execute(() -> seen.set(Thread.currentThread().isInterrupted()));
    Thread.currentThread().interrupt();
    time.advance(Duration.ZERO);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(seen).isFalse();
  }

  @Test
  void awaitTermination_onlyTimeIsMissing_returnsAtOnce() throws Exception {
    scheduler.schedule(note("a"), 1, TimeUnit.SECONDS);
    scheduler.shutdown();
    assertThat(scheduler.awaitTermination(1, TimeUnit.DAYS)).isFalse();
    advance(1);
    assertThat(scheduler.awaitTermination(0, TimeUnit.DAYS)).isTrue();
  }

  @Test
  void awaitTermination_taskRunsOnAnotherThread_waitsForIt() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    scheduler.execute(
        () -> {
          running.countDown();
          awaitQuietly(end);
        });
    scheduler.shutdown();
    Thread advancing = new Thread(() -> time.advance(Duration.ZERO));
    advancing.start();
    running.await();
    assertThat(scheduler.awaitTermination(1, TimeUnit.MILLISECONDS)).isFalse();
    AtomicBoolean terminated = new AtomicBoolean();
    Thread waiting =
        new Thread(
            () -> {
              try {
                terminated.set(scheduler.awaitTermination(1, TimeUnit.DAYS));
              } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
              }
            });
    waiting.start();
    await().until(() -> waiting.getState() == Thread.State.TIMED_WAITING);
    end.countDown();
    waiting.join();
    advancing.join();
    assertThat(terminated).isTrue();
  }

  @Test
  void submit_eachForm_givesItsResult() throws Exception {
    Future<String> callable = scheduler.submit(() -> "value");
    Future<String> runnable = scheduler.submit(note("a"), "done");
    Future<?> plain = scheduler.submit(note("b"));
    time.advance(Duration.ZERO);
    assertThat(callable.get()).isEqualTo("value");
    assertThat(runnable.get()).isEqualTo("done");
    assertThat(plain.isDone()).isTrue();
    assertThat(log).containsExactly("a@0", "b@0");
  }

  @Test
  void invokeAll_someFail_runsAllBeforeItReturns() throws Exception {
    List<Callable<String>> tasks =
        List.of(
            () -> "a",
            () -> {
              throw new IllegalStateException("broken");
            });
    for (List<Future<String>> futures :
        List.of(scheduler.invokeAll(tasks), scheduler.invokeAll(tasks, 1, TimeUnit.DAYS))) {
      assertThat(futures.get(0).get()).isEqualTo("a");
      assertThatExceptionOfType(ExecutionException.class).isThrownBy(futures.get(1)::get);
    }
  }

  @Test
  void invokeAny_firstFails_givesTheNextAndRunsNoMore() throws Exception {
    Callable<String> broken =
        () -> {
          throw new IllegalStateException("broken");
        };
    List<Callable<String>> tasks =
        List.of(
            broken,
            () -> "b",
            () -> {
              log.add("too many");
              return "c";
            });
    assertThat(scheduler.invokeAny(tasks)).isEqualTo("b");
    assertThat(scheduler.invokeAny(tasks, 1, TimeUnit.DAYS)).isEqualTo("b");
    assertThat(log).isEmpty();
    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> scheduler.invokeAny(List.of(broken)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scheduler.invokeAny(List.<Callable<String>>of()));
  }

  @Test
  void invokeAll_byATask_isRefusedInsteadOfWaitingForItself() {
    scheduler.execute(
        () ->
            assertThatIllegalStateException()
                .isThrownBy(() -> scheduler.invokeAll(List.of(() -> "a"))));
    time.advance(Duration.ZERO);
    assertThat(scheduler.failures()).isEmpty();
  }

  private void advance(int seconds) {
    time.advance(Duration.ofSeconds(seconds));
  }

  private long seconds() {
    return Duration.ofNanos(time.nanoTime() - beginning).toSeconds();
  }

  private Runnable note(String what) {
    return () -> log.add(what + "@" + seconds());
  }

  private Runnable slow(String what, int takes) {
    return () -> {
      log.add(what + "@" + seconds());
      if (log.size() < 3) {
        advance(takes);
      }
    };
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }
}

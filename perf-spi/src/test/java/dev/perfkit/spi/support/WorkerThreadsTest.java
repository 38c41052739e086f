package dev.perfkit.spi.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Proves names and kind of worker threads, and how their executors stop. */
@Timeout(60)
class WorkerThreadsTest {

  private static final Duration LONG = Duration.ofSeconds(40);
  private static final Duration SHORT = Duration.ofMillis(40);

  @Test
  void factory_severalThreads_areNumberedDaemons() {
    ThreadFactory factory = WorkerThreads.factory("cache", "users");
    List<Thread> threads = List.of(factory.newThread(() -> {}), factory.newThread(() -> {}));
    assertThat(threads)
        .extracting(Thread::getName)
        .containsExactly("perf-cache-users-1", "perf-cache-users-2");
    assertThat(threads).allMatch(Thread::isDaemon);
  }

  @Test
  void scheduler_cancelledTask_isForgottenAtOnce() {
    ScheduledExecutorService scheduler = WorkerThreads.scheduler("cache", "users", 1);
    ScheduledFuture<?> future = scheduler.schedule(() -> {}, 1, TimeUnit.HOURS);
    future.cancel(false);
    assertThat(((ScheduledThreadPoolExecutor) scheduler).getQueue()).isEmpty();
    scheduler.shutdownNow();
  }

  @Test
  void stop_delayedTasksWait_doesNotWaitForThem() {
    ScheduledExecutorService scheduler = WorkerThreads.scheduler("cache", "users", 1);
    List<ScheduledFuture<?>> futures = new ArrayList<>();
    futures.add(scheduler.schedule(() -> {}, 1, TimeUnit.HOURS));
    futures.add(scheduler.scheduleAtFixedRate(() -> {}, 1, 1, TimeUnit.HOURS));
    assertThat(WorkerThreads.stop(scheduler, LONG)).isTrue();
    assertThat(futures).allMatch(ScheduledFuture::isCancelled);
  }

  @Test
  void stop_runningTaskEnds_waitsForItWithoutInterrupt() throws Exception {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    AtomicBoolean interrupted = new AtomicBoolean();
    executor.execute(() -> interrupted.set(awaitInterrupted(running, end)));
    running.await();
    Thread ending = new Thread(end::countDown);
    ending.start();
    assertThat(WorkerThreads.stop(executor, LONG)).isTrue();
    assertThat(interrupted).isFalse();
  }

  @Test
  void stop_runningTaskGoesOn_interruptsIt() throws Exception {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    CountDownLatch running = new CountDownLatch(1);
    AtomicBoolean interrupted = new AtomicBoolean();
    executor.execute(() -> interrupted.set(awaitInterrupted(running, new CountDownLatch(1))));
    running.await();
    assertThat(WorkerThreads.stop(executor, Duration.ofSeconds(4))).isTrue();
    assertThat(interrupted).isTrue();
  }

  @Test
  void stop_taskIgnoresInterrupts_givesUpInTime() throws Exception {
    ExecutorService executor = Executors.newSingleThreadExecutor(WorkerThreads.factory("a", "b"));
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    executor.execute(
        () -> {
          while (awaitInterrupted(running, end)) {
            running.countDown();
          }
        });
    running.await();
    assertThat(WorkerThreads.stop(executor, SHORT)).isFalse();
    end.countDown();
    assertThat(executor.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void stop_callerInterrupted_cutsTheWaitShortAndKeepsTheInterrupt() throws Exception {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    CountDownLatch running = new CountDownLatch(1);
    executor.execute(() -> awaitInterrupted(running, new CountDownLatch(1)));
    running.await();
    Thread.currentThread().interrupt();
    boolean unused = WorkerThreads.stop(executor, LONG);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(executor.awaitTermination(30, TimeUnit.SECONDS))
        .as("its task was interrupted")
        .isTrue();
  }

  private static boolean awaitInterrupted(CountDownLatch running, CountDownLatch end) {
    running.countDown();
    try {
      end.await();
      return false;
    } catch (InterruptedException interrupted) {
      return true;
    }
  }
}

package dev.perfkit.spi.support;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The threads that modules start: daemons named {@code perf-<module>-<name>-<n>}, so that a thread
 * dump says whose they are and none keeps a JVM alive.
 */
public final class WorkerThreads {

  private WorkerThreads() {}

  /** Returns a factory of such threads, numbered from 1. */
  public static ThreadFactory factory(String module, String name) {
    String prefix = "perf-" + module + "-" + name + "-";
    AtomicLong number = new AtomicLong();
    return task -> {
      Thread thread = new Thread(task, prefix + number.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }

  /** Returns a scheduler of so many threads that forgets cancelled tasks at once. */
  public static ScheduledExecutorService scheduler(String module, String name, int threads) {
    ScheduledThreadPoolExecutor scheduler =
        new ScheduledThreadPoolExecutor(threads, factory(module, name));
    scheduler.setRemoveOnCancelPolicy(true);
    scheduler.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    return scheduler;
  }

  /**
   * Stops an executor: lets running tasks end for half of the time, then interrupts them. An
   * interrupt of the caller cuts the wait short and is kept.
   *
   * @return whether all tasks ended in time
   */
  public static boolean stop(ExecutorService executor, Duration atMost) {
    long half = atMost.toNanos() / 2;
    executor.shutdown();
    try {
      if (executor.awaitTermination(half, TimeUnit.NANOSECONDS)) {
        return true;
      }
      executor.shutdownNow();
      return executor.awaitTermination(half, TimeUnit.NANOSECONDS);
    } catch (InterruptedException interrupted) {
      executor.shutdownNow();
      Thread.currentThread().interrupt();
      return executor.isTerminated();
    }
  }
}

package dev.perfkit.testkit;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.support.Options;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A scheduler on a {@link FakeTimeSource}: {@link FakeTimeSource#advance} runs what becomes due, on
 * the advancing thread, one task at a time, in the order of their times and, for equal times, in
 * the order they were scheduled. Tasks without a delay wait for the next advance too; one by {@link
 * Duration#ZERO} is enough.
 *
 * <p>Otherwise it does as the JDK's scheduler with default policies: a periodic task that throws
 * does not run again; after {@code shutdown} new tasks are refused, periodic ones are cancelled,
 * delayed ones still run; after {@code shutdownNow} nothing runs. Cancelled tasks are forgotten at
 * once. Like a pool's, a task's interrupts do not reach beyond it: the advancing thread has the
 * same interrupt status after a task as before.
 *
 * <p>Safe for use by any number of threads; starts none.
 */
@Beta
public final class FakeScheduler extends AbstractExecutorService
    implements ScheduledExecutorService {

  private final FakeTimeSource time;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Set<FakeTask<?>> waiting = new LinkedHashSet<>();
  private final List<Throwable> failures = new ArrayList<>();
  private @Nullable Thread runner;
  private boolean shutdown;

  private FakeScheduler(FakeTimeSource time) {
    this.time = Objects.requireNonNull(time, "time");
  }

  /** Returns a scheduler whose tasks run when that time source is advanced. */
  public static FakeScheduler on(FakeTimeSource time) {
    return new FakeScheduler(time);
  }

  /** Returns how many tasks wait for their time; a periodic one counts once. */
  public int waiting() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Returns what tasks have thrown, the oldest first. The JDK's scheduler keeps such a failure in
   * the task's future, where nobody looks.
   */
  public List<Throwable> failures() {
    lock.lock();
    try {
      return List.copyOf(failures);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
    return schedule(Executors.callable(command), delay, unit);
  }

  @Override
  public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
    return add(callable, unit.toNanos(delay), FakeTask.Repeat.NEVER, 0);
  }

  @Override
  public ScheduledFuture<?> scheduleAtFixedRate(
      Runnable command, long initialDelay, long period, TimeUnit unit) {
    Options.atLeast("period", 1, period);
    Callable<@Nullable Object> code = Executors.callable(command);
    return add(code, unit.toNanos(initialDelay), FakeTask.Repeat.FIXED_RATE, unit.toNanos(period));
  }

  @Override
  public ScheduledFuture<?> scheduleWithFixedDelay(
      Runnable command, long initialDelay, long delay, TimeUnit unit) {
    Options.atLeast("delay", 1, delay);
    Callable<@Nullable Object> code = Executors.callable(command);
    return add(code, unit.toNanos(initialDelay), FakeTask.Repeat.FIXED_DELAY, unit.toNanos(delay));
  }

  @Override
  public void execute(Runnable command) {
    var unused = schedule(command, 0, TimeUnit.NANOSECONDS);
  }

  @Override
  public Future<?> submit(Runnable task) {
    return schedule(task, 0, TimeUnit.NANOSECONDS);
  }

  @Override
  public <T extends @Nullable Object> Future<T> submit(Runnable task, T result) {
    return schedule(Executors.callable(task, result), 0, TimeUnit.NANOSECONDS);
  }

  @Override
  public <T extends @Nullable Object> Future<T> submit(Callable<T> task) {
    return schedule(task, 0, TimeUnit.NANOSECONDS);
  }

  /**
   * Runs the tasks, and what else is due now, before it returns.
   *
   * @throws IllegalStateException if called by a task of this time source: it would wait for itself
   */
  @Override
  public <T extends @Nullable Object> List<Future<T>> invokeAll(
      Collection<? extends Callable<T>> tasks) throws InterruptedException {
    List<Future<T>> futures = new ArrayList<>();
    for (Callable<T> task : tasks) {
      futures.add(runToEnd(task));
    }
    return futures;
  }

  /**
   * Does as the method without a timeout: no time passes meanwhile.
   *
   * @throws IllegalStateException if called by a task of this time source: it would wait for itself
   */
  @Override
  public <T extends @Nullable Object> List<Future<T>> invokeAll(
      Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
      throws InterruptedException {
    return invokeAll(tasks);
  }

  /**
   * Runs the tasks in order until one succeeds, and what else is due now, before it returns.
   *
   * @throws IllegalArgumentException if there are no tasks
   * @throws IllegalStateException if called by a task of this time source: it would wait for itself
   */
  @Override
  public <T extends @Nullable Object> T invokeAny(Collection<? extends Callable<T>> tasks)
      throws InterruptedException, ExecutionException {
    ExecutionException last = null;
    for (Callable<T> task : tasks) {
      try {
        return runToEnd(task).get();
      } catch (ExecutionException failure) {
        last = failure;
      }
    }
    if (last == null) {
      throw new IllegalArgumentException("tasks must not be empty");
    }
    throw last;
  }

  /**
   * Does as the method without a timeout: no time passes meanwhile.
   *
   * @throws IllegalArgumentException if there are no tasks
   * @throws IllegalStateException if called by a task of this time source: it would wait for itself
   */
  @Override
  public <T extends @Nullable Object> T invokeAny(
      Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException {
    return invokeAny(tasks);
  }

  @Override
  public void shutdown() {
    List<FakeTask<?>> periodic;
    lock.lock();
    try {
      shutdown = true;
      periodic = waiting.stream().filter(FakeTask::isPeriodic).toList();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    periodic.forEach(task -> task.cancel(false));
  }

  @Override
  public List<Runnable> shutdownNow() {
    lock.lock();
    try {
      shutdown = true;
      waiting.forEach(time::remove);
      List<Runnable> never = List.copyOf(waiting);
      waiting.clear();
      if (runner != null) {
        runner.interrupt();
      }
      changed.signalAll();
      return never;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean isShutdown() {
    lock.lock();
    try {
      return shutdown;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean isTerminated() {
    lock.lock();
    try {
      return shutdown && waiting.isEmpty() && runner == null;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits, in real time, for a task that runs on another thread. Tasks that wait for their time do
   * not end by waiting, so with none running it returns at once.
   */
  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    long left = unit.toNanos(timeout);
    lock.lockInterruptibly();
    try {
      while (runner != null && runner != Thread.currentThread() && left > 0) {
        left = changed.awaitNanos(left);
      }
      return isTerminated();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String toString() {
    return "FakeScheduler[" + waiting() + (isShutdown() ? " waiting, shut down]" : " waiting]");
  }

  long elapsed() {
    return time.elapsed();
  }

  void failed(Throwable failure) {
    lock.lock();
    try {
      failures.add(failure);
    } finally {
      lock.unlock();
    }
  }

  void forget(FakeTask<?> task) {
    lock.lock();
    try {
      time.remove(task);
      waiting.remove(task);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Runs a task that the time source has taken off its agenda. */
  void run(FakeTask<?> task) {
    if (!begin(task)) {
      return;
    }
    boolean interrupted = Thread.interrupted();
    boolean again = false;
    try {
      again = task.runOnce();
    } finally {
      end(task, again);
      boolean unused = Thread.interrupted();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Returns whether the task may run: it was not cancelled or given back since it was taken. */
  private boolean begin(FakeTask<?> task) {
    lock.lock();
    try {
      if (!waiting.remove(task)) {
        return false;
      }
      runner = Thread.currentThread();
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void end(FakeTask<?> task, boolean again) {
    boolean refused;
    lock.lock();
    try {
      runner = null;
      refused = again && shutdown;
      if (again && !shutdown && !task.isCancelled()) {
        enqueue(task);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (refused) {
      task.cancel(false);
    } else if (task.isCancelled()) {
      forget(task); // cancelled between the check above and now
    }
  }

  private <V extends @Nullable Object> FakeTask<V> add(
      Callable<V> code, long delay, FakeTask.Repeat repeat, long period) {
    Objects.requireNonNull(code, "code");
    lock.lock();
    try {
      if (shutdown) {
        throw new RejectedExecutionException("scheduler was shut down");
      }
      long due = FakeTimeSource.saturatedSum(time.elapsed(), Math.max(0, delay));
      FakeTask<V> task = new FakeTask<>(this, code, due, repeat, period);
      enqueue(task);
      return task;
    } finally {
      lock.unlock();
    }
  }

  /** Only under the lock. */
  private void enqueue(FakeTask<?> task) {
    waiting.add(task);
    time.add(task);
  }

  private <T extends @Nullable Object> Future<T> runToEnd(Callable<T> code)
      throws InterruptedException {
    if (time.isRunningTasks()) {
      throw new IllegalStateException("a task cannot wait for another task of the same scheduler");
    }
    Future<T> future = submit(code);
    time.advance(Duration.ZERO);
    try {
      future.get();
    } catch (ExecutionException | CancellationException kept) {
      // It is in the future, for the caller to see.
    }
    return future;
  }
}

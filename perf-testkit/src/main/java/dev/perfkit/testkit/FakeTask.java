package dev.perfkit.testkit;

import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.TimeUnit;

/** A task on the agenda of a {@link FakeTimeSource}. */
final class FakeTask<V> extends FutureTask<V> implements RunnableScheduledFuture<V> {

  /** How the next run follows from this one. */
  enum Repeat {
    NEVER,
    FIXED_RATE,
    FIXED_DELAY
  }

  private final FakeScheduler scheduler;
  private final Repeat repeat;
  private final long period;
  private volatile long due;
  private volatile long sequence;

  FakeTask(FakeScheduler scheduler, Callable<V> code, long due, Repeat repeat, long period) {
    super(code);
    this.scheduler = scheduler;
    this.due = due;
    this.repeat = repeat;
    this.period = period;
  }

  /** Returns when it runs next, in nanoseconds since the time source's beginning. */
  long due() {
    return due;
  }

  void enqueuedAs(long number) {
    sequence = number;
  }

  void runNow() {
    scheduler.run(this);
  }

  /** Runs once and returns whether it wants to be on the agenda again, at its new {@link #due}. */
  boolean runOnce() {
    if (repeat == Repeat.NEVER) {
      run();
      return false;
    }
    if (!runAndReset()) {
      return false;
    }
    long from = repeat == Repeat.FIXED_RATE ? due : scheduler.elapsed();
    due = FakeTimeSource.saturatedSum(from, period);
    return true;
  }

  @Override
  public boolean isPeriodic() {
    return repeat != Repeat.NEVER;
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    boolean cancelled = super.cancel(mayInterruptIfRunning);
    if (cancelled) {
      scheduler.forget(this);
    }
    return cancelled;
  }

  @Override
  protected void setException(Throwable failure) {
    scheduler.failed(failure);
    super.setException(failure);
  }

  @Override
  public long getDelay(TimeUnit unit) {
    return unit.convert(due - scheduler.elapsed(), TimeUnit.NANOSECONDS);
  }

  @Override
  public int compareTo(Delayed other) {
    if (other instanceof FakeTask<?> that) {
      int byTime = Long.compare(due, that.due);
      return byTime != 0 ? byTime : Long.compare(sequence, that.sequence);
    }
    return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
  }
}

package dev.perfkit.testkit;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.TimeSource;
import dev.perfkit.spi.support.Options;
import java.time.Duration;
import java.time.Instant;
import java.util.PriorityQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Two clocks that stand still until a test advances them.
 *
 * <p>The monotonic clock begins one minute before it overflows, so that code which compares
 * readings with {@code <} instead of by their difference fails in every test that lets a minute
 * pass. The wall clock begins at 2026-01-01T00:00:00Z.
 *
 * <p>Safe for use by any number of threads. Advances take turns: one that is called while another
 * thread's is under way waits for it.
 */
@Beta
public final class FakeTimeSource implements TimeSource {

  private static final long ORIGIN = Long.MAX_VALUE - Duration.ofMinutes(1).toNanos();
  private static final long WALL_ORIGIN = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();

  /** Held while time advances and tasks run; the other lock is never held while a task runs. */
  private final ReentrantLock turn = new ReentrantLock();

  private final ReentrantLock agendaLock = new ReentrantLock();
  private final PriorityQueue<FakeTask<?>> agenda = new PriorityQueue<>();
  private long lastSequence;

  private volatile Reading now = new Reading(0, WALL_ORIGIN, 0);

  private FakeTimeSource() {}

  /** Returns clocks that stand at their beginning. */
  public static FakeTimeSource create() {
    return new FakeTimeSource();
  }

  /**
   * Lets time pass on both clocks and runs, on this thread, the tasks of every {@link
   * FakeScheduler} on this source that become due. Each task sees the time it was scheduled for, or
   * a later one if a task before it took time.
   *
   * <p>A task may call this method to take time; what becomes due meanwhile runs after it, as with
   * a scheduler of one thread.
   *
   * @param time 0 or more; 0 runs what is due now
   * @throws IllegalArgumentException if the time is negative
   * @throws ArithmeticException if the time is over 292 years
   */
  public void advance(Duration time) {
    long nanos = Options.notNegative("time", time).toNanos();
    turn.lock();
    try {
      long target = saturatedSum(now.elapsed, nanos);
      if (turn.getHoldCount() == 1) {
        runUntil(target);
      }
      moveTo(target);
    } finally {
      turn.unlock();
    }
  }

  /**
   * Makes the wall clock jump, as an administrator would; durations and schedules do not notice.
   */
  public void setWallClock(Instant time) {
    long millis = time.toEpochMilli();
    turn.lock();
    try {
      now = new Reading(now.elapsed, millis, now.elapsed);
    } finally {
      turn.unlock();
    }
  }

  @Override
  public long nanoTime() {
    return ORIGIN + now.elapsed;
  }

  @Override
  public long currentTimeMillis() {
    return now.wallMillis();
  }

  @Override
  public String toString() {
    return "FakeTimeSource[" + Duration.ofNanos(now.elapsed) + " since its beginning]";
  }

  /** Returns the nanoseconds since the beginning: they never overflow. */
  long elapsed() {
    return now.elapsed;
  }

  /** Returns whether the calling thread is inside a task that an advance runs. */
  boolean isRunningTasks() {
    return turn.isHeldByCurrentThread();
  }

  void add(FakeTask<?> task) {
    agendaLock.lock();
    try {
      task.enqueuedAs(++lastSequence);
      agenda.add(task);
    } finally {
      agendaLock.unlock();
    }
  }

  boolean remove(FakeTask<?> task) {
    agendaLock.lock();
    try {
      return agenda.remove(task);
    } finally {
      agendaLock.unlock();
    }
  }

  static long saturatedSum(long a, long b) {
    return b > Long.MAX_VALUE - a ? Long.MAX_VALUE : a + b;
  }

  private void runUntil(long target) {
    for (FakeTask<?> task = due(target); task != null; task = due(target)) {
      moveTo(task.due());
      task.runNow();
    }
  }

  /** Takes the first task off the agenda if its time comes no later than the target or now. */
  private @Nullable FakeTask<?> due(long target) {
    agendaLock.lock();
    try {
      FakeTask<?> first = agenda.peek();
      boolean isDue = first != null && first.due() <= Math.max(target, now.elapsed);
      return isDue ? agenda.poll() : null;
    } finally {
      agendaLock.unlock();
    }
  }

  /** Only under {@link #turn}. */
  private void moveTo(long elapsed) {
    if (elapsed > now.elapsed) {
      now = new Reading(elapsed, now.wallAtMark, now.mark);
    }
  }

  /**
   * Both clocks in one value, so that a reader never sees one moved and the other not.
   *
   * @param elapsed nanoseconds since the beginning
   * @param wallAtMark what the wall clock showed at the mark, in milliseconds
   * @param mark when the wall clock was last set, as elapsed nanoseconds
   */
  private record Reading(long elapsed, long wallAtMark, long mark) {

    long wallMillis() {
      return wallAtMark + Duration.ofNanos(elapsed - mark).toMillis();
    }
  }
}

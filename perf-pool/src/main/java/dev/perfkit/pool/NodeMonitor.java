package dev.perfkit.pool;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Asks one node again and again: seldom while it answers, often while it does not.
 *
 * <p>At most one question is under way. The scheduler's thread never asks itself: it starts the
 * question on the executor and watches the deadline, so a server that accepts and never answers
 * holds one thread and is still found out. Overdue questions are aborted, and reported again after
 * half the time, then at the pace of a suspect node for as long as they hang. The listener is
 * called without the lock.
 */
final class NodeMonitor {

  /** What the monitor tells; an answer and its overdue notice may come at the same time. */
  interface Listener {

    void answered(Answer answer);

    void failed(Exception failure);

    void overdue(Duration waited);

    /** Returns whether the node answers, and so may be left alone for longer. */
    boolean isCalm();
  }

  /** How often and how patiently. */
  record Pace(Duration calm, Duration suspect, Duration timeout, Duration firstTimeout) {}

  private final RoleProbe probe;
  private final Listener listener;
  private final Pace pace;
  private final Executor executor;
  private final ScheduledExecutorService scheduler;

  private final ReentrantLock lock = new ReentrantLock();
  private boolean asking;
  private boolean settled;
  private boolean askedBefore;
  private boolean askAgain;
  private boolean closed;
  private @Nullable Future<?> next;

  NodeMonitor(
      RoleProbe probe,
      Listener listener,
      Pace pace,
      Executor executor,
      ScheduledExecutorService scheduler) {
    this.probe = probe;
    this.listener = listener;
    this.pace = pace;
    this.executor = executor;
    this.scheduler = scheduler;
  }

  /** Asks at once; if a question is under way, asks again right after it. */
  void probeNow() {
    lock.lock();
    try {
      if (asking) {
        askAgain = true;
      } else {
        begin();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Asks over a new connection at once. */
  void renew() {
    probe.renew();
    probeNow();
  }

  void close() {
    lock.lock();
    try {
      closed = true;
      cancelNext();
    } finally {
      lock.unlock();
    }
    probe.close();
  }

  private void begin() {
    if (closed) {
      return;
    }
    cancelNext();
    Duration timeout = askedBefore ? pace.timeout() : pace.firstTimeout();
    asking = true;
    settled = false;
    askAgain = false;
    askedBefore = true;
    next = schedule(() -> overdue(timeout, timeout.dividedBy(2)), timeout);
    try {
      executor.execute(this::ask);
    } catch (RejectedExecutionException refused) {
      asking = false;
      cancelNext();
      next = schedule(this::probeNow, pace.suspect());
    }
  }

  private void ask() {
    Answer answer = null;
    Exception failure = null;
    try {
      answer = probe.ask();
    } catch (SQLException | RuntimeException e) {
      failure = e;
    }
    finished(answer, failure);
  }

  private void finished(@Nullable Answer answer, @Nullable Exception failure) {
    if (!settle()) {
      return;
    }
    tell(answer, failure);
    lock.lock();
    try {
      asking = false;
      if (askAgain) {
        begin();
      } else if (!closed) {
        next = schedule(this::probeNow, listener.isCalm() ? pace.calm() : pace.suspect());
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ends the watch for an answer; false if nobody wants the answer any more. */
  private boolean settle() {
    lock.lock();
    try {
      settled = true;
      cancelNext();
      if (closed) {
        probe.close();
      }
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  private void tell(@Nullable Answer answer, @Nullable Exception failure) {
    if (answer != null) {
      listener.answered(answer);
    } else if (failure != null) {
      listener.failed(failure);
    }
  }

  private void overdue(Duration waited, Duration again) {
    lock.lock();
    try {
      if (closed || settled) {
        return;
      }
      next = schedule(() -> overdue(waited.plus(again), pace.suspect()), again);
    } finally {
      lock.unlock();
    }
    listener.overdue(waited);
    probe.abort();
    askAgainIfSettled();
  }

  /**
   * An answer that came while it was being called overdue was overruled; the node is asked again.
   */
  private void askAgainIfSettled() {
    lock.lock();
    try {
      if (settled) {
        probeNow();
      }
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Future<?> schedule(Runnable task, Duration delay) {
    try {
      return scheduler.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException stopped) {
      return null;
    }
  }

  private void cancelNext() {
    Future<?> pending = next;
    if (pending != null) {
      pending.cancel(false);
      next = null;
    }
  }
}

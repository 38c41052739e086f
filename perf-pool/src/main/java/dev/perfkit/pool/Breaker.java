package dev.perfkit.pool;

import dev.perfkit.spi.TimeSource;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Takes a node out of the rotation that answers probes but fails its callers.
 *
 * <p>The first failure opens a window of {@link #WINDOW_NANOS}. In it, {@link #FAILURES} failures
 * that are at least half of all outcomes open the breaker, if the group permits it. It closes by
 * itself: after the base time at first, longer with each repetition. Closed again it is on
 * probation for a window: one failure opens it. A probation or a window that ends well forgives one
 * repetition.
 *
 * <p>Successes cost one volatile read unless a window is open.
 */
final class Breaker {

  static final int FAILURES = 5;
  static final long WINDOW_NANOS = Duration.ofSeconds(10).toNanos();

  /** The longest time is so many times the base. */
  static final int MAX_REPEATS = 12;

  /** The permission and the notices of the group. */
  interface Group {

    /** Returns whether one node more may be out. */
    boolean mayOpen();

    void opened(Duration howLong, int repeats);

    void closed();
  }

  private enum State {
    QUIET,
    WATCHING,
    OPEN,
    PROBATION
  }

  private final Duration base;
  private final TimeSource timeSource;
  private final Group group;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile State state = State.QUIET;
  private volatile long until;
  private int failures;
  private int successes;
  private int repeats;

  Breaker(Duration base, TimeSource timeSource, Group group) {
    this.base = base;
    this.timeSource = timeSource;
    this.group = group;
  }

  /** Returns whether work may come. */
  boolean allows() {
    return state != State.OPEN || !stillOpen();
  }

  /** Returns the same without a lock, and without closing it. */
  boolean isOpen() {
    return state == State.OPEN && !isOver();
  }

  void succeeded() {
    if (state == State.QUIET) {
      return;
    }
    lock.lock();
    try {
      expire();
      successes++;
    } finally {
      lock.unlock();
    }
  }

  void failed() {
    boolean opens;
    lock.lock();
    try {
      expire();
      opens = noteFailure() && group.mayOpen();
      if (opens) {
        repeats = Math.min(repeats + 1, MAX_REPEATS);
        enter(State.OPEN, base.toNanos() * repeats);
      }
    } finally {
      lock.unlock();
    }
    if (opens) {
      group.opened(base.multipliedBy(repeats), repeats);
    }
  }

  /** Returns whether that was one too many. */
  private boolean noteFailure() {
    switch (state) {
      case QUIET -> enter(State.WATCHING, WINDOW_NANOS);
      case PROBATION -> {
        return true;
      }
      case OPEN -> {
        return false;
      }
      case WATCHING -> {}
    }
    failures++;
    return failures >= FAILURES && failures >= successes;
  }

  private boolean stillOpen() {
    boolean closes;
    lock.lock();
    try {
      closes = state == State.OPEN && isOver();
      if (closes) {
        enter(State.PROBATION, WINDOW_NANOS);
      }
    } finally {
      lock.unlock();
    }
    if (closes) {
      group.closed();
    }
    return state == State.OPEN;
  }

  /** Ends a window or a probation whose time is over. */
  private void expire() {
    if ((state == State.WATCHING || state == State.PROBATION) && isOver()) {
      repeats = Math.max(0, repeats - 1);
      state = State.QUIET;
      failures = 0;
      successes = 0;
    }
  }

  private void enter(State next, long nanos) {
    failures = 0;
    successes = 0;
    until = timeSource.nanoTime() + nanos;
    state = next;
  }

  private boolean isOver() {
    return timeSource.nanoTime() - until >= 0;
  }
}

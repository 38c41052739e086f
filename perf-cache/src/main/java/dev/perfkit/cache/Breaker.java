package dev.perfkit.cache;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Keeps operations away from a tier that fails. Opens after {@value #THRESHOLD} failures in a row;
 * while open nobody but the recovery asks the tier, so no caller pays for finding out.
 */
final class Breaker {

  static final int THRESHOLD = 5;

  enum State {
    CLOSED,
    OPEN,
    /** The recovery is asking. */
    HALF_OPEN,
    /** The host wants the tier to be left alone. */
    PAUSED
  }

  private final ReentrantLock lock = new ReentrantLock();
  private volatile State state = State.CLOSED;
  private final AtomicInteger failures = new AtomicInteger();
  private volatile long openedAt;
  private volatile @Nullable String lastFailure;

  boolean isClosed() {
    return state == State.CLOSED;
  }

  State state() {
    return state;
  }

  /** Notes an answer to an ordinary operation. */
  void answered() {
    if (failures.get() != 0) {
      failures.set(0);
    }
  }

  /** Notes a failure; returns whether this one opened it. */
  boolean failed(String failure, long now) {
    lock.lock();
    try {
      lastFailure = failure;
      if (failures.incrementAndGet() < THRESHOLD || state != State.CLOSED) {
        return false;
      }
      state = State.OPEN;
      openedAt = now;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Lets the recovery ask; returns whether there is anything to find out. */
  boolean halfOpen() {
    return move(State.OPEN, State.HALF_OPEN);
  }

  /** The recovery got no answer. */
  boolean reopen() {
    return move(State.HALF_OPEN, State.OPEN);
  }

  /** The recovery got its answers. */
  boolean close() {
    return move(State.HALF_OPEN, State.CLOSED);
  }

  /** Opens it until it is told otherwise; returns whether it was not so before. */
  boolean pause(long now) {
    lock.lock();
    try {
      if (state == State.PAUSED) {
        return false;
      }
      lastFailure = "none, it was paused";
      openedAt = now;
      state = State.PAUSED;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Ends a pause; the recovery closes it when it has caught up. */
  boolean resume() {
    return move(State.PAUSED, State.OPEN);
  }

  boolean isPaused() {
    return state == State.PAUSED;
  }

  long openNanos(long now) {
    return now - openedAt;
  }

  String lastFailure() {
    String last = lastFailure;
    return last == null ? "none" : last;
  }

  private boolean move(State from, State to) {
    lock.lock();
    try {
      if (state != from) {
        return false;
      }
      state = to;
      failures.set(0);
      return true;
    } finally {
      lock.unlock();
    }
  }
}

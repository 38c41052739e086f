package dev.perfkit.pool;

import dev.perfkit.spi.TimeSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Asks one node how far it has come: at an interval, at once when somebody wants to know, and about
 * every millisecond while somebody waits.
 *
 * <p>At most one question is under way, over a connection of its own, on the executor; any number
 * of threads share its answer. The listener is called without the lock.
 */
final class PositionWatch {

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** What the watch tells. */
  interface Listener {

    void reached(PoolNode node, WalPosition position);
  }

  private final PoolNode node;
  private final ConnectionSource source;
  private final WalQuery query;
  private final Listener listener;
  private final TimeSource timeSource;
  private final long intervalNanos;
  private final int timeoutMillis;
  private final Executor executor;
  private final ScheduledExecutorService scheduler;

  private final ReentrantLock lock = new ReentrantLock();
  private boolean asking;
  private boolean askAgain;
  private boolean closed;
  private int waiting;
  private @Nullable Future<?> next;
  private volatile @Nullable Connection connection;
  private volatile boolean outdated;
  private long openNanos;
  private volatile @Nullable WalPosition latest;

  PositionWatch(
      PoolNode node,
      ConnectionSource source,
      WalQuery query,
      Listener listener,
      TimeSource timeSource,
      long intervalNanos,
      int timeoutMillis,
      Executor executor,
      ScheduledExecutorService scheduler) {
    this.node = node;
    this.source = source;
    this.query = query;
    this.listener = listener;
    this.timeSource = timeSource;
    this.intervalNanos = intervalNanos;
    this.timeoutMillis = timeoutMillis;
    this.executor = executor;
    this.scheduler = scheduler;
  }

  PoolNode node() {
    return node;
  }

  /** Returns the last answer, however old; null before the first. */
  @Nullable WalPosition latest() {
    return latest;
  }

  /** Asks at once; if a question is under way, asks again right after it. */
  void demand() {
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

  /** Somebody waits from now on; ended by {@link #waited}. */
  void await() {
    lock.lock();
    try {
      waiting++;
      if (!asking) {
        begin();
      }
    } finally {
      lock.unlock();
    }
  }

  void waited() {
    lock.lock();
    try {
      waiting--;
    } finally {
      lock.unlock();
    }
  }

  void close() {
    lock.lock();
    try {
      closed = true;
      cancelNext();
    } finally {
      lock.unlock();
    }
    discard();
  }

  private void begin() {
    if (closed) {
      return;
    }
    cancelNext();
    asking = true;
    try {
      executor.execute(this::askOn);
    } catch (RejectedExecutionException full) {
      asking = false;
      later();
    }
  }

  private void askOn() {
    boolean answered;
    do {
      answered = ask();
    } while (goesOn(answered));
  }

  private boolean ask() {
    try {
      WalPosition position = position();
      if (position == null) {
        return false;
      }
      latest = position;
      listener.reached(node, position);
      return true;
    } catch (SQLException | RuntimeException failure) {
      discard();
      return false;
    }
  }

  /** Asks over a new connection from the next question on. */
  void renew() {
    outdated = true;
    demand();
  }

  private @Nullable WalPosition position() throws SQLException {
    if (outdated) {
      outdated = false;
      discard();
    }
    Connection open = connection;
    if (open == null) {
      open = source.open();
      connection = open;
      openNanos = timeSource.nanoTime();
      open.setNetworkTimeout(Runnable::run, timeoutMillis);
    }
    if (isClosed()) {
      discard();
      return null;
    }
    return query.isSupported(open) ? query.position(open, openNanos, timeSource.nanoTime()) : null;
  }

  private boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** A failed question is asked again after the interval only, whoever waits. */
  private boolean goesOn(boolean answered) {
    boolean poll;
    lock.lock();
    try {
      poll = answered && !closed && (askAgain || waiting > 0);
      if (poll && askAgain) {
        askAgain = false;
        return true;
      }
      if (!poll) {
        asking = false;
        askAgain = false;
        later();
      }
    } finally {
      lock.unlock();
    }
    if (poll) {
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    return poll;
  }

  private void later() {
    if (closed) {
      return;
    }
    try {
      next = scheduler.schedule(this::demand, intervalNanos, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException stopped) {
      next = null;
    }
  }

  private void cancelNext() {
    Future<?> pending = next;
    if (pending != null) {
      pending.cancel(false);
      next = null;
    }
  }

  private void discard() {
    Connection open = connection;
    connection = null;
    if (open == null) {
      return;
    }
    try {
      open.abort(Runnable::run);
      open.close();
    } catch (SQLException | RuntimeException alreadyGone) {
      // Nothing is left to free.
    }
  }
}

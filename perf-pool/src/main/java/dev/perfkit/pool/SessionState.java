package dev.perfkit.pool;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What a session has written and read.
 *
 * <p>A connection that may have written is open until its commits' position was captured; while one
 * is, and after a capture that failed, reads go to the primary. A captured position covers every
 * read before it: what a replica showed was inserted at the primary before.
 */
final class SessionState {

  /**
   * The last read of a node.
   *
   * @param beganNanos the node has not started again before: its answer may be late, and tell of a
   *     life that has ended since
   * @param endedNanos what it showed was there by then
   */
  record Read(PoolNode node, long beganNanos, long endedNanos) {}

  /**
   * What a read must keep to.
   *
   * @param primaryOnly whether something written has no known position
   * @param unsettled whether a token came that says nothing here
   * @param settleSince when it came
   * @param last the node of the last read
   * @param reads the nodes read from since the last known position
   */
  record Need(
      @Nullable Floor floor,
      boolean primaryOnly,
      boolean unsettled,
      long settleSince,
      @Nullable PoolNode last,
      List<Read> reads) {

    boolean isFree() {
      return floor == null && !primaryOnly && !unsettled && reads.isEmpty();
    }
  }

  private static final Need FREE = new Need(null, false, false, 0, null, List.of());

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<PoolNode, Read> reads = new HashMap<>(2);
  private @Nullable Floor floor;
  private @Nullable PoolNode last;
  private int open;
  private boolean unknown;
  private boolean unsettled;
  private long settleSince;
  private @Nullable PoolNode conflicted;
  private volatile boolean closed;

  private SessionState() {}

  static SessionState empty() {
    return new SessionState();
  }

  static SessionState of(SessionToken token, long nowNanos) {
    SessionState state = new SessionState();
    Floor told = token.floor();
    if (told != null) {
      state.floor = new Floor(told.system(), told.timeline(), told.lsn(), nowNanos);
    }
    state.unknown = token.equals(SessionToken.OF_PRIMARY);
    return state;
  }

  /** Returns the state of a session whose token says nothing here. */
  static SessionState unsettled(long nowNanos) {
    SessionState state = new SessionState();
    state.unsettled = true;
    state.settleSince = nowNanos;
    return state;
  }

  Need need() {
    lock.lock();
    try {
      if (floor == null && open == 0 && !unknown && !unsettled && reads.isEmpty()) {
        return FREE;
      }
      List<Read> since = List.copyOf(reads.values());
      return new Need(floor, open > 0 || unknown, unsettled, settleSince, last, since);
    } finally {
      lock.unlock();
    }
  }

  SessionToken token() {
    lock.lock();
    try {
      if (open > 0 || unknown || unsettled) {
        return SessionToken.OF_PRIMARY;
      }
      return floor == null ? SessionToken.OF_NOTHING : SessionToken.of(floor);
    } finally {
      lock.unlock();
    }
  }

  /** A connection may write from now on. */
  void writes() {
    lock.lock();
    try {
      open++;
    } finally {
      lock.unlock();
    }
  }

  /** All that a connection has written lies before a position. */
  void captured(Floor position) {
    lock.lock();
    try {
      open--;
      unknown = false;
      unsettled = false;
      raise(position);
      reads.values().removeIf(read -> read.endedNanos() - position.sinceNanos() <= 0);
      if (reads.isEmpty()) {
        last = null;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Nobody knows where, or whether, a connection's writes were committed. */
  void notCaptured() {
    lock.lock();
    try {
      open--;
      unknown = true;
    } finally {
      lock.unlock();
    }
  }

  /** Reads see up to this position from now on, and those before it are covered by it. */
  void moved(Floor position, List<Read> covered) {
    lock.lock();
    try {
      raise(position);
      covered.forEach(read -> reads.remove(read.node(), read));
    } finally {
      lock.unlock();
    }
  }

  /** A read on a node has ended. */
  void read(Read read) {
    lock.lock();
    try {
      reads.put(read.node(), read);
      last = read.node();
    } finally {
      lock.unlock();
    }
  }

  /** A replica cancelled a read that was in the way of replay, and may do so again. */
  void conflicted(PoolNode node) {
    lock.lock();
    try {
      conflicted = node;
    } finally {
      lock.unlock();
    }
  }

  /** Returns the node that the next read avoids, if any; said once. */
  @Nullable PoolNode takeConflicted() {
    lock.lock();
    try {
      PoolNode node = conflicted;
      conflicted = null;
      return node;
    } finally {
      lock.unlock();
    }
  }

  /** A position that means nothing here gives way to one that does. */
  void replace(@Nullable Floor wrong, Floor right) {
    lock.lock();
    try {
      if (Objects.equals(floor, wrong)) {
        floor = right;
        unsettled = false;
      }
    } finally {
      lock.unlock();
    }
  }

  /** A position that means nothing here, which the next one of the primary replaces. */
  void unsettle(Floor wrong, long nowNanos) {
    lock.lock();
    try {
      if (Objects.equals(floor, wrong)) {
        floor = null;
        unsettled = true;
        settleSince = nowNanos;
      }
    } finally {
      lock.unlock();
    }
  }

  private void raise(Floor position) {
    Floor before = floor;
    floor = before == null ? position : before.max(position);
  }

  void close() {
    closed = true;
  }

  boolean isClosed() {
    return closed;
  }
}

package dev.perfkit.pool;

import dev.perfkit.spi.Telemetry;
import dev.perfkit.spi.TimeSource;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Gets connections for logical ones: which node, how long to wait there, and where to go when it
 * fails.
 *
 * <p>A write waits, for the acquire timeout in all, until some node is the primary and gives a
 * connection; it looks up every {@link #PATIENCE_MILLIS} whether that node still is. A read has the
 * same time, but waits at one node for at most {@link #PATIENCE_MILLIS} while there is another one
 * to try, and leaves a node that cannot give a connection at once. A node whose connections are
 * merely all in use is not left for the primary: reads queue at the replicas. One that was merely
 * slow to open a connection is tried again before one that is known to be away.
 */
final class Router {

  /** The longest wait at one node while another one could be tried, in milliseconds. */
  static final long PATIENCE_MILLIS = 500;

  private final String group;
  private final Topology topology;
  private final TimeSource timeSource;
  private final boolean timed;
  private final Telemetry.Counter fallbacks;
  private final StatementKinds kinds;
  private final boolean selects;
  private volatile boolean closed;
  private volatile boolean draining;

  /**
   * @param timed whether anybody looks at the duration of borrows; two clock readings cost more
   *     than a fast borrow
   * @param selects whether statements in autocommit that only read go to replicas, although their
   *     session may write
   */
  Router(
      String group,
      Topology topology,
      TimeSource timeSource,
      boolean timed,
      Telemetry.Counter fallbacks,
      StatementKinds kinds,
      boolean selects) {
    this.group = group;
    this.topology = topology;
    this.timeSource = timeSource;
    this.timed = timed;
    this.fallbacks = fallbacks;
    this.kinds = kinds;
    this.selects = selects && topology.hasReplicas();
  }

  String group() {
    return group;
  }

  boolean readOnlyByDefault() {
    return topology.primary().readOnlyByDefault();
  }

  boolean autoCommitByDefault() {
    return topology.primary().autoCommitByDefault();
  }

  boolean hasReplicas() {
    return topology.hasReplicas();
  }

  StatementKinds kinds() {
    return kinds;
  }

  /** Returns whether statements are routed by their text, where their session does not tell. */
  boolean selects() {
    return selects;
  }

  void close() {
    closed = true;
  }

  /** Lends no more connections; what is lent goes on. */
  void drain() {
    draining = true;
  }

  void requireOpen() throws SQLException {
    if (closed) {
      throw Errors.groupClosed(group);
    }
  }

  private void requireLending() throws SQLException {
    requireOpen();
    if (draining) {
      throw Errors.draining(group);
    }
  }

  /** Borrows for a session that reads only, or for one that may write. */
  Lease borrow(boolean readOnly) throws SQLException {
    requireLending();
    return readOnly ? borrowReader(null) : borrowWriter();
  }

  /** Borrows for reading from another node than the one that just failed. */
  Lease borrowElsewhere(PoolNode failed) throws SQLException {
    requireLending();
    return borrowReader(failed);
  }

  /** Borrows from any node that answers, for questions that all nodes answer alike. */
  Lease borrowAnywhere() throws SQLException {
    requireLending();
    PoolNode node = topology.anyNode();
    return node.eligible() && (node.admits() || !topology.hasReplicas())
        ? borrowAt(node)
        : borrowReader(null);
  }

  void giveBack(Lease lease) throws SQLException {
    try {
      lease.node.giveBack(lease);
    } catch (SQLException failure) {
      throw observed(lease, failure);
    }
  }

  /** Gives back what failed a moment ago; that failure is the one to tell. */
  void giveBackQuietly(Lease lease) {
    try {
      giveBack(lease);
    } catch (SQLException gone) {
      // Noted; nothing is left to do.
    }
  }

  /** The longest wait of a read or a write for a connection. */
  long acquireTimeoutMillis() {
    return topology.primary().acquireTimeoutMillis();
  }

  /** Notes what a failure in use says about its node, and returns the failure. */
  SQLException observed(Lease lease, SQLException failure) {
    lease.failed |= Evidence.of(failure) != Evidence.NONE;
    return lease.aborted ? failure : observed(lease.node, failure);
  }

  SQLException observed(PoolNode node, SQLException failure) {
    node.observe(Evidence.of(failure), failure);
    return failure;
  }

  /** A write was refused as read-only although the session may write: the role may be another. */
  void wroteInVain(PoolNode node) {
    node.probeNow();
  }

  private Lease borrowWriter() throws SQLException {
    PoolNode writer = topology.writer();
    if (writer == null) {
      return new Writing(0).borrow();
    }
    // Nearly always this one, without the bookkeeping of the others.
    long patience = Math.min(writer.acquireTimeoutMillis(), PATIENCE_MILLIS);
    try {
      return take(writer, patience);
    } catch (SQLException failure) {
      Writing writing = new Writing(patience);
      writing.failed(writer, failure);
      return writing.borrow();
    }
  }

  private Lease borrowAt(PoolNode node) throws SQLException {
    long timeout = node.acquireTimeoutMillis();
    try {
      return take(node, timeout);
    } catch (SQLException failure) {
      throw notAcquired(timeout, observed(node, failure));
    }
  }

  private Lease borrowReader(@Nullable PoolNode excluded) throws SQLException {
    if (!topology.hasReplicas()) {
      PoolNode only = topology.primary();
      return only.condition().role() == NodeRole.REPLICA ? borrowAt(only) : borrowWriter();
    }
    PoolNode first = excluded == null ? topology.reader(Router::any) : null;
    if (first == null || !first.eligible()) {
      return new Reading(excluded, 0).borrow();
    }
    // Nearly always this one, without the bookkeeping of the others.
    long patience = patience(topology.primary().acquireTimeoutMillis());
    try {
      return read(first, patience);
    } catch (SQLException failure) {
      Reading reading = new Reading(null, patience);
      reading.failed(first, failure);
      return reading.borrow();
    }
  }

  private static boolean any(PoolNode node) {
    return true;
  }

  private Lease read(PoolNode node, long timeoutMillis) throws SQLException {
    Lease lease = take(node, timeoutMillis);
    if (!lease.replica) {
      fallbacks.increment();
    }
    return lease;
  }

  /** Half of a short time stays for another node. */
  private static long patience(long remainingMillis) {
    return Math.min((remainingMillis + 1) / 2, PATIENCE_MILLIS);
  }

  Lease take(PoolNode node, long timeoutMillis) throws SQLException {
    long start = timed ? timeSource.nanoTime() : 0;
    Lease lease = node.borrow(timeoutMillis, topology.roster().writer() != node);
    if (timed) {
      node.meters().borrows.record(timeSource.nanoTime() - start);
    }
    return lease;
  }

  private SQLException notAcquired(long millis, SQLException cause) {
    return Errors.notAcquired(group, describeNodes(), millis, cause);
  }

  private void requireNotInterrupted(@Nullable SQLException cause) throws SQLException {
    if (Thread.currentThread().isInterrupted()) {
      throw Errors.interrupted(group, cause);
    }
  }

  private String describeNodes() {
    StringBuilder text = new StringBuilder();
    for (PoolNode node : topology.all()) {
      NodeStatus status = node.status();
      text.append(text.length() == 0 ? "" : "; ")
          .append(status.name())
          .append(": ")
          .append(status.state())
          .append(", active=")
          .append(status.active())
          .append(", idle=")
          .append(status.idle())
          .append(", pending=")
          .append(status.pending())
          .append(", maximum=")
          .append(status.maximum())
          .append(status.problem().isEmpty() ? "" : ", " + status.problem());
    }
    return text.toString();
  }

  /** One write's wait for a node that takes it, after there was none or the first did not do. */
  private final class Writing {

    private final long start = timeSource.nanoTime();
    private final long spentMillis;
    private @Nullable SQLException lastFailure;

    /**
     * @param spentMillis what is gone of the time of the write
     */
    Writing(long spentMillis) {
      this.spentMillis = spentMillis;
    }

    Lease borrow() throws SQLException {
      long budgetMillis = topology.primary().acquireTimeoutMillis();
      while (elapsedMillis() < budgetMillis) {
        requireNotInterrupted(lastFailure);
        requireLending();
        long remaining = budgetMillis - elapsedMillis();
        long seen = topology.news();
        PoolNode writer = topology.writer();
        if (writer == null) {
          park(seen, remaining);
        } else {
          try {
            return take(writer, Math.min(remaining, PATIENCE_MILLIS));
          } catch (SQLException failure) {
            failed(writer, failure);
          }
        }
      }
      requireOpen();
      throw tooLate(budgetMillis);
    }

    private void park(long seen, long millis) throws SQLException {
      try {
        topology.awaitNews(seen, millis);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw Errors.interrupted(group, interrupted);
      }
    }

    void failed(PoolNode writer, SQLException failure) throws SQLException {
      requireNotInterrupted(failure);
      lastFailure = failure;
      if (writer.isSaturated()) {
        // All in use, or all stuck: only an answer tells.
        writer.probeUnlessHeld();
      } else {
        observed(writer, failure);
      }
    }

    private SQLException tooLate(long budgetMillis) {
      String vacancy = topology.roster().vacancy();
      if (!vacancy.isEmpty()) {
        return Errors.noPrimary(group, vacancy, budgetMillis, lastFailure);
      }
      SQLException cause = lastFailure;
      return notAcquired(
          budgetMillis, cause == null ? new SQLException("the primary did not answer") : cause);
    }

    private long elapsedMillis() {
      return spentMillis + TimeUnit.NANOSECONDS.toMillis(timeSource.nanoTime() - start);
    }
  }

  /** One read's way through the nodes, after the first did not do. */
  private final class Reading {

    private final @Nullable PoolNode excluded;
    private final long start = timeSource.nanoTime();
    private final long budgetMillis;
    private final Set<PoolNode> failed = new HashSet<>();
    private final Set<PoolNode> slow = new HashSet<>();
    private @Nullable SQLException firstFailure;

    /**
     * @param spentMillis what is gone of the time of the read
     */
    Reading(@Nullable PoolNode excluded, long spentMillis) {
      this.excluded = excluded;
      this.budgetMillis = topology.primary().acquireTimeoutMillis() - spentMillis;
    }

    Lease borrow() throws SQLException {
      PoolNode node = next();
      while (node != null) {
        try {
          return read(node, timeout(node));
        } catch (SQLException failure) {
          failed(node, failure);
        }
        requireOpen();
        node = elapsedMillis() < budgetMillis ? next() : null;
      }
      throw notAcquired(topology.primary().acquireTimeoutMillis(), failure());
    }

    private @Nullable PoolNode next() {
      PoolNode node = topology.reader(this::allows);
      if (slow.isEmpty() || (node != null && node.eligible())) {
        return node;
      }
      failed.removeAll(slow);
      slow.clear();
      return topology.reader(this::allows);
    }

    boolean allows(PoolNode node) {
      return node != excluded && !failed.contains(node);
    }

    private long timeout(PoolNode node) {
      long remaining = Math.max(1, budgetMillis - elapsedMillis());
      boolean alternative = topology.reader(other -> other != node && allows(other)) != null;
      return alternative ? patience(remaining) : remaining;
    }

    void failed(PoolNode node, SQLException failure) throws SQLException {
      requireNotInterrupted(failure);
      if (firstFailure == null) {
        firstFailure = failure;
      }
      if (node.isSaturated()) {
        // All in use, or all stuck: only an answer tells.
        node.probeUnlessHeld();
        return;
      }
      if (firstFailure != failure) {
        firstFailure.addSuppressed(failure);
      }
      observed(node, failure);
      failed.add(node);
      if (failure instanceof SQLTransientConnectionException
          && Evidence.of(failure) == Evidence.NONE) {
        slow.add(node);
      }
    }

    private long elapsedMillis() {
      return TimeUnit.NANOSECONDS.toMillis(timeSource.nanoTime() - start);
    }

    private SQLException failure() {
      return firstFailure == null ? new SQLException("there is no other node") : firstFailure;
    }
  }
}

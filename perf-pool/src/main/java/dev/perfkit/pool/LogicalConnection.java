package dev.perfkit.pool;

import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an application holds. Nothing is borrowed before the first statement; then a node is chosen
 * once, and the pooled connection stays until this one is closed.
 */
final class LogicalConnection extends LeasedConnection {

  private static final String READ_ONLY_TRANSACTION = "25006";
  private static final String CONFLICT = "40001";
  private static final String INVALID_TRANSACTION_STATE = "25000";

  /** A standby does not write, has no unlogged tables, and lacks what only a primary can tell. */
  private static final Set<String> REFUSED = Set.of(READ_ONLY_TRANSACTION, "0A000", "55000");

  /**
   * @param reader whether it reads only, for good
   */
  LogicalConnection(Router router, boolean reader, @Nullable Session session) {
    super(router, reader, session);
  }

  @Override
  LogicalConnection self() {
    return this;
  }

  @Override
  <R> R ask(Question<R> question) throws SQLException {
    Lease lease = pinned();
    if (lease != null) {
      requireNotLost();
      try {
        return question.of(lease.connection);
      } catch (SQLException failure) {
        throw failed(failure);
      }
    }
    requireOpen();
    Lease any = router.borrowAnywhere();
    try {
      return question.of(any.connection);
    } catch (SQLException failure) {
      throw router.observed(any, failure);
    } finally {
      router.giveBackQuietly(any);
    }
  }

  /** Notes a failure of something that commits nothing, and returns what the caller is told. */
  @Override
  SQLException failed(SQLException failure) {
    return failed(failure, false);
  }

  /** The same of a statement. */
  SQLException failed(SQLException failure, String sql) {
    return failed(failure, Outcome.mayCommit(failure, autoCommits(), sql));
  }

  @Override
  SQLException commitFailed(SQLException failure) {
    return failed(failure, true);
  }

  /**
   * @param mayCommit whether it may have committed something, if the session may write
   */
  private SQLException failed(SQLException failure, boolean mayCommit) {
    Lease lease = pinned();
    if (lease == null) {
      return failure;
    }
    router.observed(lease, failure);
    if (link != null && lease.replica && isConflict(failure)) {
      link.conflicted(lease);
    }
    if (READ_ONLY_TRANSACTION.equals(failure.getSQLState()) && !readsOnly()) {
      if (lease.stateful) {
        return Errors.keptByState(group(), lease.node.name(), failure);
      }
      router.wroteInVain(lease.node);
    }
    if (lease.isGone()) {
      lost(failure);
    }
    return Outcome.of(group(), lease, failure, mayCommit && !onlyReads(lease));
  }

  /** A statement ended well. */
  void ran(String sql, Statement statement) throws SQLException {
    Lease lease = pinned();
    if (lease != null && !lease.replica && !readsOnly()) {
      Outcome.requireConfirmed(group(), lease, statement, autoCommits(), sql);
    }
  }

  @Override
  void requireConfirmed(Lease lease) throws SQLException {
    if (!lease.replica && !readsOnly()) {
      Outcome.requireConfirmed(group(), lease, lease.connection.getWarnings());
    }
  }

  /** Makes a statement on a pooled connection. */
  <S extends Statement> S make(Lease lease, StatementSource<S> source) throws SQLException {
    try {
      S statement = source.on(lease.connection);
      lease.statements++;
      return statement;
    } catch (SQLException failure) {
      throw failed(failure);
    }
  }

  /** A statement is about to run; what it may leave at a replica keeps the session there. */
  void beginExecution(String sql) {
    Lease lease = pinned();
    if (lease != null && lease.replica && !lease.select && !lease.stateful) {
      lease.stateful = router.kinds().of(sql) == StatementKind.STATEFUL;
    }
    beginExecution();
  }

  @Override
  void beginExecution() {
    Lease lease = pinned();
    if (lease != null) {
      lease.uses++;
      if (link != null) {
        link.begins(lease, onlyReads(lease));
      }
    }
    transactionBegins();
  }

  /** What was run has an outcome; what it showed must not be unseen later. */
  void endExecution() {
    Lease lease = pinned();
    if (link != null && lease != null) {
      link.ran(lease);
    }
  }

  /** Returns whether the next execution would be the first thing that happens on a replica. */
  boolean mayRepeat() {
    Lease lease = pinned();
    return lease != null && isUntouched(lease, 0);
  }

  /**
   * Returns whether what failed may run once on another node: an autocommit read of a replica, the
   * only statement and the first use of its pooled connection, which was lost or in conflict with
   * replay. It has left nothing behind and returned nothing, so nobody can tell that it began
   * twice.
   */
  boolean mayRunElsewhere(SQLException failure) {
    Lease lease = pinned();
    return lease != null
        && isUntouched(lease, 1)
        && (Evidence.of(failure) == Evidence.CONNECTION || lease.aborted || isConflict(failure));
  }

  /** Returns whether a standby cancelled a read because it was in the way of replay. */
  private static boolean isConflict(SQLException failure) {
    return CONFLICT.equals(failure.getSQLState());
  }

  private boolean isUntouched(Lease lease, int uses) {
    return onlyReads(lease) && autoCommits() && lease.isUntouched(uses);
  }

  /**
   * Returns whether a statement that seemed to only read was refused by its replica; nothing of it
   * was run, and its text goes to the primary from now on.
   */
  boolean mayRunOnPrimary(SQLException failure, String sql) {
    Lease lease = pinned();
    String sqlState = failure.getSQLState();
    if (lease == null || !lease.select || sqlState == null || !REFUSED.contains(sqlState)) {
      return false;
    }
    router.kinds().refused(sql);
    leaveSelects();
    return true;
  }

  /** Leaves a replica that was lost for another node, or throws the failure. */
  void moveElsewhere(SQLException failure) throws SQLException {
    Lease dead = pinned();
    if (dead == null) {
      throw failure;
    }
    SQLException told = failed(failure);
    try {
      unpin();
    } catch (SQLException gone) {
      failure.addSuppressed(gone);
    }
    try {
      attach(borrow(dead.select, dead.node));
    } catch (SQLException none) {
      told.addSuppressed(none);
      throw told;
    }
    dead.node.meters().reruns.increment();
  }

  @Override
  <T> T create(Question<T> maker) throws SQLException {
    Lease lease = pin();
    lease.uses++;
    return ask(maker);
  }

  @Override
  public void commit() throws SQLException {
    Lease lease = transactional("commit");
    if (lease != null) {
      lease.uses++;
      try {
        lease.connection.commit();
        if (link != null) {
          link.committed(lease, readsOnly());
        }
      } catch (SQLException failure) {
        throw commitFailed(failure);
      }
      transactionEnds();
      requireConfirmed(lease);
    }
    transactionEnds();
  }

  @Override
  public void rollback() throws SQLException {
    Lease lease = transactional("roll back");
    if (lease != null) {
      try {
        lease.connection.rollback();
      } catch (SQLException failure) {
        throw failed(failure);
      }
    }
    transactionEnds();
  }

  /** Returns the pooled connection, or null if nothing was run, and so nothing is to be done. */
  private @Nullable Lease transactional(String what) throws SQLException {
    requireOpen();
    requireNotLost();
    Lease lease = pinned();
    if (lease == null && autoCommits()) {
      throw new SQLException(
          "pool group '" + group() + "': cannot " + what + " while autocommit is on",
          INVALID_TRANSACTION_STATE);
    }
    return lease;
  }

  /** Asks the node where a statement would run now; borrows for the time of the question only. */
  @Override
  public boolean isValid(int timeout) throws SQLException {
    if (timeout < 0) {
      throw new SQLException("timeout must be at least 0 s but was " + timeout);
    }
    if (isClosed()) {
      return false;
    }
    Lease lease = pinned();
    if (lease != null) {
      return lease.connection.isValid(timeout);
    }
    Lease borrowed = null;
    try {
      borrowed = router.borrow(readsOnly());
      return borrowed.connection.isValid(timeout);
    } catch (SQLException notReachable) {
      return false;
    } finally {
      if (borrowed != null) {
        router.giveBackQuietly(borrowed);
      }
    }
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    requireOpen();
    if (type.isInstance(this)) {
      return type.cast(this);
    }
    Lease lease = pin();
    lease.stateful = lease.replica;
    if (link != null) {
      link.unwrapped(lease, readsOnly());
    }
    return create(c -> c.unwrap(type));
  }

  @Override
  public boolean isWrapperFor(Class<?> type) throws SQLException {
    requireOpen();
    return type.isInstance(this) || ask(c -> c.isWrapperFor(type));
  }
}

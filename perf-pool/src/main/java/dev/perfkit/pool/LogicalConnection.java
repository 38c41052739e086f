package dev.perfkit.pool;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What an application holds. Nothing is borrowed before the first statement; then a node is chosen
 * once, and the pooled connection stays until this one is closed.
 *
 * <p>The state is one field: nothing borrowed yet (null), a lease, or closed. It changes by atomic
 * steps only, so that {@link #abort}, which comes from another thread, and {@link #close} free a
 * lease exactly once between them. Everything else belongs to one thread, as JDBC has it.
 */
final class LogicalConnection extends StatementConnection {

  private static final VarHandle STATE;
  private static final Object CLOSED = new Object();
  private static final String READ_ONLY_TRANSACTION = "25006";
  private static final String INVALID_TRANSACTION_STATE = "25000";

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(LogicalConnection.class, "state", Object.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  private final Router router;
  private final @Nullable SessionLink link;
  private volatile @Nullable Object state;
  private @Nullable String lost;
  private @Nullable List<MetaDataRows> metaDataRows;

  /**
   * @param reader whether it reads only, for good
   */
  LogicalConnection(Router router, boolean reader, @Nullable Session session) {
    super(reader, router.readOnlyByDefault(), router.autoCommitByDefault());
    this.router = router;
    this.link = session == null ? null : session.link();
  }

  private Lease borrow(@Nullable PoolNode failed) throws SQLException {
    if (link != null) {
      return link.borrow(readsOnly(), failed);
    }
    return failed == null ? router.borrow(readsOnly()) : router.borrowElsewhere(failed);
  }

  @Override
  LogicalConnection self() {
    return this;
  }

  @Override
  String group() {
    return router.group();
  }

  @Override
  void requireOpen() throws SQLException {
    if (state == CLOSED) {
      throw Errors.connectionClosed(group());
    }
    router.requireOpen();
  }

  @Override
  @Nullable Lease pinned() {
    return state instanceof Lease lease ? lease : null;
  }

  @Override
  Lease pin() throws SQLException {
    Object now = state;
    if (now instanceof Lease lease) {
      requireNotLost();
      return lease;
    }
    requireOpen();
    Lease lease = borrow(null);
    try {
      return attach(lease);
    } catch (SQLException failure) {
      if (Evidence.of(failure) != Evidence.CONNECTION || pinned() != null || isClosed()) {
        throw failure;
      }
      // The settings met a dead connection, and nothing was run. A read does not try its node
      // again, which a probe may have called well in the meantime.
      return attach(borrow(lease.replica ? lease.node : null));
    }
  }

  private Lease attach(Lease lease) throws SQLException {
    try {
      applyTo(lease);
    } catch (SQLException failure) {
      router.observed(lease, failure);
      giveBackQuietly(lease);
      throw failure;
    }
    if (!STATE.compareAndSet(this, null, lease)) {
      giveBackQuietly(lease);
      throw Errors.connectionClosed(group());
    }
    return lease;
  }

  private void requireNotLost() throws SQLException {
    if (lost != null) {
      throw Errors.connectionLost(group(), lost);
    }
  }

  @Override
  void unpin() throws SQLException {
    Object now = state;
    if (now instanceof Lease lease && STATE.compareAndSet(this, now, null)) {
      lost = null;
      giveBack(lease);
    }
  }

  private void giveBack(Lease lease) throws SQLException {
    try {
      if (link != null) {
        link.ends(lease, autoCommits());
      }
      restore(lease);
    } catch (SQLException failure) {
      failed(failure);
    } finally {
      router.giveBack(lease);
    }
  }

  private void giveBackQuietly(Lease lease) {
    try {
      router.giveBack(lease);
    } catch (SQLException gone) {
      // It failed a moment ago; that failure is the one to tell.
    }
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
      giveBackQuietly(any);
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
    if (READ_ONLY_TRANSACTION.equals(failure.getSQLState()) && !readsOnly()) {
      router.wroteInVain(lease.node);
    }
    if (lost == null && lease.isGone()) {
      lost = Errors.brief(failure);
    }
    return Outcome.of(group(), lease, failure, mayCommit && !readsOnly());
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

  /** Makes a statement on the pooled connection, which is borrowed now if there is none. */
  <S extends Statement> S make(StatementSource<S> source) throws SQLException {
    Lease lease = pin();
    try {
      S statement = source.on(lease.connection);
      lease.statements++;
      return statement;
    } catch (SQLException failure) {
      throw failed(failure);
    }
  }

  /** A statement made on the pooled connection was closed. */
  void closed() {
    Lease lease = pinned();
    if (lease != null) {
      lease.statements--;
    }
  }

  @Override
  void beginExecution() {
    Lease lease = pinned();
    if (lease != null) {
      lease.uses++;
      if (link != null) {
        link.begins(lease, readsOnly());
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
   * only statement and the first use of its pooled connection, which was lost. It has left nothing
   * behind and returned nothing, so nobody can tell that it began twice.
   */
  boolean mayRunElsewhere(SQLException failure) {
    Lease lease = pinned();
    return lease != null
        && isUntouched(lease, 1)
        && (Evidence.of(failure) == Evidence.CONNECTION || lease.aborted);
  }

  private boolean isUntouched(Lease lease, int uses) {
    return readsOnly() && autoCommits() && lease.isUntouched(uses);
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
      attach(borrow(dead.node));
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

  @Override
  public DatabaseMetaData getMetaData() throws SQLException {
    requireOpen();
    if (!router.hasReplicas()) {
      pin();
    }
    return LogicalMetaData.of(this);
  }

  /** Borrows a connection of any node for rows of metadata; it is held until they are closed. */
  Lease borrowForMetaData() throws SQLException {
    requireOpen();
    return router.borrowAnywhere();
  }

  void holding(MetaDataRows rows) {
    List<MetaDataRows> held = metaDataRows == null ? new ArrayList<>(1) : metaDataRows;
    held.add(rows);
    metaDataRows = held;
  }

  void release(@Nullable MetaDataRows rows, Lease lease) {
    if (rows != null && metaDataRows != null) {
      metaDataRows.remove(rows);
    }
    giveBackQuietly(lease);
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
        giveBackQuietly(borrowed);
      }
    }
  }

  @Override
  public boolean isClosed() throws SQLException {
    return state == CLOSED || lost != null;
  }

  @Override
  public void close() throws SQLException {
    Object before = STATE.getAndSet(this, CLOSED);
    if (before == CLOSED) {
      return;
    }
    if (metaDataRows != null) {
      for (MetaDataRows rows : List.copyOf(metaDataRows)) {
        rows.close();
      }
    }
    if (before instanceof Lease lease) {
      giveBack(lease);
    }
  }

  @Override
  public void abort(Executor executor) throws SQLException {
    Object before = STATE.getAndSet(this, CLOSED);
    if (before instanceof Lease lease) {
      try {
        if (link != null) {
          link.aborted(lease);
        }
        lease.connection.abort(executor);
      } finally {
        lease.node.discard(lease);
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

  @Override
  public String toString() {
    Object now = state;
    String where =
        now instanceof Lease lease
            ? "on " + lease.node.name()
            : now == CLOSED ? "closed" : "nothing borrowed";
    return "connection of pool group '" + group() + "' (" + where + ")";
  }
}

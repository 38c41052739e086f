package dev.perfkit.pool;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.sql.SQLException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Where a logical connection is: which pooled connection it holds.
 *
 * <p>The state is one field: nothing borrowed yet (null), a lease, or closed. It changes by atomic
 * steps only, so that {@link #abort}, which comes from another thread, and {@link #close} free a
 * lease exactly once between them. A second lease, of a replica that was left while rows were read
 * from it, is freed the same way. Everything else belongs to one thread, as JDBC has it.
 */
abstract class LeasedConnection extends MetaDataConnection {

  private static final VarHandle STATE;
  private static final VarHandle ASIDE;
  private static final Object CLOSED = new Object();

  static {
    try {
      MethodHandles.Lookup own = MethodHandles.lookup();
      STATE = own.findVarHandle(LeasedConnection.class, "state", Object.class);
      ASIDE = own.findVarHandle(LeasedConnection.class, "aside", Lease.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  final @Nullable SessionLink link;
  private volatile @Nullable Object state;

  /** A replica's lease that was left while rows were read from it. */
  private volatile @Nullable Lease aside;

  private @Nullable String lost;

  LeasedConnection(Router router, boolean reader, @Nullable Session session) {
    super(router, reader);
    this.link = session == null ? null : session.link();
  }

  /**
   * @param select whether it is for statements that only read, of a session that may write
   */
  final Lease borrow(boolean select, @Nullable PoolNode failed) throws SQLException {
    boolean reads = select || readsOnly();
    Lease lease;
    if (link != null) {
      lease = link.borrow(reads, failed);
    } else {
      lease = failed == null ? router.borrow(reads) : router.borrowElsewhere(failed);
    }
    lease.select = select && lease.replica;
    return lease;
  }

  /** Returns whether nothing can be written through a lease. */
  final boolean onlyReads(Lease lease) {
    return readsOnly() || lease.select || lease.stateful;
  }

  @Override
  final void requireOpen() throws SQLException {
    if (state == CLOSED) {
      throw Errors.connectionClosed(group());
    }
    router.requireOpen();
  }

  @Override
  final @Nullable Lease pinned() {
    return state instanceof Lease lease ? lease : null;
  }

  @Override
  final Lease pin() throws SQLException {
    leaveSelects();
    return place();
  }

  /** Returns where statements run now; borrows if that is nowhere yet. */
  final Lease place() throws SQLException {
    Lease lease = pinned();
    if (lease == null) {
      requireOpen();
      return bind(false);
    }
    requireNotLost();
    return lease;
  }

  /**
   * Chooses by its text where a statement runs, if the session does not tell: one that only reads,
   * on a replica, for as long as nothing else was run; anything else, on the primary from then on.
   *
   * @param query whether it is run for rows that cannot be changed
   */
  final void route(String sql, boolean query) throws SQLException {
    Lease lease = pinned();
    if (lease == null ? !router.selects() : !lease.select) {
      return;
    }
    boolean reads = query && router.kinds().of(sql) == StatementKind.READ;
    if (lease != null) {
      if (!reads) {
        leaveSelects();
      }
    } else if (reads && mayRouteByText()) {
      requireOpen();
      bind(true);
    }
  }

  /** Returns whether nothing but the text of a statement is missing to send it to a replica. */
  private boolean mayRouteByText() {
    return autoCommits() && !readsOnly() && keepsToDefaults() && aside == null;
  }

  @Override
  final void leaveSelects() {
    Lease lease = pinned();
    if (lease == null || !lease.select) {
      return;
    }
    lease.left = lease.statements > 0;
    if (STATE.compareAndSet(this, lease, null)) {
      lost = null;
      setAside(lease);
    }
  }

  /** Keeps a replica's lease for as long as its statements are open; their rows may be in use. */
  private void setAside(Lease lease) {
    if (!lease.left) {
      router.giveBackQuietly(lease);
      return;
    }
    aside = lease;
    if (state == CLOSED) {
      giveBackAside();
    }
  }

  private void giveBackAside() {
    Lease lease = (Lease) ASIDE.getAndSet(this, null);
    if (lease != null) {
      router.giveBackQuietly(lease);
    }
  }

  private Lease bind(boolean select) throws SQLException {
    Lease lease = borrow(select, null);
    try {
      return attach(lease);
    } catch (SQLException failure) {
      if (Evidence.of(failure) != Evidence.CONNECTION || pinned() != null || isClosed()) {
        throw failure;
      }
      // The settings met a dead connection, and nothing was run. A read does not try its node
      // again, which a probe may have called well in the meantime.
      return attach(borrow(select, lease.replica ? lease.node : null));
    }
  }

  final Lease attach(Lease lease) throws SQLException {
    try {
      applyTo(lease);
    } catch (SQLException failure) {
      router.observed(lease, failure);
      router.giveBackQuietly(lease);
      throw failure;
    }
    if (!STATE.compareAndSet(this, null, lease)) {
      router.giveBackQuietly(lease);
      throw Errors.connectionClosed(group());
    }
    return lease;
  }

  /** The pooled connection is gone; said once. */
  final void lost(SQLException failure) {
    if (lost == null) {
      lost = Errors.brief(failure);
    }
  }

  final void requireNotLost() throws SQLException {
    if (lost != null) {
      throw Errors.connectionLost(group(), lost);
    }
  }

  @Override
  final void unpin() throws SQLException {
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

  /** A statement made on a pooled connection was closed. */
  final void closed(Lease lease) {
    lease.statements--;
    if (lease.left && lease.statements == 0) {
      giveBackAside();
    }
  }

  /** The same of a statement that was left at a replica. */
  final void closedAside() {
    Lease lease = aside;
    if (lease != null) {
      closed(lease);
    }
  }

  @Override
  public final boolean isClosed() throws SQLException {
    return state == CLOSED || lost != null;
  }

  @Override
  public final void close() throws SQLException {
    Object before = STATE.getAndSet(this, CLOSED);
    if (before == CLOSED) {
      return;
    }
    closeMetaDataRows();
    giveBackAside();
    if (before instanceof Lease lease) {
      giveBack(lease);
    }
  }

  @Override
  public final void abort(Executor executor) throws SQLException {
    Object before = STATE.getAndSet(this, CLOSED);
    Lease left = (Lease) ASIDE.getAndSet(this, null);
    if (left != null) {
      left.node.discard(left);
    }
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
  public final String toString() {
    Object now = state;
    String where =
        now instanceof Lease lease
            ? "on " + lease.node.name()
            : now == CLOSED ? "closed" : "nothing borrowed";
    return "connection of pool group '" + group() + "' (" + where + ")";
  }
}

package dev.perfkit.pool;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * What a connection tells its session. For the connection's thread, but for {@link #aborted}.
 *
 * <p>Everything that runs on a primary by a connection that may write counts as written:
 * autocommit, {@code COMMIT} as text, calls and functions alike. The position is captured after
 * {@code commit()}, and otherwise when the pooled connection is given back; until then the session
 * reads from the primary.
 */
final class SessionLink {

  private final SessionRouting routing;
  private final SessionState session;

  SessionLink(SessionRouting routing, SessionState session) {
    this.routing = routing;
    this.session = session;
  }

  Lease borrow(boolean readOnly, @Nullable PoolNode failed) throws SQLException {
    return routing.borrow(session, readOnly, failed);
  }

  /** Something is about to run. */
  void begins(Lease lease, boolean readOnly) {
    lease.usedNanos = routing.timeSource.nanoTime();
    if (!lease.unposed && !lease.replica && !readOnly) {
      lease.unposed = true;
      session.writes();
    }
  }

  /** Something has run. */
  void ran(Lease lease) {
    routing.read(session, lease);
  }

  /** A replica cancelled a read; the next one goes elsewhere. */
  void conflicted(Lease lease) {
    session.conflicted(lease.node);
  }

  /** The driver's connection is handed out and may write at any time. */
  void unwrapped(Lease lease, boolean readOnly) {
    lease.unwrapped = true;
    begins(lease, readOnly);
  }

  /**
   * A transaction was committed and nothing runs. Without autocommit a question would begin a
   * transaction; both changes of autocommit are the driver's own and cost no round trip.
   */
  void committed(Lease lease, boolean readOnly) {
    begins(lease, readOnly);
    if (!lease.unposed || lease.unwrapped) {
      return;
    }
    lease.unposed = false;
    try {
      lease.connection.setAutoCommit(true);
    } catch (SQLException failure) {
      routing.notCaptured(session, lease, failure);
      return;
    }
    routing.capture(session, lease);
    try {
      lease.connection.setAutoCommit(false);
    } catch (SQLException failure) {
      routing.router.observed(lease, failure);
    }
  }

  /** The pooled connection is about to be given back; what is not committed never will be. */
  void ends(Lease lease, boolean autoCommit) {
    if (!lease.unposed) {
      return;
    }
    lease.unposed = false;
    Connection connection = lease.connection;
    try {
      if (!autoCommit) {
        connection.rollback();
        connection.setAutoCommit(true);
      }
    } catch (SQLException failure) {
      routing.notCaptured(session, lease, failure);
      return;
    }
    routing.capture(session, lease);
  }

  /** The connection was ended by another thread, perhaps while something ran. */
  void aborted(Lease lease) {
    if (lease.unposed) {
      lease.unposed = false;
      session.notCaptured();
    }
  }
}

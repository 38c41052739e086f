package dev.perfkit.pool;

import java.sql.Connection;
import java.sql.SQLException;

/** A pooled connection while a logical one holds it. For the thread of the logical connection. */
final class Lease {

  final PoolNode node;
  final NodePool pool;

  /** Borrowed from a node that does not take writes, for reading. */
  final boolean replica;

  /** Set once, when it was borrowed; until then the borrow is under way. */
  @SuppressWarnings("NullAway.Init")
  Connection connection;

  /** Statements made on it. */
  int statements;

  /** Executions on it, and other uses that may leave something behind. */
  int uses;

  /** Ended by us: what it says of its node is known already. Written by other threads. */
  volatile boolean aborted;

  /** Where it is noted; for {@link InFlight}. */
  int slot;

  /** When it was asked for, if anybody looks at response times. */
  long begun;

  /** Its node failed it, which counts as slow. */
  boolean failed;

  /** When its last use began, in a session: its node has not started again before. */
  long usedNanos;

  /** May have written what the session has no position of. */
  boolean unposed;

  /** Was handed out, so that writes may go unseen. */
  boolean unwrapped;

  /** A replica's, borrowed for the statements that only read of a session that may write. */
  boolean select;

  /** Was left for the primary; it is held for as long as statements made on it are open. */
  boolean left;

  /** A replica's, on which something was run that may have left something behind. */
  boolean stateful;

  Lease(PoolNode node, NodePool pool, boolean replica) {
    this.node = node;
    this.pool = pool;
    this.replica = replica;
  }

  /** Returns whether nothing happened on it but so many uses, with one statement, for reading. */
  boolean isUntouched(int uses) {
    return replica && this.uses == uses && statements == 1;
  }

  /** Hikari closes its side of a connection when it sees that the connection is broken. */
  boolean isGone() {
    try {
      return connection.isClosed();
    } catch (SQLException unknown) {
      return true;
    }
  }
}

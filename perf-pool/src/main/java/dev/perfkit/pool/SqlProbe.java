package dev.perfkit.pool;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Asks over a connection of its own, which stays open: a pool whose connections are all in use
 * cannot starve it, and a server that accepts connections without answering does not pass.
 */
final class SqlProbe implements RoleProbe {

  private final WalQuery query;
  private final ConnectionSource source;
  private final NodeRole label;
  private final int timeoutMillis;
  private volatile @Nullable Connection connection;
  private volatile boolean outdated;

  /**
   * @param query how servers are asked
   * @param label the answer for databases that cannot tell
   * @param timeoutMillis the longest wait for one answer of the network
   */
  SqlProbe(WalQuery query, ConnectionSource source, NodeRole label, int timeoutMillis) {
    this.query = query;
    this.source = source;
    this.label = label;
    this.timeoutMillis = timeoutMillis;
  }

  @Override
  public Answer ask() throws SQLException {
    Connection open = connection;
    if (open != null && outdated) {
      discard(open);
      open = null;
    }
    outdated = false;
    if (open == null) {
      return askNew();
    }
    try {
      return ask(open);
    } catch (SQLException failure) {
      discard(open);
      if (Evidence.of(failure) != Evidence.CONNECTION) {
        throw failure;
      }
      // One connection may have been closed for itself; the node is asked over a new one.
      return askNew();
    }
  }

  @Override
  public void abort() {
    Connection open = connection;
    if (open != null) {
      discard(open);
    }
  }

  @Override
  public void renew() {
    outdated = true;
  }

  @Override
  public void close() {
    abort();
  }

  private Answer askNew() throws SQLException {
    Connection open = source.open();
    connection = open;
    try {
      open.setNetworkTimeout(Runnable::run, timeoutMillis);
      return ask(open);
    } catch (SQLException | RuntimeException failure) {
      discard(open);
      throw failure;
    }
  }

  private Answer ask(Connection open) throws SQLException {
    if (query.isSupported(open)) {
      return query.role(open);
    }
    if (!open.isValid(Math.max(1, timeoutMillis / 1000))) {
      throw new SQLException("the connection of the probe is no longer valid", "08006");
    }
    return Answer.of(label);
  }

  /** Some drivers do nothing on abort; after an abort that worked, close has nothing left to do. */
  private void discard(Connection open) {
    connection = null;
    try {
      open.abort(Runnable::run);
    } catch (SQLException | RuntimeException alreadyGone) {
      // Closed below.
    }
    try {
      open.close();
    } catch (SQLException | RuntimeException alreadyGone) {
      // Nothing is left to free.
    }
  }
}

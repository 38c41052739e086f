package dev.perfkit.pool;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * Asks over a connection of its own, which stays open: a pool whose connections are all in use
 * cannot starve it, and a server that accepts connections without answering does not pass.
 */
final class SqlProbe implements RoleProbe {

  /**
   * All in one round trip. The timeline of a primary is in the name of the log file it writes next
   * (the control file has an older one for a while after a promotion); that of a standby is known
   * while it streams, to a user with the rights of {@code pg_monitor}.
   */
  private static final String POSTGRES =
      """
      SELECT r.recovering, s.system_identifier, pg_postmaster_start_time(),
             CASE WHEN r.recovering THEN (SELECT received_tli FROM pg_stat_wal_receiver)
                  ELSE ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))
                       ::bit(32)::bigint
             END
        FROM (SELECT pg_is_in_recovery() AS recovering) AS r, pg_control_system() AS s
      """;

  /** A standby became a primary while it was asked. */
  private static final String NOT_IN_PREREQUISITE_STATE = "55000";

  private final ConnectionSource source;
  private final NodeRole label;
  private final int timeoutMillis;
  private volatile @Nullable Connection connection;
  private volatile boolean outdated;

  /**
   * @param label the answer for databases that cannot tell
   * @param timeoutMillis the longest wait for one answer of the network
   */
  SqlProbe(ConnectionSource source, NodeRole label, int timeoutMillis) {
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
    if (isPostgres(open)) {
      return askPostgres(open);
    }
    if (!open.isValid(Math.max(1, timeoutMillis / 1000))) {
      throw new SQLException("the connection of the probe is no longer valid", "08006");
    }
    return Answer.of(label);
  }

  private static Answer askPostgres(Connection open) throws SQLException {
    try {
      return askPostgresOnce(open);
    } catch (SQLException failure) {
      if (NOT_IN_PREREQUISITE_STATE.equals(failure.getSQLState())) {
        return askPostgresOnce(open);
      }
      throw failure;
    }
  }

  private static Answer askPostgresOnce(Connection open) throws SQLException {
    try (Statement statement = open.createStatement();
        ResultSet answer = statement.executeQuery(POSTGRES)) {
      answer.next();
      return new Answer(
          answer.getBoolean(1) ? NodeRole.REPLICA : NodeRole.PRIMARY,
          orEmpty(answer.getString(2)),
          answer.getLong(4),
          orEmpty(answer.getString(3)));
    }
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  private static boolean isPostgres(Connection open) throws SQLException {
    return "PostgreSQL".equals(open.getMetaData().getDatabaseProductName());
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

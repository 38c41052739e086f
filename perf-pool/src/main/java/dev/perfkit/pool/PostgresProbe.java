package dev.perfkit.pool;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * Asks PostgreSQL, in one round trip for each question.
 *
 * <p>The timeline of a primary is in the name of the log file it writes next; the control file has
 * an older one for a while after a promotion. That of a standby is known while it streams, to a
 * user with the rights of {@code pg_monitor}.
 */
final class PostgresProbe implements ServerProbe {

  static final PostgresProbe INSTANCE = new PostgresProbe();

  private static final String ROLE =
      """
      SELECT r.recovering, s.system_identifier, pg_postmaster_start_time(),
             CASE WHEN r.recovering THEN (SELECT received_tli FROM pg_stat_wal_receiver)
                  ELSE ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))
                       ::bit(32)::bigint
             END
        FROM (SELECT pg_is_in_recovery() AS recovering) AS r, pg_control_system() AS s
      """;

  /** A standby that does not tell its timeline has that of its last restart point, never newer. */
  private static final String POSITION =
      """
      SELECT r.recovering, s.system_identifier,
             CASE WHEN r.recovering
                  THEN coalesce((SELECT received_tli FROM pg_stat_wal_receiver),
                                (SELECT timeline_id FROM pg_control_checkpoint()))::bigint
                  ELSE ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))
                       ::bit(32)::bigint
             END,
             (CASE WHEN r.recovering THEN pg_last_wal_replay_lsn()
                   ELSE pg_current_wal_insert_lsn()
              END - '0/0'::pg_lsn)::bigint,
             pg_size_bytes(current_setting('wal_segment_size'))
        FROM (SELECT pg_is_in_recovery() AS recovering) AS r, pg_control_system() AS s
      """;

  private static final String INSERTED =
      """
      SELECT ('x' || substr(pg_walfile_name(lsn), 1, 8))::bit(32)::bigint,
             (lsn - '0/0'::pg_lsn)::bigint,
             pg_size_bytes(current_setting('wal_segment_size'))
        FROM pg_current_wal_insert_lsn() AS lsn
      """;

  /** A standby became a primary while it was asked. */
  private static final String NOT_IN_PREREQUISITE_STATE = "55000";

  private PostgresProbe() {}

  @Override
  public boolean supports(DatabaseMetaData server) throws SQLException {
    return "PostgreSQL".equals(server.getDatabaseProductName());
  }

  @Override
  public ServerRole role(Connection connection) throws SQLException {
    try {
      return roleOnce(connection);
    } catch (SQLException failure) {
      if (NOT_IN_PREREQUISITE_STATE.equals(failure.getSQLState())) {
        return roleOnce(connection);
      }
      throw failure;
    }
  }

  private static ServerRole roleOnce(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet answer = statement.executeQuery(ROLE)) {
      answer.next();
      return new ServerRole(
          !answer.getBoolean(1),
          orEmpty(answer.getString(2)),
          answer.getLong(4),
          orEmpty(answer.getString(3)));
    }
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  @Override
  public @Nullable LogPosition position(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet answer = statement.executeQuery(POSITION)) {
      if (!answer.next() || answer.getString(4) == null) {
        return null;
      }
      return new LogPosition(
          !answer.getBoolean(1),
          answer.getLong(2),
          answer.getLong(3),
          WalPosition.withoutEmptyPage(answer.getLong(4), answer.getLong(5)));
    }
  }

  @Override
  public @Nullable LogPosition committed(Connection connection, LogPosition known)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(INSERTED);
        ResultSet answer = statement.executeQuery()) {
      if (!answer.next()) {
        return null;
      }
      return new LogPosition(
          true,
          known.cluster(),
          answer.getLong(1),
          WalPosition.withoutEmptyPage(answer.getLong(2), answer.getLong(3)));
    }
  }
}

package dev.perfkit.pool;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/** Asks a PostgreSQL server how far it has come, in one round trip. */
final class WalQuery {

  /**
   * The timeline of a primary is in the name of the log file that it writes; the control file has
   * an older one for a while after a promotion. A standby tells the one it receives while it
   * streams, to a user with the rights of {@code pg_monitor}; else the one of its last restart
   * point counts, which is never newer.
   */
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

  private WalQuery() {}

  static boolean isSupported(Connection connection) throws SQLException {
    return "PostgreSQL".equals(connection.getMetaData().getDatabaseProductName());
  }

  /**
   * Returns the position, or null if the server does not tell one.
   *
   * @param openNanos since when the connection is open, or longer
   */
  static @Nullable WalPosition position(Connection connection, long openNanos, long nowNanos)
      throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet answer = statement.executeQuery(POSITION)) {
      if (!answer.next() || answer.getString(4) == null) {
        return null;
      }
      return new WalPosition(
          !answer.getBoolean(1),
          answer.getLong(2),
          answer.getLong(3),
          WalPosition.withoutEmptyPage(answer.getLong(4), answer.getLong(5)),
          openNanos,
          nowNanos);
    }
  }

  /** Returns what a primary has inserted by now. */
  static Floor inserted(Connection connection, long system, long nowNanos) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(INSERTED);
        ResultSet answer = statement.executeQuery()) {
      if (!answer.next()) {
        throw new SQLException("the server told no log position");
      }
      return new Floor(
          system,
          answer.getLong(1),
          WalPosition.withoutEmptyPage(answer.getLong(2), answer.getLong(3)),
          nowNanos);
    }
  }
}

package dev.perfkit.testkit.postgres;

import dev.perfkit.testkit.internal.Waiting;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/** What the fixture says to servers about who follows whom. */
final class Replication {

  private static final String STREAMING =
      "SELECT 1 FROM pg_stat_replication WHERE application_name = ? AND state = 'streaming'";
  private static final String CONFIRMING =
      STREAMING + " AND sync_state IN ('sync', 'quorum') AND flush_lsn >= ?::pg_lsn";

  private Replication() {}

  /** Waits until a standby receives what its primary writes. */
  static void awaitStreaming(PostgresServer primary, String name, Duration atMost) {
    try (Connection connection = SuperuserConnection.to(primary);
        PreparedStatement streaming = connection.prepareStatement(STREAMING)) {
      streaming.setString(1, name);
      requireInTime(primary, name, "stream", atMost, streaming);
    } catch (SQLException failed) {
      throw new IllegalStateException("cannot ask " + primary + " who streams from it", failed);
    }
  }

  /**
   * Makes commits of a primary wait for so many standbys, and waits until the given one has all
   * that was committed before.
   */
  static void synchronize(PostgresServer primary, String name, int standbys, Duration atMost) {
    try (Connection connection = SuperuserConnection.to(primary);
        PreparedStatement confirming = connection.prepareStatement(CONFIRMING)) {
      execute(
          connection, "ALTER SYSTEM SET synchronous_standby_names = 'ANY " + standbys + " (*)'");
      execute(connection, "SELECT pg_reload_conf()");
      confirming.setString(1, name);
      confirming.setString(2, ask(connection, "SELECT pg_current_wal_insert_lsn()"));
      // What is written last may stay in memory for seconds, until something is committed.
      execute(connection, "SELECT pg_logical_emit_message(true, 'perfkit', '')");
      requireInTime(primary, name, "confirm what was written", atMost, confirming);
    } catch (SQLException failed) {
      throw new IllegalStateException("cannot make " + primary + " synchronous", failed);
    }
  }

  private static void requireInTime(
      PostgresServer primary, String name, String what, Duration atMost, PreparedStatement query) {
    if (!Waiting.until(atMost, () -> hasRow(query))) {
      throw new IllegalStateException(
          "postgres '" + name + "' did not " + what + " from " + primary + " within " + atMost);
    }
  }

  /** Ends the recovery of a standby; it accepts writes when this returns. */
  static void promote(PostgresServer standby, Duration atMost) {
    command(standby, "SELECT pg_promote(true, " + Math.max(1, atMost.toSeconds()) + ")");
    if (isInRecovery(standby)) {
      throw new IllegalStateException(standby + " was not promoted within " + atMost);
    }
  }

  static boolean isInRecovery(PostgresServer server) {
    return tell(server, connection -> ask(connection, "SELECT pg_is_in_recovery()")).equals("t");
  }

  /** Has a standby that runs follow another primary. */
  static void follow(PostgresServer standby, String connectionInfo) {
    command(standby, "ALTER SYSTEM SET primary_conninfo = '" + connectionInfo + "'");
    command(standby, "SELECT pg_reload_conf()");
  }

  static void pauseReplay(PostgresServer standby) {
    command(standby, "SELECT pg_wal_replay_pause()");
    String state = "SELECT pg_get_wal_replay_pause_state()";
    boolean paused =
        Waiting.until(
            Duration.ofSeconds(10),
            () -> tell(standby, connection -> ask(connection, state)).equals("paused"));
    if (!paused) {
      throw new IllegalStateException(standby + " did not pause its replay");
    }
  }

  static void resumeReplay(PostgresServer standby) {
    command(standby, "SELECT pg_wal_replay_resume()");
  }

  static void delayReplay(PostgresServer standby, Duration delay) {
    String setting = "recovery_min_apply_delay";
    command(standby, "ALTER SYSTEM SET " + setting + " = '" + delay.toMillis() + "ms'");
    command(standby, "SELECT pg_reload_conf()");
    String query = "SELECT setting FROM pg_settings WHERE name = '" + setting + "'";
    Waiting.until(
        Duration.ofSeconds(10),
        () ->
            tell(standby, connection -> ask(connection, query))
                .equals(String.valueOf(delay.toMillis())));
  }

  /** A slot keeps what the standby of that name has not received yet. */
  static void createSlot(Connection primary, String name) throws SQLException {
    try (PreparedStatement statement =
        primary.prepareStatement(
            "SELECT pg_create_physical_replication_slot(?, true) WHERE NOT EXISTS"
                + " (SELECT 1 FROM pg_replication_slots WHERE slot_name = ?)")) {
      statement.setString(1, name);
      statement.setString(2, name);
      statement.executeQuery().close();
    }
  }

  @FunctionalInterface
  private interface Question {

    String to(Connection connection) throws SQLException;
  }

  private static void command(PostgresServer server, String sql) {
    tell(
        server,
        connection -> {
          execute(connection, sql);
          return "";
        });
  }

  private static String tell(PostgresServer server, Question question) {
    try (Connection connection = SuperuserConnection.to(server)) {
      return question.to(connection);
    } catch (SQLException failed) {
      throw new IllegalStateException(
          server + " does not do what the test wants: " + failed.getMessage(), failed);
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String ask(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return result.getString(1);
    }
  }

  private static boolean hasRow(PreparedStatement query) {
    try (ResultSet result = query.executeQuery()) {
      return result.next();
    } catch (SQLException failed) {
      throw new IllegalStateException("cannot ask who streams", failed);
    }
  }
}

package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Proves that a read-only connection which may have left something behind in its session stays
 * where that is until it is closed, one that has not is free to go, and a replica that is in
 * conflict with replay is avoided once.
 */
class SessionStateTest {

  private final FakeDatabase primary = new FakeDatabase();
  private final FakeDatabase replica = new FakeDatabase();
  private final PoolGroup group = group();

  private PoolGroup group() {
    replica.inRecovery = true;
    return PoolGroup.named("states")
        .primary(FakeDatabase.pooled(primary))
        .replica("r1", FakeDatabase.pooled(replica))
        .scheduler(FakeScheduler.on(FakeTimeSource.create()))
        .slowStart(Duration.ZERO)
        .build();
  }

  @AfterEach
  void close() {
    group.close();
  }

  private Connection reading() throws SQLException {
    Connection connection = group.dataSource().getConnection();
    connection.setReadOnly(true);
    return connection;
  }

  private static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SET search_path TO tenant_7",
        "SELECT set_config('app.user', '7', false)",
        "SELECT pg_advisory_lock(7)",
        "PREPARE p AS SELECT 1",
        "SELECT unknown_function(7)",
      })
  void setReadOnlyFalse_stateMayBeLeft_staysAndOnlyEnforces(String sql) throws SQLException {
    try (Connection connection = reading()) {
      run(connection, sql);
      connection.setReadOnly(false);
      assertThat(connection.isReadOnly()).isFalse();
      run(connection, "SELECT 1");
      assertThat(connection.toString()).contains("on r1");
      replica.queryFailure = new SQLException("cannot execute INSERT", "25006");
      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(() -> run(connection, "INSERT INTO item VALUES (1)"))
          .withMessageContaining("this connection stays on replica 'r1' until it is closed")
          .withMessageContaining("get another connection to write")
          .satisfies(failure -> assertThat(failure.getSQLState()).isEqualTo("25006"));
    }
    assertThat(replica.calls("setReadOnly[false]")).isEmpty();
    assertThat(primary.calls("execute[INSERT")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"SELECT name FROM item", "SHOW work_mem", "SELECT pg_is_in_recovery()"})
  void setReadOnlyFalse_nothingCanBeLeft_goesToThePrimary(String sql) throws SQLException {
    try (Connection connection = reading()) {
      run(connection, sql);
      connection.setReadOnly(false);
      run(connection, "INSERT INTO item VALUES (1)");
      assertThat(connection.toString()).contains("on primary");
    }
  }

  @Test
  void setReadOnlyFalse_driverWasHandedOut_stays() throws SQLException {
    try (Connection connection = reading()) {
      assertThat(connection.unwrap(Connection.class)).isSameAs(connection);
      connection.unwrap(Runnable.class);
      connection.setReadOnly(false);
      run(connection, "SELECT 1");
      assertThat(connection.toString()).contains("on r1");
    }
  }

  @Test
  void read_inConflictWithReplay_runsOnceElsewhere() throws SQLException {
    replica.queryFailure = new SQLException("conflict with recovery", "40001");
    try (Connection connection = reading()) {
      run(connection, "SELECT 1");
      assertThat(connection.toString()).contains("on primary");
    }
    assertThat(replica.calls("execute[SELECT 1]")).hasSize(1);
    assertThat(group.nodes().get(1).state()).isEqualTo(NodeState.UP);
  }

  @Test
  void transaction_inConflictWithReplay_failsAndTheSessionsNextReadAvoidsTheReplica()
      throws SQLException {
    replica.queryFailure = new SQLException("conflict with recovery", "40001");
    try (Session session = group.openSession()) {
      try (Connection connection = session.reader().getConnection()) {
        connection.setAutoCommit(false);
        assertThatExceptionOfType(SQLException.class)
            .isThrownBy(() -> run(connection, "SELECT 1"))
            .satisfies(failure -> assertThat(failure.getSQLState()).isEqualTo("40001"));
      }
      replica.queryFailure = null;
      try (Connection connection = session.reader().getConnection()) {
        run(connection, "SELECT 1");
        assertThat(connection.toString()).contains("on primary");
      }
    }
    try (Connection connection = group.reader().getConnection()) {
      run(connection, "SELECT 1");
      assertThat(connection.toString()).contains("on r1");
    }
  }
}

package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import dev.perfkit.testkit.RecordingTelemetry;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Proves where statements of a connection go that does not say read-only, when their text may
 * choose: reads to a replica, until something else is run, and everything to the primary from then
 * on; that statements and rows outlive the move; and that nothing is borrowed for longer than used.
 */
class SelectRoutingTest {

  private static final String READ = "SELECT name FROM item";
  private static final String WRITE = "INSERT INTO item VALUES (1)";

  private final FakeDatabase primary = new FakeDatabase();
  private final FakeDatabase replica = new FakeDatabase();
  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private PoolGroup group =
      group(ReplicaReads.builder().autoCommitSelects(true).safeFunctions("mine").build());

  private PoolGroup group(ReplicaReads reads) {
    replica.inRecovery = true;
    return PoolGroup.named("selects")
        .primary(FakeDatabase.pooled(primary))
        .replica("r1", FakeDatabase.pooled(replica))
        .replicaReads(reads)
        .scheduler(FakeScheduler.on(FakeTimeSource.create()))
        .telemetry(telemetry)
        .slowStart(Duration.ZERO)
        .build();
  }

  @AfterEach
  void close() {
    group.close();
  }

  private Connection connection() throws SQLException {
    return group.dataSource().getConnection();
  }

  private static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private int active(int node) {
    return group.nodes().get(node).active();
  }

  @Test
  void select_optionNotSet_runsOnThePrimary() throws SQLException {
    group.close();
    group = group(ReplicaReads.defaults());
    try (Connection connection = connection()) {
      run(connection, READ);
      assertThat(connection).hasToString("connection of pool group 'selects' (on primary)");
    }
  }

  @Test
  void select_inAutocommit_runsOnAReplicaThatEnforcesReading() throws SQLException {
    replica.calls.clear();
    try (Connection connection = connection()) {
      run(connection, READ);
      run(connection, "SELECT mine(name) FROM item");
      assertThat(connection.toString()).contains("on r1");
      assertThat(connection.isReadOnly()).isFalse();
    }
    assertThat(replica.calls("execute[")).hasSize(2);
    assertThat(replica.calls("setReadOnly[false]")).isEmpty();
    assertThat(active(1)).isZero();
  }

  @Test
  void anythingElse_onceRun_keepsTheConnectionAtThePrimary() throws SQLException {
    try (Connection connection = connection()) {
      run(connection, READ);
      run(connection, "SET search_path TO mine");
      assertThat(active(1)).isZero();
      run(connection, READ);
      connection.setReadOnly(true);
      run(connection, READ);
      assertThat(connection.toString()).contains("on primary");
    }
    assertThat(primary.calls("execute[" + READ)).hasSize(2);
    assertThat(primary.calls("setReadOnly[true]")).hasSize(1);
    assertThat(replica.calls("execute[" + READ)).hasSize(1);
  }

  @Test
  void select_ofUnknownFunction_runsOnThePrimary() throws SQLException {
    try (Connection connection = connection()) {
      run(connection, "SELECT yours(name) FROM item");
      assertThat(connection.toString()).contains("on primary");
    }
  }

  @Test
  void select_inATransaction_runsOnThePrimary() throws SQLException {
    try (Connection connection = connection()) {
      connection.setAutoCommit(false);
      run(connection, READ);
      assertThat(connection.toString()).contains("on primary");
      connection.commit();
    }
  }

  @Test
  void setAutoCommitFalse_afterASelect_leavesTheReplica() throws SQLException {
    try (Connection connection = connection()) {
      run(connection, READ);
      connection.setAutoCommit(false);
      assertThat(active(1)).isZero();
      run(connection, READ);
      assertThat(connection.toString()).contains("on primary");
      connection.rollback();
    }
  }

  @Test
  void setReadOnlyTrue_afterASelect_staysOnTheReplica() throws SQLException {
    try (Connection connection = connection()) {
      run(connection, READ);
      connection.setReadOnly(true);
      connection.setAutoCommit(false);
      run(connection, "SELECT yours(1)");
      assertThat(connection.toString()).contains("on r1");
      connection.rollback();
    }
  }

  @Test
  void rows_ofTheReplica_areHeldUntilTheirStatementEnds() throws SQLException {
    try (Connection connection = connection()) {
      Statement reading = connection.createStatement();
      ResultSet rows = reading.executeQuery(READ);
      run(connection, WRITE);
      assertThat(active(1)).isEqualTo(1);
      assertThat(rows.next()).isTrue();
      assertThat(rows.getStatement()).isSameAs(reading);
      assertThat(reading.getUpdateCount()).isZero();
      assertThat(replica.calls("getUpdateCount")).hasSize(1);
      reading.close();
      assertThat(active(1)).isZero();
      assertThat(active(0)).isEqualTo(1);
    }
    assertThat(active(0)).isZero();
  }

  @Test
  void statement_runAgainAfterTheMove_runsOnThePrimaryWithItsSettings() throws SQLException {
    try (Connection connection = connection();
        Statement statement = connection.createStatement()) {
      statement.setMaxRows(7);
      statement.executeQuery(READ);
      statement.executeUpdate(WRITE);
      assertThat(active(1)).isZero();
      statement.executeQuery(READ);
    }
    assertThat(primary.calls("setMaxRows[7]")).hasSize(1);
    assertThat(primary.calls("executeQuery[" + READ)).hasSize(1);
    assertThat(replica.calls("executeQuery[" + READ)).hasSize(1);
  }

  @Test
  void preparedRead_afterAWrite_isPreparedAgainOnThePrimaryWithItsParameters() throws SQLException {
    try (Connection connection = connection();
        PreparedStatement read = connection.prepareStatement(READ + " WHERE a = ? AND b = ?")) {
      assertThat(replica.calls("prepareStatement[" + READ)).hasSize(1);
      read.setString(1, "first");
      read.setInt(2, 5);
      read.executeQuery();
      try (PreparedStatement write = connection.prepareStatement(WRITE)) {
        write.executeUpdate();
      }
      read.setString(1, "second");
      read.executeQuery();
      assertThat(active(1)).isZero();
    }
    assertThat(primary.calls)
        .containsSubsequence(
            "executeUpdate[]",
            "prepareStatement[" + READ + " WHERE a = ? AND b = ?]",
            "setString[1, first]",
            "setInt[2, 5]",
            "setString[1, second]",
            "executeQuery[]");
    assertThat(replica.calls("executeQuery[]")).hasSize(1);
  }

  @Test
  void rowsOfAPreparedRead_parametersSetForTheNext_areStillThere() throws SQLException {
    try (Connection connection = connection();
        PreparedStatement read = connection.prepareStatement(READ + " WHERE a = ?")) {
      read.setString(1, "first");
      ResultSet rows = read.executeQuery();
      run(connection, WRITE);
      read.setString(1, "second");
      assertThat(active(1)).isEqualTo(1);
      assertThat(rows.next()).isTrue();
    }
    assertThat(active(1)).isZero();
  }

  @Test
  void rowsThatCanBeChangedAndKeys_belongToThePrimary() throws SQLException {
    try (Connection connection = connection();
        Statement updatable =
            connection.createStatement(ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_UPDATABLE)) {
      updatable.executeQuery(READ);
      assertThat(connection.toString()).contains("on primary");
    }
    try (Connection connection = connection();
        PreparedStatement keys =
            connection.prepareStatement(READ, Statement.RETURN_GENERATED_KEYS)) {
      keys.executeQuery();
      assertThat(connection.toString()).contains("on primary");
    }
    try (Connection connection = connection();
        Statement named = connection.createStatement()) {
      named.setCursorName("c");
      named.executeQuery(READ);
      assertThat(connection.toString()).contains("on primary");
    }
    try (Connection connection = connection();
        Statement batch = connection.createStatement()) {
      batch.addBatch(READ);
      batch.executeBatch();
      assertThat(connection.toString()).contains("on primary");
    }
  }

  @Test
  void callsAndValuesOfTheConnection_belongToThePrimary() throws SQLException {
    try (Connection connection = connection()) {
      run(connection, READ);
      connection.createArrayOf("text", new Object[] {"a"});
      assertThat(connection.toString()).contains("on primary");
    }
    try (Connection connection = connection()) {
      run(connection, READ);
      connection.prepareCall("{call p()}").close();
      assertThat(connection.toString()).contains("on primary");
    }
    try (Connection connection = connection()) {
      connection.setTypeMap(Map.of());
      run(connection, READ);
      assertThat(connection.toString()).contains("on primary");
    }
  }

  @Test
  void select_refusedByTheReplica_runsOnThePrimaryAndIsRemembered() throws SQLException {
    replica.queryFailure = new SQLException("cannot execute nextval()", "25006");
    for (int i = 0; i < 2; i++) {
      try (Connection connection = connection();
          PreparedStatement statement = connection.prepareStatement(READ + " WHERE a = ?")) {
        statement.setString(1, "x");
        statement.executeQuery();
        assertThat(connection.toString()).contains("on primary");
      }
    }
    assertThat(replica.calls("executeQuery[]")).hasSize(1);
    assertThat(primary.calls("executeQuery[]")).hasSize(2);
    assertThat(primary.calls("setString[1, x]")).hasSize(2);
    assertThat(active(0) + active(1)).isZero();
  }

  @Test
  void select_thatFailsForItself_isNotRepeated() throws SQLException {
    replica.queryFailure = new SQLException("division by zero", "22012");
    try (Connection connection = connection()) {
      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(() -> run(connection, READ))
          .withMessage("division by zero");
    }
    assertThat(primary.calls("execute[" + READ)).isEmpty();
  }

  @Test
  void select_replicaIsLost_runsElsewhereAndSaysNothingWasCommitted() throws SQLException {
    try (Connection connection = connection()) {
      run(connection, READ);
      replica.queryFailure = new SQLException("gone", "08006");
      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(() -> run(connection, READ))
          .satisfies(failure -> assertThat(failure.getSQLState()).isEqualTo("08S02"));
      run(connection, WRITE);
      assertThat(connection.toString()).contains("on primary");
    }
    try (Connection connection = connection()) {
      run(connection, READ);
      assertThat(connection.toString()).contains("on primary");
    }
  }

  @Test
  void abortAndClose_withRowsLeftAtTheReplica_freeBoth() throws SQLException {
    Connection aborted = connection();
    aborted.createStatement().executeQuery(READ);
    run(aborted, WRITE);
    aborted.abort(Runnable::run);
    aborted.close();
    assertThat(active(0) + active(1)).isZero();
    Connection closed = connection();
    closed.createStatement().executeQuery(READ);
    run(closed, WRITE);
    assertThat(active(0) + active(1)).isEqualTo(2);
    closed.close();
    assertThat(active(0) + active(1)).isZero();
  }

  @Test
  void setAutoCommitTwice_withRowsLeft_neverTakesASecondReplica() throws SQLException {
    try (Connection connection = connection()) {
      connection.createStatement().executeQuery(READ);
      connection.setAutoCommit(false);
      connection.setAutoCommit(true);
      run(connection, READ);
      assertThat(connection.toString()).contains("on primary");
      assertThat(active(1)).isEqualTo(1);
    }
    assertThat(active(0) + active(1)).isZero();
  }

  @Test
  void options_namesThatAreNone_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ReplicaReads.builder().safeFunctions("ok", "public.f"))
        .withMessageContaining("safeFunctions must be names of lower-case letters")
        .withMessageContaining("'public.f'");
    ReplicaReads reads =
        ReplicaReads.builder().autoCommitSelects(true).safeFunctions("f", "g").build();
    assertThat(reads.toBuilder().build()).isEqualTo(reads).hasSameHashCodeAs(reads);
    assertThat(reads.safeFunctions()).containsExactlyInAnyOrder("f", "g");
    assertThat(reads).isNotEqualTo(ReplicaReads.defaults());
    assertThat(ReplicaReads.defaults().autoCommitSelects()).isFalse();
  }
}

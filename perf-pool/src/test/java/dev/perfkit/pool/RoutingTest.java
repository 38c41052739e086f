package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import dev.perfkit.spi.Health;
import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import dev.perfkit.testkit.RecordingEvents;
import dev.perfkit.testkit.RecordingTelemetry;
import java.io.ByteArrayInputStream;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Proves, with databases that fail at exact moments: which node a connection goes to and when, what
 * a failure in use does, which reads run again elsewhere and which never do.
 */
class RoutingTest {

  private static final Duration BOUND = Duration.ofSeconds(20);

  private final SQLException gone = new SQLException("connection reset", "08006");
  private final SQLException full = new SQLException("too many clients", "53300");

  private final FakeDatabase primary = new FakeDatabase();
  private final FakeDatabase replica = new FakeDatabase();
  private final FakeTimeSource time = FakeTimeSource.create();
  private final FakeScheduler scheduler = FakeScheduler.on(time);
  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private final RecordingEvents events = RecordingEvents.create();
  private final OnCaller probes = new OnCaller();
  private final PoolGroup group = group();

  /** Probes wait for {@link #pass}, so that none meddles with a read that is under way. */
  private PoolGroup group() {
    replica.inRecovery = true;
    PoolGroup built =
        PoolGroup.named("orders")
            .primary(FakeDatabase.pooled(primary))
            .replica("r1", FakeDatabase.pooled(replica))
            .scheduler(scheduler)
            .executor(probes)
            .telemetry(telemetry)
            .events(events)
            .slowStart(Duration.ZERO)
            .build();
    probes.keep();
    return built;
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

  private static int select(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT 1")) {
      rows.next();
      return rows.getInt(1);
    }
  }

  private NodeStatus status(String node) {
    return group.nodes().stream().filter(n -> n.name().equals(node)).findFirst().orElseThrow();
  }

  /** Runs the probes that wait, and those of this time; all they lead to is done afterwards. */
  private void pass(Duration period) {
    probes.release();
    time.advance(period);
    probes.keep();
  }

  /** Positions grow old in real time: a machine that stood still has to ask for new ones. */
  private void awaitHealthy() {
    await()
        .atMost(BOUND)
        .untilAsserted(
            () -> {
              pass(ReplicaReads.DEFAULT_POSITION_INTERVAL);
              assertThat(group.health().status()).isEqualTo(Health.Status.UP);
            });
  }

  private void probe(String node, NodeState expected) {
    pass(PoolGroup.DEFAULT_PROBE_INTERVAL);
    assertThat(status(node).state()).isEqualTo(expected);
  }

  @Test
  void statement_byReadOnly_isRouted() throws SQLException {
    try (Connection connection = reading()) {
      select(connection);
    }
    assertThat(replica.calls("executeQuery[SELECT 1]")).hasSize(1);
    assertThat(primary.calls("executeQuery[SELECT 1]")).isEmpty();
    try (Connection connection = group.dataSource().getConnection()) {
      select(connection);
    }
    assertThat(primary.calls("executeQuery[SELECT 1]")).hasSize(1);
  }

  @Test
  void getConnection_settingsOnly_borrowsNothing() throws SQLException {
    int before = primary.opened.get() + replica.opened.get();
    try (Connection connection = group.dataSource().getConnection()) {
      connection.setReadOnly(true);
      connection.setAutoCommit(false);
      connection.setSchema("s");
      connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
      assertThat(connection.createStatement().isClosed()).isFalse();
      connection.commit();
      connection.rollback();
      assertThat(connection.toString()).contains("nothing borrowed");
    }
    assertThat(primary.opened.get() + replica.opened.get()).isEqualTo(before);
  }

  @Test
  void firstStatement_afterSettings_findsThemApplied() throws SQLException {
    primary.calls.clear();
    try (Connection connection = group.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      connection.setReadOnly(true);
      connection.setReadOnly(false);
      connection.setSchema("s");
      connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
      connection.setClientInfo("ApplicationName", "a");
      connection.setHoldability(ResultSet.HOLD_CURSORS_OVER_COMMIT);
      select(connection);
    }
    List<String> made = primary.calls;
    assertThat(made)
        .containsSubsequence(
            "setSchema[s]",
            "setClientInfo[ApplicationName, a]",
            "setAutoCommit[false]",
            "setTransactionIsolation[8]",
            "setHoldability[1]",
            "executeQuery[SELECT 1]",
            "setHoldability[0]",
            "rollback[]",
            "setAutoCommit[true]")
        .doesNotContain("setReadOnly[true]");
  }

  @Test
  void getMetaData_beforeAnyStatement_pinsNothing() throws SQLException {
    try (Connection connection = group.dataSource().getConnection()) {
      assertThat(connection.getMetaData().getDatabaseProductName()).isEqualTo("PostgreSQL");
      assertThat(connection.getMetaData().getConnection()).isSameAs(connection);
      assertThat(connection.toString()).contains("nothing borrowed");
      assertThat(status("primary").active() + status("r1").active()).isZero();
    }
  }

  @Test
  void getMetaData_primaryIsDown_isAnsweredByAReplica() throws SQLException {
    primary.refusal = gone;
    probe("primary", NodeState.DOWN);
    try (Connection connection = group.dataSource().getConnection()) {
      assertThat(connection.getMetaData().getDatabaseProductName()).isEqualTo("PostgreSQL");
    }
  }

  @Test
  void setReadOnlyFalse_onAReplica_movesToThePrimary() throws SQLException {
    try (Connection connection = reading()) {
      select(connection);
      assertThat(connection.toString()).contains("on r1");
      connection.setReadOnly(false);
      select(connection);
      assertThat(connection.toString()).contains("on primary");
      assertThat(status("r1").active()).isZero();
    }
  }

  @Test
  void setReadOnly_insideATransaction_isRefused() throws SQLException {
    try (Connection connection = reading()) {
      connection.setAutoCommit(false);
      select(connection);
      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(() -> connection.setReadOnly(false))
          .withMessageContaining("commit or roll back first")
          .satisfies(failure -> assertThat(failure.getSQLState()).isEqualTo("25001"));
      connection.rollback();
      connection.setReadOnly(false);
      assertThat(connection.isReadOnly()).isFalse();
    }
  }

  @Test
  void setReadOnlyTrue_onThePrimary_staysAndIsEnforced() throws SQLException {
    try (Connection connection = group.dataSource().getConnection()) {
      select(connection);
      connection.setReadOnly(true);
      select(connection);
      assertThat(connection.toString()).contains("on primary");
      assertThat(primary.calls("setReadOnly[true]")).hasSize(1);
    }
    assertThat(primary.calls("setReadOnly[false]")).hasSize(1);
  }

  @Test
  void reader_always_readsAndStaysReadOnly() throws SQLException {
    try (Connection connection = group.reader().getConnection()) {
      assertThat(connection.isReadOnly()).isTrue();
      select(connection);
      assertThat(connection.toString()).contains("on r1");
      assertThatExceptionOfType(SQLFeatureNotSupportedException.class)
          .isThrownBy(() -> connection.setReadOnly(false))
          .withMessageContaining("use dataSource()");
    }
  }

  @Test
  void query_replicaDiesBeforeItAnswers_runsOnceElsewhere() throws SQLException {
    replica.queryFailure = gone;
    try (Connection connection = reading()) {
      assertThat(select(connection)).isEqualTo(1);
      assertThat(connection.toString()).contains("on primary");
    }
    assertThat(telemetry.count("pool.reruns", "node", "r1")).isEqualTo(1);
    assertThat(replica.calls("executeQuery[SELECT 1]")).hasSize(1);
  }

  @Test
  void preparedQuery_replicaDiesBeforeItAnswers_runsElsewhereWithItsParameters()
      throws SQLException {
    replica.queryFailure = gone;
    try (Connection connection = reading();
        PreparedStatement statement = connection.prepareStatement("SELECT ?")) {
      statement.setFetchSize(10);
      statement.setInt(1, 42);
      statement.setObject(2, "x");
      statement.executeQuery().close();
    }
    assertThat(primary.calls)
        .containsSubsequence(
            "prepareStatement[SELECT ?]",
            "setFetchSize[10]",
            "setInt[1, 42]",
            "setObject[2, x]",
            "executeQuery[]");
  }

  @Test
  void preparedQuery_withAStream_isNotRepeated() throws SQLException {
    replica.queryFailure = gone;
    try (Connection connection = reading();
        PreparedStatement statement = connection.prepareStatement("SELECT ?")) {
      statement.setBinaryStream(1, new ByteArrayInputStream(new byte[1]));
      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(statement::executeQuery)
          .withCause(gone)
          .satisfies(failure -> assertThat(failure.getSQLState()).isEqualTo("08S02"));
    }
    assertThat(primary.calls("executeQuery")).noneMatch("executeQuery[]"::equals);
  }

  @Test
  void query_replicaDiesInATransaction_isNotRepeated() throws SQLException {
    replica.queryFailure = gone;
    try (Connection connection = reading()) {
      connection.setAutoCommit(false);
      assertThatExceptionOfType(SQLException.class).isThrownBy(() -> select(connection));
    }
    assertThat(primary.calls("executeQuery[SELECT 1]")).isEmpty();
  }

  @Test
  void query_replicaDiesAfterAnEarlierStatement_isNotRepeated() throws SQLException {
    try (Connection connection = reading()) {
      select(connection);
      replica.queryFailure = gone;
      assertThatExceptionOfType(SQLException.class).isThrownBy(() -> select(connection));
      assertThat(connection.isClosed()).isTrue();
      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(() -> select(connection))
          .withMessageContaining("was lost (08006 connection reset)")
          .satisfies(failure -> assertThat(failure.getSQLState()).isEqualTo("08003"));
    }
    assertThat(primary.calls("executeQuery[SELECT 1]")).isEmpty();
  }

  @Test
  void update_primaryDies_isNotRepeated() throws SQLException {
    primary.queryFailure = gone;
    try (Connection connection = group.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(() -> statement.executeUpdate("DELETE"))
          .withMessageContaining("node 'primary' was lost while a commit may have been under way")
          .withCause(gone)
          .satisfies(failure -> assertThat(failure.getSQLState()).isEqualTo("08007"));
    }
    assertThat(primary.calls("executeUpdate")).hasSize(1);
  }

  @Test
  void query_ordinaryFailure_changesNothing() throws SQLException {
    replica.queryFailure = new SQLException("no such table", "42P01");
    try (Connection connection = reading()) {
      assertThatExceptionOfType(SQLException.class).isThrownBy(() -> select(connection));
    }
    assertThat(status("r1").state()).isEqualTo(NodeState.UP);
    assertThat(primary.calls("executeQuery[SELECT 1]")).isEmpty();
  }

  @Test
  void settings_meetADeadReplica_areAppliedElsewhere() throws SQLException {
    replica.queryFailure = gone;
    try (Connection connection = reading()) {
      connection.setSchema("s");
      assertThat(select(connection)).isEqualTo(1);
      assertThat(connection.toString()).contains("on primary");
    }
  }

  @Test
  void read_replicaFailedInUse_goesElsewhereUntilItAnswers() throws SQLException {
    replica.queryFailure = gone;
    replica.refusal = gone;
    try (Connection connection = reading()) {
      select(connection);
    }
    probe("r1", NodeState.DOWN);
    assertThat(events.types()).containsExactly("node-down");
    assertThat(group.health().status()).isEqualTo(Health.Status.DEGRADED);
    assertThat(group.health().reason()).contains("replica 'r1' is DOWN", "08006 connection reset");
    try (Connection connection = reading()) {
      select(connection);
      assertThat(connection.toString()).contains("on primary");
    }
    assertThat(telemetry.count("pool.read.fallbacks")).isEqualTo(2);

    replica.queryFailure = null;
    replica.refusal = null;
    probe("r1", NodeState.UP);
    assertThat(events.types()).containsExactly("node-down", "node-up");
    awaitHealthy();
    try (Connection connection = reading()) {
      select(connection);
      assertThat(connection.toString()).contains("on r1");
    }
  }

  @Test
  void read_replicaIsFull_goesElsewhereAndDoesNotTakeItDown() throws SQLException {
    replica.refusal = full;
    try (Connection connection = reading()) {
      select(connection);
      assertThat(connection.toString()).contains("on primary");
    }
    assertThat(events.types()).isEmpty();
    assertThat(status("r1").state()).isEqualTo(NodeState.UP);
  }

  @Test
  void read_replicasAllInUse_waitsForThemAndSparesThePrimary() throws SQLException {
    int size = 4;
    Connection[] held = new Connection[size];
    for (int i = 0; i < size; i++) {
      held[i] = reading();
      select(held[i]);
    }
    try (Connection late = reading()) {
      assertThatExceptionOfType(SQLTransientConnectionException.class)
          .isThrownBy(() -> select(late))
          .withMessageContaining("pool group 'orders': no connection within")
          .withMessageContaining("r1: UP, active=4, idle=0, pending=0, maximum=4");
      held[0].close();
      assertThat(select(late)).isEqualTo(1);
      assertThat(late.toString()).contains("on r1");
    }
    for (Connection connection : held) {
      connection.close();
    }
  }

  @Test
  void write_primaryInRecovery_isRefusedWithWhatWasProbed() throws SQLException {
    primary.inRecovery = true;
    primary.queryFailure = new SQLException("read-only transaction", "25006");
    try (Connection connection = group.dataSource().getConnection()) {
      assertThatExceptionOfType(SQLException.class).isThrownBy(() -> select(connection));
    }
    pass(Duration.ZERO);
    assertThat(status("primary").role()).isEqualTo(NodeRole.REPLICA);
    try (Connection connection = group.dataSource().getConnection()) {
      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(() -> select(connection))
          .withMessageContaining("no primary within 2000 ms ('primary': its last probe answered")
          .withMessageContaining("pg_is_in_recovery() = true")
          .satisfies(failure -> assertThat(failure.getSQLState()).isEqualTo("08001"));
    }
    assertThat(events.types()).containsExactly("no-primary", "role-changed");
    assertThat(group.health().status()).isEqualTo(Health.Status.DEGRADED);
    assertThat(group.health().reason())
        .contains("writes fail, no node takes them: primary 'primary' answers as a replica");
  }

  @Test
  void probe_replicaAuthenticationFails_isVisibleAndNotDown() {
    replica.refusal = new SQLException("password authentication failed", "28P01");
    probe("r1", NodeState.UP);
    assertThat(group.health().reason()).contains("28P01 password authentication failed");
    assertThat(events.types()).isEmpty();
  }

  @Test
  void knob_loweredBelowWhatIsOpen_closesIdleConnections() throws SQLException {
    Connection[] held = new Connection[4];
    for (int i = 0; i < held.length; i++) {
      held[i] = group.dataSource().getConnection();
      select(held[i]);
    }
    group.knobs().get(0).set(2);
    for (Connection connection : held) {
      connection.close();
    }
    await()
        .atMost(BOUND)
        .until(
            () -> {
              pass(PoolGroup.DEFAULT_PROBE_INTERVAL);
              return status("primary").idle() == 2;
            });
    assertThat(status("primary").maximum()).isEqualTo(2);
    group.knobs().get(0).set(4);
    for (int i = 0; i < held.length; i++) {
      held[i] = group.dataSource().getConnection();
      select(held[i]);
    }
    assertThat(status("primary").active()).isEqualTo(4);
    for (Connection connection : held) {
      connection.close();
    }
  }

  @Test
  void telemetry_borrowsAndPools_areMeasured() throws SQLException {
    try (Connection connection = reading()) {
      select(connection);
      assertThat(telemetry.value("pool.active", "node", "r1")).isEqualTo(1);
    }
    assertThat(telemetry.value("pool.idle", "node", "r1")).isEqualTo(1);
    assertThat(telemetry.value("pool.maximum", "node", "r1")).isEqualTo(4);
    assertThat(telemetry.value("pool.pending", "node", "r1")).isZero();
    assertThat(telemetry.value("pool.node.up", "node", "r1")).isEqualTo(1);
    assertThat(telemetry.durations("pool.borrow", "pool", "orders", "node", "r1")).hasSize(1);
    assertThat(telemetry.count("pool.probes", "node", "r1", "outcome", "answered")).isPositive();
    group.close();
    assertThat(telemetry.metrics()).noneMatch(metric -> metric.name().equals("pool.active"));
  }

  @Test
  void hikariConfig_given_isNotChanged() {
    HikariConfig given = new HikariConfig();
    given.setJdbcUrl("jdbc:h2:mem:given");
    PoolGroup.named("given").primary(given).replica("r1", given).build().close();
    assertThat(given.getJdbcUrl()).isEqualTo("jdbc:h2:mem:given");
    assertThat(given.getPoolName()).isNull();
    assertThat(given.isReadOnly()).isFalse();
    assertThat(given.getConnectionInitSql()).isNull();
    assertThat(given.getInitializationFailTimeout()).isEqualTo(1);
  }
}

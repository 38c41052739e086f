package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import dev.perfkit.spi.Health;
import dev.perfkit.testkit.postgres.PostgresFixture;
import dev.perfkit.testkit.postgres.PostgresServer;
import java.sql.Array;
import java.sql.BatchUpdateException;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.sql.Types;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/**
 * Proves on a real primary and its streaming standby: where statements run, that read-only is
 * enforced alike on both, that JDBC works through the logical connection, and that nothing of one
 * session reaches the next.
 */
class PoolGroupIT {

  /** However busy the machine is, a node that answers is up. */
  static final Duration PATIENCE = Duration.ofSeconds(20);

  private static PostgresFixture servers;

  private PoolGroup group;

  @BeforeAll
  static void start() {
    servers = PostgresFixture.startWithStandby();
  }

  @AfterAll
  static void stop() {
    servers.close();
  }

  @BeforeEach
  void open() throws SQLException {
    // One connection for each node: what a session leaves behind, the next one finds.
    group =
        PoolGroup.named("orders")
            .primary(pooled(servers.primary(), 1))
            .replica("r1", pooled(servers.standby(), 1))
            .probeTimeout(PATIENCE)
            .build();
    try (Connection connection = group.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("DROP TABLE IF EXISTS item");
      statement.execute("CREATE TABLE item (id serial PRIMARY KEY, name text UNIQUE)");
    }
    awaitOnReplica("SELECT count(*) FROM pg_class WHERE relname = 'item'", 1);
  }

  @AfterEach
  void close() {
    group.close();
  }

  static HikariConfig pooled(PostgresServer server, int size) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(server.jdbcUrl());
    config.setUsername(server.user());
    config.setPassword(server.password());
    config.setMaximumPoolSize(size);
    config.setMinimumIdle(1);
    config.setConnectionTimeout(20_000);
    return config;
  }

  static boolean onReplica(Connection connection) throws SQLException {
    return "t".equals(one(connection, "SELECT pg_is_in_recovery()"));
  }

  static String one(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }

  private static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private void awaitOnReplica(String sql, int count) {
    await()
        .atMost(Duration.ofSeconds(20))
        .ignoreExceptions()
        .until(
            () -> {
              try (Connection connection = group.reader().getConnection()) {
                return one(connection, sql).equals(String.valueOf(count));
              }
            });
  }

  private int active() {
    return group.nodes().stream().mapToInt(NodeStatus::active).sum();
  }

  @Test
  void connections_byReadOnly_runOnTheirNode() throws SQLException {
    String primaryUrl = servers.primary().jdbcUrl();
    String replicaUrl = servers.standby().jdbcUrl();
    String user = servers.primary().user();
    String password = servers.primary().password();
    // region: group
    try (PoolGroup db =
        PoolGroup.named("shop")
            .primary(NodeConfig.at(primaryUrl).credentials(user, password).build())
            .replica("r1", NodeConfig.at(replicaUrl).credentials(user, password).build())
            .build()) {

      try (Connection connection = db.dataSource().getConnection();
          Statement statement = connection.createStatement()) {
        statement.executeUpdate("INSERT INTO item (name) VALUES ('lamp')"); // on the primary
      }
      try (Connection connection = db.dataSource().getConnection()) {
        connection.setReadOnly(true); // or db.reader(), or your framework's read-only transaction
        try (Statement statement = connection.createStatement();
            ResultSet rows = statement.executeQuery("SELECT name FROM item")) { // on a replica
          while (rows.next()) {
            System.out.println(rows.getString("name"));
          }
        }
      }
      System.out.println(db.health());
    }
    // endregion: group
    try (Connection connection = group.dataSource().getConnection()) {
      assertThat(onReplica(connection)).isFalse();
    }
    try (Connection connection = group.reader().getConnection()) {
      assertThat(onReplica(connection)).isTrue();
    }
    assertThat(group.health().status()).isEqualTo(Health.Status.UP);
    assertThat(group.nodes())
        .extracting(NodeStatus::role)
        .containsExactly(NodeRole.PRIMARY, NodeRole.REPLICA);
  }

  @Test
  void readOnlyTransaction_asFrameworksBeginIt_runsOnTheReplica() throws SQLException {
    try (Connection connection = group.dataSource().getConnection()) {
      connection.setReadOnly(true);
      connection.setAutoCommit(false);
      assertThat(onReplica(connection)).isTrue();
      connection.commit();
      assertThat(onReplica(connection)).isTrue();
      connection.rollback();
      connection.setAutoCommit(true);
      connection.setReadOnly(false);
      assertThat(onReplica(connection)).isFalse();
    }
  }

  @Test
  void insert_readOnlyAutocommit_failsAlikeOnBothNodes() throws SQLException {
    String insert = "INSERT INTO item (name) VALUES ('x')";
    try (Connection onReplica = group.reader().getConnection();
        Connection onPrimary = group.dataSource().getConnection()) {
      run(onPrimary, "SELECT 1");
      onPrimary.setReadOnly(true);
      assertThat(onReplica(onReplica)).isTrue();
      assertThat(onReplica(onPrimary)).isFalse();
      for (Connection connection : new Connection[] {onReplica, onPrimary}) {
        assertThatExceptionOfType(SQLException.class)
            .isThrownBy(() -> run(connection, insert))
            .withMessageContaining("read-only transaction")
            .satisfies(failure -> assertThat(failure.getSQLState()).isEqualTo("25006"));
      }
    }
    try (Connection next = group.dataSource().getConnection()) {
      run(next, insert);
      assertThat(one(next, "SELECT count(*) FROM item")).isEqualTo("1");
    }
  }

  @Test
  void insert_readOnlyTransaction_failsAlikeOnBothNodes() throws SQLException {
    try (PoolGroup single =
            PoolGroup.named("single").primary(pooled(servers.primary(), 1)).build();
        Connection onReplica = group.reader().getConnection();
        Connection onPrimary = single.reader().getConnection()) {
      for (Connection connection : new Connection[] {onReplica, onPrimary}) {
        connection.setAutoCommit(false);
        assertThatExceptionOfType(SQLException.class)
            .isThrownBy(() -> run(connection, "INSERT INTO item (name) VALUES ('x')"))
            .satisfies(failure -> assertThat(failure.getSQLState()).isEqualTo("25006"));
        connection.rollback();
      }
    }
  }

  @Test
  void replica_freshConnection_isReadOnlyAtTheServer() throws SQLException {
    try (Connection connection = group.reader().getConnection()) {
      assertThat(one(connection, "SHOW default_transaction_read_only")).isEqualTo("on");
      assertThat(connection.isReadOnly()).isTrue();
    }
  }

  @Test
  void getMetaData_beforeStatements_pinsNothingAndReadsAllRows() throws SQLException {
    try (Connection connection = group.dataSource().getConnection()) {
      assertThat(connection.getMetaData().getDatabaseProductName()).isEqualTo("PostgreSQL");
      assertThat(connection.getMetaData().getConnection()).isSameAs(connection);
      assertThat(active()).isZero();
      try (ResultSet tables = connection.getMetaData().getTables(null, null, "item", null)) {
        assertThat(tables.next()).isTrue();
        assertThat(tables.getString("TABLE_NAME")).isEqualTo("item");
        assertThat(tables.getStatement()).isNull();
        assertThat(active()).isEqualTo(1);
      }
      assertThat(active()).isZero();
      ResultSet left = connection.getMetaData().getSchemas();
      assertThat(left.next()).isTrue();
    }
    assertThat(active()).isZero();
  }

  @Test
  void settings_changedBySession_areResetForTheNext() throws SQLException {
    String schema;
    int isolation;
    int timeout;
    int holdability;
    try (Connection connection = group.dataSource().getConnection()) {
      schema = connection.getSchema();
      isolation = connection.getTransactionIsolation();
      timeout = connection.getNetworkTimeout();
      holdability = connection.getHoldability();
    }
    try (Connection connection = group.dataSource().getConnection()) {
      connection.setSchema("pg_catalog");
      connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
      connection.setNetworkTimeout(Runnable::run, 7_000);
      connection.setHoldability(
          holdability == ResultSet.HOLD_CURSORS_OVER_COMMIT
              ? ResultSet.CLOSE_CURSORS_AT_COMMIT
              : ResultSet.HOLD_CURSORS_OVER_COMMIT);
      connection.setTypeMap(Map.of("x", String.class));
      connection.setReadOnly(true);
      connection.setReadOnly(false);
      connection.setAutoCommit(false);
      assertThat(connection.getSchema()).isEqualTo("pg_catalog");
      assertThat(one(connection, "SHOW transaction_isolation")).isEqualTo("serializable");
      assertThat(one(connection, "SELECT current_schema()")).isEqualTo("pg_catalog");
      assertThat(connection.getNetworkTimeout()).isEqualTo(7_000);
      run(connection, "INSERT INTO public.item (name) VALUES ('uncommitted')");
    }
    try (Connection connection = group.dataSource().getConnection()) {
      assertThat(one(connection, "SELECT count(*) FROM public.item")).isEqualTo("0");
      assertThat(one(connection, "SHOW transaction_isolation")).isEqualTo("read committed");
      assertThat(connection.getAutoCommit()).isTrue();
      assertThat(connection.isReadOnly()).isFalse();
      assertThat(connection.getTransactionIsolation()).isEqualTo(isolation);
      assertThat(connection.getNetworkTimeout()).isEqualTo(timeout);
      assertThat(connection.getHoldability()).isEqualTo(holdability);
      assertThat(connection.getTypeMap()).isEmpty();
      assertThat(schema).isEqualTo("public");
    }
  }

  @Test
  void poolsWithASchema_sessionChangedIt_findItReset() throws SQLException {
    HikariConfig config = pooled(servers.primary(), 1);
    config.setSchema("public");
    try (PoolGroup single = PoolGroup.named("schema").primary(config).build()) {
      try (Connection connection = single.dataSource().getConnection()) {
        connection.setSchema("pg_catalog");
        run(connection, "SELECT 1");
      }
      try (Connection connection = single.dataSource().getConnection()) {
        assertThat(one(connection, "SELECT current_schema()")).isEqualTo("public");
      }
    }
  }

  @Test
  void results_ofAnyKind_leadBackToTheLogicalConnection() throws SQLException {
    try (Connection connection = group.dataSource().getConnection();
        PreparedStatement insert =
            connection.prepareStatement(
                "INSERT INTO item (name) VALUES (?)", Statement.RETURN_GENERATED_KEYS)) {
      insert.setString(1, "a");
      assertThat(insert.executeUpdate()).isEqualTo(1);
      try (ResultSet keys = insert.getGeneratedKeys()) {
        assertThat(keys.next()).isTrue();
        assertThat(keys.getInt("id")).isPositive();
        assertThat(keys.getStatement()).isSameAs(insert);
        assertThat(keys.getStatement().getConnection()).isSameAs(connection);
      }
      try (Statement select = connection.createStatement()) {
        assertThat(select.execute("SELECT name FROM item; SELECT 2")).isTrue();
        assertThat(select.getResultSet()).isSameAs(select.getResultSet());
        assertThat(select.getResultSet().getStatement()).isSameAs(select);
        assertThat(select.getMoreResults()).isTrue();
        assertThat(select.getMoreResults()).isFalse();
        assertThat(select.getUpdateCount()).isEqualTo(-1);
        assertThat(select.getResultSet()).isNull();
      }
    }
  }

  @Test
  void batch_preparedAndPlain_works() throws SQLException {
    try (Connection connection = group.dataSource().getConnection();
        PreparedStatement insert =
            connection.prepareStatement("INSERT INTO item (name) VALUES (?)");
        Statement plain = connection.createStatement()) {
      for (int i = 0; i < 3; i++) {
        insert.setString(1, "n" + i);
        insert.addBatch();
      }
      assertThat(insert.executeBatch()).containsExactly(1, 1, 1);
      plain.addBatch("INSERT INTO item (name) VALUES ('p')");
      plain.addBatch("UPDATE item SET name = name || '!'");
      assertThat(plain.executeLargeBatch()).containsExactly(1, 4);
      plain.addBatch("INSERT INTO item (name) VALUES ('p!')");
      assertThatExceptionOfType(BatchUpdateException.class).isThrownBy(plain::executeBatch);
      assertThat(one(connection, "SELECT count(*) FROM item")).isEqualTo("4");
    }
  }

  @Test
  void savepoint_rolledBackTo_keepsTheRest() throws SQLException {
    try (Connection connection = group.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      run(connection, "INSERT INTO item (name) VALUES ('kept')");
      Savepoint savepoint = connection.setSavepoint("s");
      run(connection, "INSERT INTO item (name) VALUES ('undone')");
      connection.rollback(savepoint);
      connection.releaseSavepoint(connection.setSavepoint());
      connection.commit();
      assertThat(one(connection, "SELECT string_agg(name, ',') FROM item")).isEqualTo("kept");
    }
  }

  @Test
  void call_withOutParameter_works() throws SQLException {
    try (Connection connection = group.dataSource().getConnection();
        CallableStatement call = connection.prepareCall("{? = call upper(?)}")) {
      call.registerOutParameter(1, Types.VARCHAR);
      call.setString(2, "lamp");
      call.execute();
      assertThat(call.getString(1)).isEqualTo("LAMP");
    }
  }

  @Test
  void array_madeByTheConnection_canBeBound() throws SQLException {
    try (Connection connection = group.reader().getConnection()) {
      Array names = connection.createArrayOf("text", new Object[] {"a", "b"});
      try (PreparedStatement statement =
          connection.prepareStatement("SELECT cardinality(?::text[])")) {
        statement.setArray(1, names);
        try (ResultSet rows = statement.executeQuery()) {
          rows.next();
          assertThat(rows.getInt(1)).isEqualTo(2);
        }
      }
    }
  }

  @Test
  void unwrap_toTheDriver_reachesIt() throws SQLException {
    try (Connection connection = group.dataSource().getConnection()) {
      assertThat(connection.isWrapperFor(PGConnection.class)).isTrue();
      assertThat(active()).isZero();
      assertThat(connection.unwrap(PGConnection.class).getBackendPID()).isPositive();
      assertThat(active()).isEqualTo(1);
      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(() -> connection.unwrap(String.class));
    }
  }

  @Test
  void cancel_byAnotherThread_endsTheQueryAndNothingElse() throws Exception {
    try (Connection connection = group.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      AtomicBoolean ended = new AtomicBoolean();
      Thread canceller =
          new Thread(
              () ->
                  await()
                      .atMost(Duration.ofSeconds(20))
                      .ignoreExceptions()
                      .until(
                          () -> {
                            statement.cancel();
                            return ended.get();
                          }));
      canceller.setDaemon(true);
      canceller.start();
      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(() -> statement.execute("SELECT pg_sleep(30)"))
          .satisfies(failure -> assertThat(failure.getSQLState()).isEqualTo("57014"));
      ended.set(true);
      canceller.join();
      assertThat(one(connection, "SELECT 1")).isEqualTo("1");
    }
    assertThat(group.nodes().get(0).state()).isEqualTo(NodeState.UP);
  }

  @Test
  void isValid_nothingBorrowed_asksTheServer() throws SQLException {
    try (Connection connection = group.dataSource().getConnection()) {
      assertThat(connection.isValid(5)).isTrue();
      assertThat(active()).isZero();
      run(connection, "SELECT 1");
      assertThat(connection.isValid(5)).isTrue();
    }
  }
}

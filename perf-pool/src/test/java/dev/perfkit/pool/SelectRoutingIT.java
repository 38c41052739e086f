package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.perfkit.testkit.postgres.PostgresFixture;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Proves on a real primary and standby that statements which only read leave the primary, that
 * session state survives, and that nothing is taken for a read that a standby would refuse.
 */
@Timeout(180)
class SelectRoutingIT {

  private static PostgresFixture servers;

  private PoolGroup group;

  @BeforeAll
  static void start() throws SQLException {
    servers = PostgresFixture.startWithStandby();
    Servers.run(
        servers.primary(),
        """
        CREATE TABLE item (id int, name text);
        INSERT INTO item VALUES (1, 'lamp'), (2, 'chair');
        CREATE SEQUENCE numbers;
        CREATE VIEW counting AS SELECT nextval('numbers') AS n;
        CREATE UNLOGGED TABLE scratch (id int)
        """);
    await()
        .atMost(Duration.ofSeconds(20))
        .ignoreExceptions()
        .until(
            () ->
                Servers.one(
                        servers.standby(),
                        "SELECT count(*) FROM pg_class WHERE relname = 'scratch'")
                    .equals("1"));
  }

  @AfterAll
  static void stop() {
    servers.close();
  }

  @BeforeEach
  void open() {
    group =
        PoolGroup.named("selects")
            .primary(Servers.pooled(servers.primary(), 4))
            .replica("r1", Servers.pooled(servers.standby(), 4))
            .replicaReads(ReplicaReads.builder().autoCommitSelects(true).build())
            .probeTimeout(PoolGroupIT.PATIENCE)
            .slowStart(Duration.ZERO)
            .build();
  }

  @AfterEach
  void close() {
    group.close();
  }

  /** Asks the connection: a question for the server's role would keep it on the primary. */
  private static boolean onReplica(Connection connection) throws SQLException {
    Servers.one(connection, "SELECT count(*) FROM item");
    return connection.toString().contains("on r1");
  }

  @Test
  void select_inAutocommit_runsOnTheStandby() throws SQLException {
    try (Connection connection = group.dataSource().getConnection();
        PreparedStatement statement =
            connection.prepareStatement("SELECT name FROM item WHERE id = ?")) {
      statement.setInt(1, 1);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        assertThat(rows.getString(1)).isEqualTo("lamp");
      }
      assertThat(connection.toString()).contains("on r1");
    }
  }

  @Test
  void sessionState_madeByAnyStatement_isThereForLaterReads() throws SQLException {
    try (Connection connection = group.dataSource().getConnection()) {
      assertThat(onReplica(connection)).isTrue();
      Servers.run(connection, "CREATE TEMP TABLE mine AS SELECT 7 AS n");
      assertThat(Servers.one(connection, "SELECT n FROM mine")).isEqualTo("7");
      assertThat(Servers.one(connection, "SELECT nextval('numbers') > 0")).isEqualTo("t");
      assertThat(Servers.one(connection, "SELECT currval('numbers') > 0")).isEqualTo("t");
    }
    try (Connection connection = group.dataSource().getConnection()) {
      Servers.run(connection, "SET my.name TO 'u7'");
      assertThat(Servers.one(connection, "SELECT current_setting('my.name')")).isEqualTo("u7");
      Servers.run(connection, "LISTEN news");
      assertThat(Servers.one(connection, "SELECT * FROM pg_listening_channels()"))
          .isEqualTo("news");
      assertThat(Servers.one(connection, "SELECT pg_try_advisory_lock(7)")).isEqualTo("t");
      assertThat(Servers.one(connection, "SELECT pg_advisory_unlock(7)")).isEqualTo("t");
      Servers.run(connection, "RESET ALL");
      Servers.run(connection, "UNLISTEN *");
    }
  }

  @Test
  void rows_readWhileTheSameConnectionWrites_areAllSeen() throws SQLException {
    try (Connection connection = group.dataSource().getConnection();
        Statement reading = connection.createStatement();
        ResultSet rows = reading.executeQuery("SELECT id FROM item WHERE id < 100 ORDER BY id")) {
      int seen = 0;
      while (rows.next()) {
        seen++;
        Servers.run(connection, "UPDATE item SET name = name WHERE id = " + rows.getInt(1));
      }
      assertThat(seen).isEqualTo(2);
      assertThat(onReplica(connection)).isFalse();
    }
    assertThat(group.nodes()).extracting(NodeStatus::active).containsOnly(0);
  }

  @Test
  void preparedRead_afterAnInsertOfItsConnection_seesIt() throws SQLException {
    try (Connection connection = group.dataSource().getConnection();
        PreparedStatement count =
            connection.prepareStatement("SELECT count(*) FROM item WHERE id = ?")) {
      count.setInt(1, 1_000);
      assertThat(number(count)).isZero();
      Servers.run(connection, "INSERT INTO item VALUES (1000, 'late')");
      assertThat(number(count)).isEqualTo(1);
      Servers.run(connection, "DELETE FROM item WHERE id = 1000");
    }
  }

  private static int number(PreparedStatement statement) throws SQLException {
    try (ResultSet rows = statement.executeQuery()) {
      rows.next();
      return rows.getInt(1);
    }
  }

  @Test
  void view_thatWrites_runsOnThePrimary() throws SQLException {
    try (Connection connection = group.dataSource().getConnection()) {
      assertThat(Integer.parseInt(Servers.one(connection, "SELECT n FROM counting"))).isPositive();
      assertThat(connection.toString()).contains("on primary");
    }
  }

  @Test
  void unloggedTable_whichStandbysLack_isReadOnThePrimary() throws SQLException {
    for (int i = 0; i < 2; i++) {
      try (Connection connection = group.dataSource().getConnection()) {
        assertThat(Servers.one(connection, "SELECT count(*) FROM scratch")).isEqualTo("0");
        assertThat(connection.toString()).contains("on primary");
      }
    }
  }

  @Test
  void session_readsItsWrites_withoutSayingReadOnly() throws SQLException {
    Servers.run(servers.standby(), "SELECT pg_wal_replay_pause()");
    try (Session session = group.openSession()) {
      for (int i = 0; i < 5; i++) {
        String name = "seen-" + i;
        try (Connection connection = session.dataSource().getConnection()) {
          Servers.run(connection, "INSERT INTO item VALUES (500, '" + name + "')");
        }
        try (Connection connection = session.dataSource().getConnection()) {
          assertThat(
                  Servers.one(connection, "SELECT count(*) FROM item WHERE name = '" + name + "'"))
              .isEqualTo("1");
        }
      }
    } finally {
      Servers.run(servers.standby(), "SELECT pg_wal_replay_resume()");
    }
  }

  /** The standby is the judge: it refuses what writes, locks, or is not there. */
  @Test
  void texts_takenForReads_areNeverRefusedByAStandby() throws SQLException {
    String[] pieces = {
      "SELECT",
      "count(*)",
      "id",
      "name",
      ",",
      "1",
      "FROM item",
      "WHERE",
      "id = 1",
      "AND",
      "(",
      ")",
      "nextval('numbers')",
      "\"nextval\"('numbers')",
      "pg_catalog.nextval('numbers')",
      "INTO x",
      "FOR UPDATE",
      "FOR SHARE",
      "AS a",
      "WITH a AS",
      "(DELETE FROM item RETURNING 1)",
      "a",
      "(SELECT 1)",
      "upper('a')",
      "setval('numbers', 1)",
      "'",
      "\"",
      "$$",
      "$a$",
      "--",
      "/*",
      "*/",
      "\n",
      ";",
      "DELETE FROM item",
      "E'\\'",
      "DISTINCT ON (id)",
      "UNION",
      "VALUES (1)",
      "EXPLAIN",
      "ANALYZE",
      "::numeric(3)",
      "ORDER BY",
      "lower(name)",
      "TABLE item",
      "pg_current_wal_lsn()"
    };
    Random random = new Random(7);
    StatementKinds kinds = new StatementKinds(Set.of());
    int ran = 0;
    try (Connection standby =
        DriverManager.getConnection(
            servers.standby().jdbcUrl(), servers.standby().user(), servers.standby().password())) {
      for (int i = 0; i < 20_000; i++) {
        StringBuilder sql = new StringBuilder("SELECT 1");
        for (int n = random.nextInt(9); n > 0; n--) {
          sql.append(' ').append(pieces[random.nextInt(pieces.length)]);
        }
        if (kinds.of(sql.toString()) == StatementKind.READ && runs(standby, sql.toString())) {
          ran++;
        }
      }
    }
    assertThat(ran).isGreaterThan(100);
  }

  /** Returns whether a standby ran it; a wrong statement is no refusal. */
  private static boolean runs(Connection standby, String sql) throws SQLException {
    try {
      Servers.run(standby, sql);
      return true;
    } catch (SQLException failure) {
      assertThat(failure.getSQLState()).as(sql).isNotIn("25006", "55000", "0A000", "42809");
      return false;
    }
  }

  @Test
  void readOnlySession_withSettings_keepsThemAndRefusesToWrite() throws SQLException {
    try (Connection connection = group.dataSource().getConnection()) {
      connection.setReadOnly(true);
      Servers.run(connection, "SET my.tenant TO 't7'");
      connection.setReadOnly(false);
      assertThat(Servers.one(connection, "SELECT current_setting('my.tenant')")).isEqualTo("t7");
      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(() -> Servers.run(connection, "INSERT INTO item VALUES (3, 'no')"))
          .withMessageContaining("stays on replica 'r1'")
          .satisfies(failure -> assertThat(failure.getSQLState()).isEqualTo("25006"));
      Servers.run(connection, "RESET my.tenant");
    }
  }
}

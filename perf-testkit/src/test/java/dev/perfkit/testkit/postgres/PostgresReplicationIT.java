package dev.perfkit.testkit.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Proves what a test can do to replication: several standbys, a replay that is paused or late,
 * promotions and the return of a former primary, and commits that wait for a standby.
 */
@Timeout(180)
class PostgresReplicationIT {

  private static final Duration BOUND = Duration.ofSeconds(30);

  @Test
  void standbys_several_allFollow() throws SQLException {
    try (PostgresFixture servers = PostgresFixture.builder().standbys(2).start()) {
      assertThat(servers.standbys())
          .extracting(PostgresServer::name)
          .containsExactly("standby", "standby2");
      assertThat(servers.standby()).isSameAs(servers.standbys().get(0));
      createTable(servers);
      for (PostgresServer standby : servers.standbys()) {
        awaitRows(standby, 0);
      }
    }
  }

  @Test
  void pauseReplay_rowWritten_isSeenAfterResume() throws SQLException {
    try (PostgresFixture servers = PostgresFixture.startWithStandby()) {
      createTable(servers);
      awaitRows(servers.standby(), 0);
      servers.standby().pauseReplay();
      insert(servers.primary());
      String received = "SELECT pg_last_wal_receive_lsn() > pg_last_wal_replay_lsn()";
      await()
          .atMost(BOUND)
          .untilAsserted(() -> assertThat(ask(servers.standby(), received)).containsExactly("t"));
      assertThat(rows(servers.standby())).isZero();
      servers.standby().resumeReplay();
      awaitRows(servers.standby(), 1);
    }
  }

  @Test
  void delayReplay_rowWritten_isSeenLaterOrWhenToldOtherwise() throws SQLException {
    try (PostgresFixture servers = PostgresFixture.startWithStandby()) {
      createTable(servers);
      awaitRows(servers.standby(), 0);
      servers.standby().delayReplay(Duration.ofHours(1));
      insert(servers.primary());
      String late = "SELECT pg_last_wal_receive_lsn() > pg_last_wal_replay_lsn()";
      await()
          .atMost(BOUND)
          .untilAsserted(() -> assertThat(ask(servers.standby(), late)).containsExactly("t"));
      assertThat(rows(servers.standby())).isZero();
      servers.standby().delayReplay(Duration.ZERO);
      awaitRows(servers.standby(), 1);
    }
  }

  @Test
  void promote_primaryKilled_acceptsWritesOnTheNextTimeline() throws SQLException {
    try (PostgresFixture servers =
        PostgresFixture.builder().standbys(2).synchronous(true).start()) {
      createTable(servers);
      PostgresServer former = servers.primary();
      PostgresServer next = servers.standby();
      PostgresServer other = servers.standbys().get(1);
      former.kill();
      servers.promote(next);
      assertThat(servers.primary()).isSameAs(next);
      assertThat(servers.standbys()).containsExactly(other);
      insert(next);
      assertThat(timeline(next)).isEqualTo("00000002");

      servers.reattach(other);
      servers.reattach(former);
      assertThat(servers.standbys()).containsExactly(other, former);
      awaitRows(other, 1);
      awaitRows(former, 1);
      assertThat(ask(former, "SELECT pg_is_in_recovery()")).containsExactly("t");

      next.kill();
      servers.promote(former);
      insert(former);
      assertThat(rows(former)).isEqualTo(2);
      assertThat(timeline(former)).isEqualTo("00000003");
      assertThat(former.name()).isEqualTo("primary");
    }
  }

  @Test
  void promote_primaryStillRuns_leavesTwoThatAcceptWrites() throws SQLException {
    try (PostgresFixture servers = PostgresFixture.startWithStandby()) {
      createTable(servers);
      PostgresServer former = servers.primary();
      awaitRows(servers.standby(), 0);
      servers.promote(servers.standby());
      insert(former);
      insert(servers.primary());
      assertThat(rows(former)).isEqualTo(1);
      assertThat(rows(servers.primary())).isEqualTo(1);
      servers.reattach(former);
      assertThat(rows(former)).isEqualTo(1);
    }
  }

  @Test
  void synchronous_standbyFrozen_commitWaitsUntilItIsThawed() throws SQLException {
    try (PostgresFixture servers =
            PostgresFixture.builder().standby(true).synchronous(true).start();
        Connection connection = connect(servers.primary());
        Statement statement = connection.createStatement()) {
      createTable(servers);
      servers.standby().freeze();
      statement.setQueryTimeout(1);
      statement.execute("INSERT INTO words DEFAULT VALUES");
      assertThat(statement.getWarnings().getMessage()).contains("synchronous replication");
      servers.standby().thaw();
      statement.setQueryTimeout(0);
      statement.execute("INSERT INTO words DEFAULT VALUES");
      assertThat((Object) statement.getWarnings()).isNull();
      awaitRows(servers.standby(), 2);
    }
  }

  @Test
  void misuse_inAnyForm_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PostgresFixture.builder().standbys(9))
        .withMessage("standbys must be between 0 and 8 but was 9");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PostgresFixture.builder().synchronous(true).start())
        .withMessageContaining("standbys must be over 0 for synchronous but was 0");
    try (PostgresFixture servers = PostgresFixture.startWithStandby()) {
      PostgresServer primary = servers.primary();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> servers.promote(primary))
          .withMessageContaining("standby must be one of standbys()");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> servers.reattach(primary))
          .withMessageContaining("server must not be the primary");
      assertThatIllegalStateException().isThrownBy(primary::pauseReplay);
      servers.standby().kill();
      assertThatIllegalStateException()
          .isThrownBy(() -> servers.promote(servers.standby()))
          .withCauseInstanceOf(SQLException.class);
      assertThat(servers.primary()).isSameAs(primary);
    }
  }

  private static void createTable(PostgresFixture servers) throws SQLException {
    execute(servers.primary(), "CREATE TABLE words (id serial)");
  }

  private static void insert(PostgresServer server) throws SQLException {
    execute(server, "INSERT INTO words DEFAULT VALUES");
  }

  private static void awaitRows(PostgresServer server, int count) {
    await()
        .atMost(BOUND)
        .ignoreExceptionsInstanceOf(SQLException.class)
        .until(() -> rows(server) == count);
  }

  private static int rows(PostgresServer server) throws SQLException {
    return Integer.parseInt(ask(server, "SELECT count(*) FROM words").get(0));
  }

  private static String timeline(PostgresServer server) throws SQLException {
    return ask(server, "SELECT substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8)").get(0);
  }

  private static Connection connect(PostgresServer server) throws SQLException {
    return DriverManager.getConnection(server.jdbcUrl(), server.user(), server.password());
  }

  private static void execute(PostgresServer server, String sql) throws SQLException {
    try (Connection connection = connect(server);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static List<String> ask(PostgresServer server, String sql) throws SQLException {
    try (Connection connection = connect(server);
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      List<String> rows = new ArrayList<>();
      while (result.next()) {
        rows.add(result.getString(1));
      }
      return rows;
    }
  }
}

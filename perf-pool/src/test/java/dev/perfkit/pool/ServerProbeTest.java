package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.awaitility.Awaitility.await;

import dev.perfkit.spi.Health;
import dev.perfkit.testkit.RecordingEvents;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Proves that a host's probe makes a group of another database: H2 servers here, whose roles and
 * log positions stand in a table. Writes follow the role, sessions read where their writes are, and
 * a probe that breaks harms nothing.
 */
class ServerProbeTest {

  private static final Duration BOUND = Duration.ofSeconds(20);

  private final RecordingEvents events = RecordingEvents.create();
  private final AtomicBoolean broken = new AtomicBoolean();

  /** Reads what a server is from its table. */
  private final class TableProbe implements ServerProbe {

    @Override
    public boolean supports(DatabaseMetaData server) throws SQLException {
      return server.getDatabaseProductName().equals("H2");
    }

    @Override
    public ServerRole role(Connection connection) throws SQLException {
      if (broken.get()) {
        throw new IllegalStateException("a bug of the host");
      }
      try (Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery("SELECT writable, timeline, name FROM node")) {
        row.next();
        return new ServerRole(row.getBoolean(1), "shop", row.getLong(2), row.getString(3));
      }
    }

    @Override
    public @Nullable LogPosition position(Connection connection) throws SQLException {
      try (Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery("SELECT writable, timeline, lsn FROM node")) {
        row.next();
        return new LogPosition(row.getBoolean(1), 7, row.getLong(2), row.getLong(3));
      }
    }
  }

  private static String url(String server) {
    return "jdbc:h2:mem:probe-" + server + ";DB_CLOSE_DELAY=-1";
  }

  private static void run(String server, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url(server), "sa", "");
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static NodeConfig config(String server) {
    return NodeConfig.at(url(server)).credentials("sa", "").minimumIdle(0).maximumSize(4).build();
  }

  private PoolGroup group() {
    return PoolGroup.named("tables")
        .primary(config("a"))
        .replica("b", config("b"))
        .serverProbe(new TableProbe())
        .replicaReads(
            ReplicaReads.builder()
                .positionInterval(Duration.ofMillis(20))
                .replayWait(Duration.ZERO)
                .build())
        .probeInterval(Duration.ofMillis(50))
        .suspectProbeInterval(Duration.ofMillis(50))
        .probeTimeout(BOUND)
        .slowStart(Duration.ZERO)
        .events(events)
        .build();
  }

  @BeforeEach
  void servers() throws SQLException {
    for (String server : new String[] {"a", "b"}) {
      run(server, "CREATE TABLE node (name VARCHAR, writable BOOLEAN, timeline INT, lsn INT)");
      run(server, "INSERT INTO node VALUES ('" + server + "', " + server.equals("a") + ", 1, 10)");
    }
  }

  @AfterEach
  void stop() throws SQLException {
    run("a", "SHUTDOWN");
    run("b", "SHUTDOWN");
  }

  private static String server(Connection connection) throws SQLException {
    try (connection) {
      return Servers.one(connection, "SELECT name FROM node");
    }
  }

  private static boolean writesTo(PoolGroup group, String name) throws SQLException {
    return server(group.dataSource().getConnection()).equals(name);
  }

  @Test
  void roles_ofAForeignDatabase_decideWhoIsWrittenTo() throws SQLException {
    try (PoolGroup group = group()) {
      assertThat(group.nodes())
          .extracting(NodeStatus::role)
          .containsExactly(NodeRole.PRIMARY, NodeRole.REPLICA);
      assertThat(writesTo(group, "a")).isTrue();
      assertThat(server(group.reader().getConnection())).isEqualTo("b");
      run("b", "UPDATE node SET writable = TRUE, timeline = 2");
      await().atMost(BOUND).until(() -> group.nodes().get(0).state() == NodeState.REFUSED);
      await().atMost(BOUND).ignoreExceptions().until(() -> writesTo(group, "b"));
      await()
          .atMost(BOUND)
          .untilAsserted(
              () -> assertThat(events.types()).contains("stale-primary", "primary-changed"));
    }
  }

  @Test
  void positions_ofAForeignDatabase_keepSessionsConsistent() throws SQLException {
    try (PoolGroup group = group();
        Session session = group.openSession()) {
      try (Connection connection = session.dataSource().getConnection()) {
        Servers.run(connection, "UPDATE node SET lsn = 20");
      }
      assertThat(session.token().toString()).startsWith("1.7.1.");
      assertThat(server(session.reader().getConnection())).isEqualTo("a");
      run("b", "UPDATE node SET lsn = 20");
      await().atMost(BOUND).until(() -> server(session.reader().getConnection()).equals("b"));
    }
  }

  @Test
  void probe_thatBreaks_leavesNodesAsTheyAreAndIsTold() throws SQLException {
    try (PoolGroup group = group()) {
      broken.set(true);
      await()
          .atMost(BOUND)
          .untilAsserted(
              () ->
                  assertThat(group.nodes().get(0).problem())
                      .contains("the server probe failed", "a bug of the host"));
      assertThat(group.nodes()).extracting(NodeStatus::state).containsOnly(NodeState.UP);
      assertThat(writesTo(group, "a")).isTrue();
      broken.set(false);
      await().atMost(BOUND).until(() -> group.nodes().get(0).problem().isEmpty());
    }
  }

  @Test
  void database_thatNoProbeSupports_isWhatItsLabelsSay() throws SQLException {
    try (PoolGroup group =
        PoolGroup.named("labels").primary(config("a")).replica("b", config("b")).build()) {
      assertThat(writesTo(group, "a")).isTrue();
      assertThat(server(group.reader().getConnection())).isEqualTo("b");
      try (Session session = group.openSession()) {
        assertThat(server(session.dataSource().getConnection())).isEqualTo("a");
        assertThat(server(session.reader().getConnection())).isEqualTo("a");
      }
      assertThat(group.health().status()).isEqualTo(Health.Status.UP);
    }
  }

  @Test
  @SuppressWarnings("NullAway") // What the compiler refuses is tried on purpose.
  void role_withoutItsTexts_isRefused() {
    assertThatNullPointerException()
        .isThrownBy(() -> new ServerRole(true, null, 1, "run"))
        .withMessage("cluster");
    assertThatNullPointerException()
        .isThrownBy(() -> new ServerRole(true, "c", 1, null))
        .withMessage("incarnation");
    assertThatNullPointerException()
        .isThrownBy(() -> PoolGroup.named("x").serverProbe(null))
        .withMessage("serverProbe");
  }
}

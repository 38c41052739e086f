package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import dev.perfkit.spi.Health;
import dev.perfkit.testkit.postgres.PostgresFixture;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Proves how a group starts when something is wrong, and that the message says what to check. */
class PoolGroupStartIT {

  private static final Duration BOUND = Duration.ofSeconds(20);

  /** Has a port that is nobody else's, and does not listen. */
  private static Socket nobody;

  private static PostgresFixture servers;

  @BeforeAll
  static void start() throws IOException {
    nobody = new Socket();
    nobody.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    servers = PostgresFixture.startWithStandby();
  }

  @AfterAll
  static void stop() throws IOException {
    nobody.close();
    servers.close();
  }

  private static HikariConfig primary() {
    return PoolGroupIT.pooled(servers.primary(), 2);
  }

  private static HikariConfig standby() {
    return PoolGroupIT.pooled(servers.standby(), 2);
  }

  private static HikariConfig nowhere() {
    HikariConfig config = primary();
    config.setJdbcUrl("jdbc:postgresql://127.0.0.1:" + nobody.getLocalPort() + "/postgres");
    return config;
  }

  private static void assertFails(HikariConfig primary, String... words) {
    assertThatExceptionOfType(PoolException.class)
        .isThrownBy(() -> PoolGroup.named("orders").primary(primary).build())
        .satisfies(
            failure ->
                assertThat(failure.getMessage())
                    .contains("pool group 'orders': node 'primary' at jdbc:postgresql://127.0.0.1:")
                    .contains(words)
                    .doesNotContain(servers.primary().password()));
    await()
        .atMost(BOUND)
        .untilAsserted(
            () ->
                assertThat(Thread.getAllStackTraces().keySet())
                    .filteredOn(thread -> thread.getName().startsWith("perf-pool-orders"))
                    .isEmpty());
  }

  @Test
  void build_wrongPassword_saysSo() {
    HikariConfig config = primary();
    config.setPassword("wrong");
    assertFails(config, "28P01", "check user and password");
  }

  @Test
  void build_wrongDatabase_saysSo() {
    HikariConfig config = primary();
    config.setJdbcUrl(urlOfNoDatabase(config));
    assertFails(config, "3D000", "check the name of the database");
  }

  @Test
  void build_nobodyListens_saysSo() throws Exception {
    assertFails(nowhere(), "08001", "check host and port");
  }

  @Test
  void build_primaryIsAStandby_saysSo() {
    assertFails(standby(), "answers as a replica", "name the server that accepts writes");
  }

  @Test
  void build_primaryDownButNotRequired_startsAndRecovers() throws Exception {
    try (PoolGroup group =
        PoolGroup.named("lenient")
            .primary(nowhere())
            .replica("r1", standby())
            .primaryRequiredAtStart(false)
            .build()) {
      assertThat(group.health().status()).isEqualTo(Health.Status.DEGRADED);
      assertThat(group.health().reason())
          .contains("writes fail, no node takes them: primary 'primary' is DOWN");
      try (Connection connection = group.reader().getConnection()) {
        assertThat(PoolGroupIT.onReplica(connection)).isTrue();
      }
    }
  }

  @Test
  void build_replicaIsDown_isDegradedAndReadsFromThePrimary() throws Exception {
    try (PoolGroup group =
        PoolGroup.named("orders").primary(primary()).replica("r1", nowhere()).build()) {
      assertThat(group.health().status()).isEqualTo(Health.Status.DEGRADED);
      assertThat(group.health().reason()).contains("replica 'r1' is DOWN", "08001");
      try (Connection connection = group.reader().getConnection()) {
        assertThat(PoolGroupIT.onReplica(connection)).isFalse();
        assertThatExceptionOfType(SQLException.class)
            .isThrownBy(() -> PoolGroupIT.one(connection, "CREATE TABLE t ()"))
            .satisfies(failure -> assertThat(failure.getSQLState()).isEqualTo("25006"));
      }
    }
  }

  @Test
  void build_replicaAcceptsAndNeverAnswers_startsReadsAndClosesInTime() throws Exception {
    try (ServerSocket silent = new ServerSocket(0)) {
      HikariConfig config = standby();
      config.setJdbcUrl("jdbc:postgresql://127.0.0.1:" + silent.getLocalPort() + "/postgres");
      long start = System.nanoTime();
      PoolGroup group =
          PoolGroup.named("silent")
              .primary(primary())
              .replica("r1", config)
              .startTimeout(Duration.ofSeconds(1))
              .build();
      // Without the option it waits for the default of 10 seconds.
      assertThat(System.nanoTime() - start).isLessThan(Duration.ofSeconds(9).toNanos());
      try (Connection connection = group.reader().getConnection()) {
        assertThat(PoolGroupIT.onReplica(connection)).isFalse();
      }
      await()
          .atMost(BOUND)
          .until(() -> group.health().reason().contains("replica 'r1' is DOWN (no answer"));
      start = System.nanoTime();
      group.close();
      assertThat(System.nanoTime() - start).isLessThan(Duration.ofSeconds(30).toNanos());
    }
  }

  @Test
  void build_replicaHasAnotherPassword_isVisibleAndReadsFromThePrimary() throws Exception {
    HikariConfig wrong = standby();
    wrong.setPassword("wrong");
    assertReadsFromThePrimary(wrong, "28P01");
  }

  @Test
  void build_replicaHasAnotherDatabase_isVisibleAndReadsFromThePrimary() throws Exception {
    HikariConfig wrong = standby();
    wrong.setJdbcUrl(urlOfNoDatabase(wrong));
    assertReadsFromThePrimary(wrong, "3D000");
  }

  private static String urlOfNoDatabase(HikariConfig config) {
    return config.getJdbcUrl().replaceFirst("/[^/?]*(\\?|$)", "/absent$1");
  }

  private static void assertReadsFromThePrimary(HikariConfig replica, String state)
      throws SQLException {
    try (PoolGroup group =
        PoolGroup.named("orders").primary(primary()).replica("r1", replica).build()) {
      assertThat(group.health().reason()).contains("replica 'r1' is UNKNOWN", state);
      try (Connection connection = group.reader().getConnection()) {
        assertThat(PoolGroupIT.onReplica(connection)).isFalse();
      }
    }
  }

  @Test
  void build_replicaIsThePrimary_worksAndSaysSo() throws Exception {
    try (PoolGroup group =
        PoolGroup.named("orders").primary(primary()).replica("r1", primary()).build()) {
      assertThat(group.health().reason()).contains("replica 'r1' accepts writes");
      try (Connection connection = group.reader().getConnection()) {
        assertThat(connection.toString()).contains("nothing borrowed");
        assertThatExceptionOfType(SQLException.class)
            .isThrownBy(() -> PoolGroupIT.one(connection, "CREATE TABLE t ()"))
            .satisfies(failure -> assertThat(failure.getSQLState()).isEqualTo("25006"));
        assertThat(connection.toString()).contains("on r1");
      }
    }
  }

  @Test
  void readOnlyMode_givenByTheHost_isLeftAlone() throws Exception {
    HikariConfig config = primary();
    config.setJdbcUrl(config.getJdbcUrl() + "?readOnlyMode=ignore");
    try (PoolGroup group = PoolGroup.named("orders").primary(config).build();
        Connection connection = group.reader().getConnection()) {
      assertThat(PoolGroupIT.one(connection, "SHOW transaction_read_only")).isEqualTo("off");
    }
  }

  @Test
  void primary_killedAndRestarted_goesDownAndComesBackByItself() throws Exception {
    try (PoolGroup group =
        PoolGroup.named("orders")
            .primary(primary())
            .probeInterval(Duration.ofMillis(200))
            .suspectProbeInterval(Duration.ofMillis(100))
            .build()) {
      servers.primary().kill();
      await()
          .atMost(BOUND)
          .until(() -> group.health().reason().contains("primary 'primary' is DOWN"));
      assertThat(group.health().status()).isEqualTo(Health.Status.DOWN);
      servers.primary().restart();
      await().atMost(BOUND).until(() -> group.health().status() == Health.Status.UP);
      try (Connection connection = group.dataSource().getConnection()) {
        assertThat(PoolGroupIT.one(connection, "SELECT 1")).isEqualTo("1");
      }
    }
  }
}

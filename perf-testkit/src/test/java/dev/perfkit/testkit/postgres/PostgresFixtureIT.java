package dev.perfkit.testkit.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dev.perfkit.testkit.internal.Leftovers;
import dev.perfkit.testkit.internal.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Proves that a primary and its standby are real, that the standby streams and only reads, that
 * each dies with all its processes and comes back with its data, and that nothing is left behind.
 */
@Timeout(180)
class PostgresFixtureIT {

  private static final Duration BOUND = Duration.ofSeconds(30);

  private PostgresFixture servers;

  @BeforeEach
  void start() throws SQLException {
    servers = PostgresFixture.startWithStandby();
    execute(servers.primary(), "CREATE TABLE words (word text)");
  }

  @AfterEach
  void stop() {
    servers.close();
  }

  @Test
  void startWithStandby_rowWrittenOnPrimary_appearsOnStandby() throws SQLException {
    write("hello");
    awaitOnStandby("hello");
    assertThat(servers.primary().name()).isEqualTo("primary");
    assertThat(servers.standby().name()).isEqualTo("standby");
    assertThat(ask(servers.primary(), "SELECT pg_is_in_recovery()")).containsExactly("f");
    assertThat(ask(servers.standby(), "SELECT pg_is_in_recovery()")).containsExactly("t");
  }

  @Test
  void startWithStandby_writeOnStandby_isRefused() {
    awaitOnStandby();
    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> execute(servers.standby(), "INSERT INTO words VALUES ('no')"))
        .satisfies(refused -> assertThat(refused.getSQLState()).isEqualTo("25006"));
  }

  @Test
  void password_wrong_isRefused() {
    for (PostgresServer server : List.of(servers.primary(), servers.standby())) {
      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(() -> DriverManager.getConnection(server.jdbcUrl(), server.user(), "guess"))
          .satisfies(refused -> assertThat(refused.getSQLState()).isEqualTo("28P01"));
      assertThat(server.toString()).doesNotContain(server.password());
    }
  }

  @Test
  void kill_primaryAtWork_leavesNoneOfItsProcesses() throws SQLException {
    PostgresServer primary = servers.primary();
    try (Connection busy = connect(primary);
        Connection open = connect(primary)) {
      List<Long> processes = processes(primary);
      long backend = keepBusy(busy, open);
      assertThat(processes).contains(backend).hasSizeGreaterThan(5);
      primary.kill();
      assertThat(processes).allMatch(Leftovers::isGone);
      assertThat(primary.isRunning()).isFalse();
      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(() -> open.createStatement().execute("SELECT 1"));
      assertThatExceptionOfType(SQLException.class).isThrownBy(() -> connect(primary));
    }
  }

  @Test
  void restart_primaryAfterKill_hasWhatWasCommittedAndStreamsAgain()
      throws SQLException, IOException {
    PostgresServer primary = servers.primary();
    String url = primary.jdbcUrl();
    write("committed");
    try (Connection open = connect(primary);
        Statement statement = open.createStatement()) {
      open.setAutoCommit(false);
      statement.execute("INSERT INTO words VALUES ('not committed')");
      primary.kill();
    }
    assertThat(servers.standby().isRunning()).isTrue();
    long killed = primary.pid();
    primary.restart();
    assertThat(primary.isRunning()).isTrue();
    assertThat(primary.pid()).isNotEqualTo(killed);
    assertThat(primary.jdbcUrl()).isEqualTo(url);
    assertThat(log(primary)).contains("was not properly shut down");
    assertThat(words(primary)).containsExactly("committed");
    write("after restart");
    awaitOnStandby("committed", "after restart");
  }

  @Test
  void restart_primaryAfterStop_needsNoRecovery() throws SQLException, IOException {
    PostgresServer primary = servers.primary();
    write("before");
    primary.stop();
    primary.stop();
    assertThat(primary.isRunning()).isFalse();
    primary.restart();
    assertThat(log(primary)).doesNotContain("was not properly shut down");
    assertThat(words(primary)).containsExactly("before");
    write("after");
    awaitOnStandby("before", "after");
  }

  @Test
  void restart_standbyAfterKillOrStop_catchesUp() throws SQLException {
    servers.standby().kill();
    assertThat(servers.standby().isRunning()).isFalse();
    write("while killed");
    execute(servers.primary(), "SELECT pg_switch_wal()");
    execute(servers.primary(), "CHECKPOINT");
    servers.standby().restart();
    awaitOnStandby("while killed");
    servers.standby().stop();
    write("while stopped");
    servers.standby().restart();
    awaitOnStandby("while killed", "while stopped");
  }

  @Test
  void restart_standbyWithoutPrimary_readsAndStreamsLater() throws SQLException {
    write("before");
    awaitOnStandby("before");
    servers.primary().kill();
    servers.standby().restart();
    assertThat(words(servers.standby())).containsExactly("before");
    servers.primary().restart();
    write("after");
    awaitOnStandby("before", "after");
  }

  @Test
  void restart_whileRunning_keepsWhatWasCommitted() throws SQLException {
    write("before");
    long pid = servers.primary().pid();
    servers.primary().restart();
    assertThat(servers.primary().pid()).isNotEqualTo(pid);
    assertThat(words(servers.primary())).containsExactly("before");
  }

  @Test
  void freeze_primaryAtWork_noProcessAnswersUntilThawed() throws SQLException {
    PostgresServer primary = servers.primary();
    try (Connection open = connect(primary)) {
      open.setNetworkTimeout(Runnable::run, 500);
      primary.freeze();
      assertThat(primary.isRunning()).isTrue();
      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(() -> ask(open, "SELECT 1"))
          .satisfies(failed -> assertThat(failed.getSQLState()).isEqualTo("08006"));
      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(
              () ->
                  DriverManager.getConnection(
                      primary.jdbcUrl() + "?loginTimeout=1", primary.user(), primary.password()));
    }
    primary.thaw();
    write("thawed");
    awaitOnStandby("thawed");
    primary.freeze();
    primary.restart();
    assertThat(words(primary)).containsExactly("thawed");
  }

  @Test
  void pid_runningServer_isAnUnprivilegedPostgres() throws IOException {
    for (PostgresServer server : List.of(servers.primary(), servers.standby())) {
      ProcessHandle process = ProcessHandle.of(server.pid()).orElseThrow();
      assertThat(process.isAlive()).isTrue();
      Path entry = Path.of("/proc/" + server.pid());
      if (Files.exists(entry)) {
        assertThat(Files.readString(entry.resolve("comm"))).isEqualTo("postgres\n");
      }
      Path data = Leftovers.fixtureOf(server.pid()).orElseThrow().resolve(server.name());
      assertThat(Files.getPosixFilePermissions(data, LinkOption.NOFOLLOW_LINKS)).hasSize(3);
    }
  }

  @Test
  void close_anyState_leavesNoProcessNoFileNoSharedMemory() throws Exception {
    PostgresServer primary = servers.primary();
    PostgresServer standby = servers.standby();
    Path folder = Leftovers.fixtureOf(primary.pid()).orElseThrow();
    List<Long> processes = Stream.of(primary, standby).flatMap(s -> processes(s).stream()).toList();
    List<String> memory =
        Stream.concat(
                Leftovers.sharedMemoryOf(folder.resolve("primary")).stream(),
                Leftovers.sharedMemoryOf(folder.resolve("standby")).stream())
            .toList();
    assertThat(memory).as("this test can only see it on Linux").hasSize(onLinux() ? 2 : 0);
    standby.kill();
    servers.close();
    assertThat(processes).allMatch(Leftovers::isGone);
    assertThat(folder).doesNotExist();
    assertThat(Ports.isFree(primary.port())).isTrue();
    assertThat(Ports.isFree(standby.port())).isTrue();
    for (String id : memory) {
      assertThat(Leftovers.sharedMemoryExists(id)).isFalse();
    }
  }

  @Test
  void close_secondTime_doesNothingAndRestartIsRefused() {
    servers.close();
    servers.close();
    servers.primary().kill();
    servers.primary().stop();
    assertThat(servers.primary().isRunning()).isFalse();
    assertThatIllegalStateException()
        .isThrownBy(servers.primary()::restart)
        .withMessage("postgres 'primary' cannot restart: its fixture is closed");
  }

  private void write(String word) throws SQLException {
    execute(servers.primary(), "INSERT INTO words VALUES ('" + word + "')");
  }

  private void awaitOnStandby(String... words) {
    await()
        .atMost(BOUND)
        .ignoreExceptionsInstanceOf(SQLException.class)
        .untilAsserted(() -> assertThat(words(servers.standby())).containsExactly(words));
  }

  private static List<String> words(PostgresServer server) throws SQLException {
    return ask(server, "SELECT word FROM words");
  }

  /** Has a backend compute for hours, so that it would not notice the death of its parent. */
  private static long keepBusy(Connection busy, Connection watching) throws SQLException {
    long backend = Long.parseLong(ask(busy, "SELECT pg_backend_pid()").get(0));
    Thread work =
        new Thread(
            () -> {
              try {
                ask(busy, "SELECT count(*) FROM generate_series(1, 100000000000)");
              } catch (SQLException killed) {
                Thread.currentThread().interrupt();
              }
            });
    work.setDaemon(true);
    work.start();
    await()
        .atMost(BOUND)
        .untilAsserted(
            () ->
                assertThat(
                        ask(watching, "SELECT state FROM pg_stat_activity WHERE pid = " + backend))
                    .containsExactly("active"));
    return backend;
  }

  private static List<Long> processes(PostgresServer server) {
    ProcessHandle postmaster = ProcessHandle.of(server.pid()).orElseThrow();
    return Stream.concat(Stream.of(postmaster), postmaster.descendants())
        .map(ProcessHandle::pid)
        .toList();
  }

  private static boolean onLinux() {
    return Files.exists(Path.of("/proc/sysvipc/shm"));
  }

  private static String log(PostgresServer server) throws IOException {
    Path folder = Leftovers.fixtureOf(server.pid()).orElseThrow();
    return Files.readString(folder.resolve(server.name() + ".log"));
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
    try (Connection connection = connect(server)) {
      return ask(connection, sql);
    }
  }

  private static List<String> ask(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      List<String> rows = new ArrayList<>();
      while (result.next()) {
        rows.add(result.getString(1));
      }
      return rows;
    }
  }
}

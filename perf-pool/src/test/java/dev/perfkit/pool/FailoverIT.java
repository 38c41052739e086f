package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import dev.perfkit.testkit.RecordingEvents;
import dev.perfkit.testkit.postgres.PostgresFixture;
import dev.perfkit.testkit.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Proves on a real primary and standbys that writes follow the roles of the servers: after a kill
 * and a promotion, when the former primary comes back, when two servers accept writes, and when a
 * primary is frozen; and what those in flight are told. Prints how long it took, which on a quiet
 * machine is under 2 s after a promotion, 5 s after a kill and 3 s after a freeze; the bounds here
 * are those of a machine with four times the work it can do.
 */
@Timeout(240)
class FailoverIT {

  private static final Duration BOUND = Duration.ofSeconds(30);

  private final RecordingEvents events = RecordingEvents.create();
  private final ExecutorService callers = Executors.newCachedThreadPool();
  private PostgresFixture servers;
  private PoolGroup group;

  @BeforeEach
  void start() throws SQLException {
    servers = PostgresFixture.builder().standby(true).synchronous(true).start();
    group =
        PoolGroup.named("orders")
            .primary(pooled(servers.primary()))
            .replica("r1", pooled(servers.standby()))
            .events(events)
            .build();
    write("CREATE TABLE item (name text)");
  }

  @AfterEach
  void stop() {
    callers.shutdownNow();
    group.close();
    servers.close();
  }

  static HikariConfig pooled(PostgresServer server) {
    HikariConfig config = PoolGroupIT.pooled(server, 6);
    config.setConnectionTimeout(20_000);
    return config;
  }

  private void write(String sql) throws SQLException {
    try (Connection connection = group.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private void insert(String name) throws SQLException {
    write("INSERT INTO item VALUES ('" + name + "')");
  }

  /** Writes as soon as it can, as a client does that is told to retry. */
  private CompletableFuture<Long> firstWrite() {
    return CompletableFuture.supplyAsync(
        () -> {
          while (true) {
            try {
              insert("after");
              return System.nanoTime();
            } catch (SQLException retried) {
              assertThat(retried.getSQLState()).startsWith("08");
            }
          }
        });
  }

  private NodeStatus status(String node) {
    return group.nodes().stream().filter(n -> n.name().equals(node)).findFirst().orElseThrow();
  }

  private static long millis(long from, long to) {
    return TimeUnit.NANOSECONDS.toMillis(to - from);
  }

  @Test
  void primary_killedAndStandbyPromoted_takesWritesSoonAndReadsFromTheFormerOneLater()
      throws Exception {
    insert("before");
    PostgresServer former = servers.primary();
    long killed = System.nanoTime();
    former.kill();
    CompletableFuture<Long> written = firstWrite();
    servers.promote(servers.standby());
    long promoted = System.nanoTime();
    long first = written.get(20, TimeUnit.SECONDS);
    System.out.printf(
        "primary killed, standby promoted: writes succeed %d ms after the promotion, %d ms after"
            + " the kill%n",
        millis(promoted, first), millis(killed, first));
    assertThat(millis(promoted, first)).isLessThan(2_000);
    assertThat(millis(killed, first)).isLessThan(5_000);
    awaited(
        () ->
            assertThat(events.types())
                .containsSubsequence("no-primary", "primary-changed")
                .doesNotContain("two-primaries", "stale-primary"));

    servers.reattach(former);
    await()
        .atMost(BOUND)
        .until(
            () ->
                status("primary").state() == NodeState.UP
                    && status("primary").role() == NodeRole.REPLICA);
    await().atMost(BOUND).until(() -> readsFrom(former));
    insert("later");
    assertThat(count("SELECT count(*) FROM item")).isEqualTo(3);
    awaited(() -> assertThat(group.health().status()).hasToString("UP"));
  }

  /** Events follow the state that they tell of. */
  private static void awaited(ThrowingRunnable assertions) {
    await().atMost(BOUND).untilAsserted(assertions);
  }

  private boolean readsFrom(PostgresServer server) throws SQLException {
    try (Connection connection = group.reader().getConnection()) {
      return PoolGroupIT.one(connection, "SELECT inet_server_port()")
          .equals(String.valueOf(server.port()));
    }
  }

  private int count(String sql) throws SQLException {
    try (Connection connection = group.dataSource().getConnection()) {
      return Integer.parseInt(PoolGroupIT.one(connection, sql));
    }
  }

  @Test
  void primary_stillRunsWhenAnotherIsPromoted_isRefusedAndItsConnectionsEnd() throws Exception {
    PostgresServer former = servers.primary();
    try (Connection open = group.dataSource().getConnection();
        Statement statement = open.createStatement()) {
      open.setAutoCommit(false);
      statement.execute("INSERT INTO item VALUES ('in a transaction')");
      servers.promote(servers.standby());
      await()
          .atMost(BOUND)
          .untilAsserted(() -> assertThat(status("primary").state()).isEqualTo(NodeState.REFUSED));
      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(() -> statement.execute("SELECT 1"))
          .satisfies(failure -> assertThat(failure.getSQLState()).isEqualTo("08S02"));
    }
    insert("on the new one");
    assertThat(count("SELECT inet_server_port()")).isEqualTo(servers.primary().port());
    assertThat(status("primary").problem())
        .contains("accepts writes on timeline 1 but timeline 2 exists", "make it a standby");
    awaited(
        () ->
            assertThat(events.types())
                .contains("stale-primary", "primary-changed", "connections-ended"));
    servers.reattach(former);
    await().atMost(BOUND).until(() -> status("primary").state() == NodeState.UP);
  }

  @Test
  void primary_frozen_isFoundOutAndInFlightCallsEnd() throws Exception {
    List<CompletableFuture<SQLException>> calls = new ArrayList<>();
    insert("before");
    for (int i = 0; i < 3; i++) {
      boolean transaction = i > 0;
      calls.add(CompletableFuture.supplyAsync(() -> slowly(transaction), callers));
    }
    await().atMost(BOUND).until(() -> status("primary").active() == 3);
    long frozen = System.nanoTime();
    servers.primary().freeze();
    await()
        .atMost(BOUND)
        .pollInterval(Duration.ofMillis(10))
        .until(() -> status("primary").state() == NodeState.DOWN);
    long detected = System.nanoTime();
    for (int i = 0; i < calls.size(); i++) {
      SQLException told = calls.get(i).get(20, TimeUnit.SECONDS);
      assertThat(told.getSQLState()).isEqualTo(i > 0 ? "08S02" : "08007");
    }
    long released = System.nanoTime();
    System.out.printf(
        "primary frozen: detected after %d ms, calls in flight released after %d ms%n",
        millis(frozen, detected), millis(frozen, released));
    assertThat(millis(frozen, released)).isLessThan(3_000);

    CompletableFuture<Long> waiting = firstWrite();
    servers.primary().thaw();
    waiting.get(20, TimeUnit.SECONDS);
  }

  private SQLException slowly(boolean inTransaction) {
    try (Connection connection = group.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(!inTransaction);
      statement.execute("SELECT pg_sleep(60)");
      return new SQLException("it was not ended");
    } catch (SQLException failure) {
      return failure;
    }
  }

  @Test
  void commit_cancelledWhileItWaitsForTheStandby_isUnknown() throws Exception {
    servers.standby().freeze();
    try (Connection connection = group.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("INSERT INTO item VALUES ('commit')");
      String backend = PoolGroupIT.one(connection, "SELECT pg_backend_pid()");
      CompletableFuture<Void> cancelled = cancelWhenWaiting(backend);
      assertUnknown(connection::commit);
      cancelled.get(20, TimeUnit.SECONDS);
      cancelled = cancelWhenWaiting(backend);
      assertUnknown(() -> statement.execute("INSERT INTO item VALUES ('text'); /* x */ commit"));
      cancelled.get(20, TimeUnit.SECONDS);
      connection.setAutoCommit(true);
      cancelled = cancelWhenWaiting(backend);
      assertUnknown(() -> statement.executeUpdate("INSERT INTO item VALUES ('autocommit')"));
      cancelled.get(20, TimeUnit.SECONDS);
      assertThat(PoolGroupIT.one(connection, "SELECT count(*) FROM item")).isEqualTo("3");
    }
    servers.standby().thaw();
    insert("confirmed");
  }

  private static void assertUnknown(org.assertj.core.api.ThrowableAssert.ThrowingCallable work) {
    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(work)
        .withMessageContaining("without the confirmation of a synchronous standby")
        .satisfies(failure -> assertThat(failure.getSQLState()).isEqualTo("08007"));
  }

  private CompletableFuture<Void> cancelWhenWaiting(String backend) {
    String waiting =
        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND pid ="
            + " "
            + backend;
    return CompletableFuture.runAsync(
        () ->
            await()
                .atMost(BOUND)
                .ignoreExceptions()
                .until(
                    () -> {
                      try (Connection other = group.dataSource().getConnection()) {
                        return PoolGroupIT.one(other, waiting).equals("t");
                      }
                    }));
  }
}

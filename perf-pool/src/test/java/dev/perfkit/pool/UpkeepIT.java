package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.util.Credentials;
import dev.perfkit.testkit.RecordingEvents;
import dev.perfkit.testkit.postgres.PostgresFixture;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Proves on real servers that nodes and groups can be emptied without an error, that a password is
 * replaced under load without one, and that a user without rights is enough to tell roles.
 */
@Timeout(120)
class UpkeepIT {

  private static final Duration BOUND = Duration.ofSeconds(30);

  private static PostgresFixture servers;

  private final RecordingEvents events = RecordingEvents.create();

  @BeforeAll
  static void start() {
    servers = PostgresFixture.startWithStandby();
  }

  @AfterAll
  static void stop() {
    servers.close();
  }

  private PoolGroup.Builder builder() {
    return PoolGroup.named("upkeep")
        .primary(PoolGroupIT.pooled(servers.primary(), 4))
        .replica("r1", PoolGroupIT.pooled(servers.standby(), 4))
        .slowStart(Duration.ZERO)
        .probeTimeout(PoolGroupIT.PATIENCE)
        .events(events);
  }

  private static boolean readsOnReplica(PoolGroup group) throws SQLException {
    try (Connection connection = group.reader().getConnection()) {
      return PoolGroupIT.onReplica(connection);
    }
  }

  @Test
  void drain_replica_letsWorkEndAndSendsReadsElsewhereUntilResume() throws Exception {
    try (PoolGroup group = builder().build()) {
      Connection busy = group.reader().getConnection();
      assertThat(PoolGroupIT.onReplica(busy)).isTrue();
      CompletableFuture<Boolean> drained =
          CompletableFuture.supplyAsync(() -> group.drain("r1", BOUND));
      await().atMost(BOUND).until(() -> group.nodes().get(1).state() == NodeState.DRAINED);
      assertThat(readsOnReplica(group)).isFalse();
      assertThat(PoolGroupIT.onReplica(busy)).isTrue();
      assertThat(drained).isNotDone();
      busy.close();
      assertThat(drained.get(20, TimeUnit.SECONDS)).isTrue();
      assertThat(group.health().reason()).contains("'r1' is DRAINED");
      group.resume("r1");
      assertThat(readsOnReplica(group)).isTrue();
      assertThat(events.types()).containsExactly("drained");
    }
  }

  @Test
  void drain_deadlineOver_endsWhatIsLeft() throws Exception {
    try (PoolGroup group = builder().build();
        Connection stuck = group.reader().getConnection()) {
      assertThat(PoolGroupIT.onReplica(stuck)).isTrue();
      assertThat(group.drain("r1", Duration.ZERO)).isFalse();
      await()
          .atMost(BOUND)
          .untilAsserted(
              () ->
                  assertThatExceptionOfType(SQLException.class)
                      .isThrownBy(() -> PoolGroupIT.onReplica(stuck)));
    }
  }

  @Test
  void drain_primary_letsWritesWaitUntilResume() throws Exception {
    try (PoolGroup group = builder().build()) {
      assertThat(group.drain("primary", BOUND)).isTrue();
      CompletableFuture<String> write =
          CompletableFuture.supplyAsync(() -> ask(group, "SELECT 'written'"));
      assertThat(readsOnReplica(group)).isTrue();
      assertThat(write).isNotDone();
      group.resume("primary");
      assertThat(write.get(20, TimeUnit.SECONDS)).isEqualTo("written");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> group.drain("r2", BOUND))
          .withMessage("node must be one of [primary, r1] of pool group 'upkeep' but was 'r2'");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> group.drain("r1", Duration.ofSeconds(-1)));
    }
  }

  private static String ask(PoolGroup group, String sql) {
    try (Connection connection = group.dataSource().getConnection()) {
      return PoolGroupIT.one(connection, sql);
    } catch (SQLException failure) {
      throw new AssertionError(failure);
    }
  }

  @Test
  void drain_group_letsWorkEndLendsNoMoreAndCloses() throws Exception {
    PoolGroup group = builder().build();
    Connection busy = group.dataSource().getConnection();
    PoolGroupIT.one(busy, "SELECT 1");
    CompletableFuture<Boolean> drained = CompletableFuture.supplyAsync(() -> group.drain(BOUND));
    await()
        .atMost(BOUND)
        .untilAsserted(
            () ->
                assertThatExceptionOfType(SQLException.class)
                    .isThrownBy(() -> readsOnReplica(group))
                    .withMessageContaining("is drained and lends no more connections"));
    assertThat(PoolGroupIT.one(busy, "SELECT 2")).isEqualTo("2");
    busy.close();
    assertThat(drained.get(20, TimeUnit.SECONDS)).isTrue();
    assertThat(group.health().reason()).isEqualTo("closed");
  }

  @Test
  void credentials_replacedUnderLoad_costNoError() throws Exception {
    superuser("CREATE ROLE app LOGIN PASSWORD 'old-one'");
    HikariConfig primary = PoolGroupIT.pooled(servers.primary(), 4);
    primary.setUsername("app");
    primary.setPassword("old-one");
    HikariConfig standby = PoolGroupIT.pooled(servers.standby(), 4);
    standby.setUsername("app");
    standby.setPassword("old-one");
    awaitOnStandby("SELECT 1 FROM pg_roles WHERE rolname = 'app'");
    ExecutorService load = Executors.newFixedThreadPool(4);
    AtomicBoolean running = new AtomicBoolean(true);
    AtomicLong done = new AtomicLong();
    Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    try (PoolGroup group =
        PoolGroup.named("rotated")
            .primary(primary)
            .replica("r1", standby)
            .probeTimeout(PoolGroupIT.PATIENCE)
            .events(events)
            .build()) {
      List<Future<?>> threads = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        boolean reads = i % 2 == 0;
        threads.add(load.submit(() -> use(group, reads, running, done, failures)));
      }
      awaitMore(done);
      superuser("CREATE ROLE app2 LOGIN PASSWORD 'new-one' IN ROLE app");
      awaitOnStandby("SELECT 1 FROM pg_roles WHERE rolname = 'app2'");
      group.credentials("app2", "new-one");
      awaitMore(done);
      await()
          .atMost(BOUND)
          .until(
              () -> superuser("SELECT count(*) FROM pg_stat_activity WHERE usename = 'app'") == 0);
      superuser("ALTER ROLE app NOLOGIN");
      awaitMore(done);
      running.set(false);
      for (Future<?> thread : threads) {
        thread.get(20, TimeUnit.SECONDS);
      }
      assertThat(failures).isEmpty();
      assertThat(ask(group, "SELECT current_user")).isEqualTo("app2");
      assertThat(events.types()).containsExactly("credentials-replaced");
      assertThat(events.events().toString()).doesNotContain("new-one");
    } finally {
      running.set(false);
      load.shutdownNow();
    }
  }

  private static void use(
      PoolGroup group,
      boolean reads,
      AtomicBoolean running,
      AtomicLong done,
      Queue<Throwable> failures) {
    while (running.get()) {
      try (Connection connection = (reads ? group.reader() : group.dataSource()).getConnection()) {
        PoolGroupIT.one(connection, "SELECT 1");
        done.incrementAndGet();
      } catch (SQLException failure) {
        failures.add(failure);
      }
    }
  }

  private static void awaitMore(AtomicLong done) {
    long before = done.get();
    await().atMost(BOUND).until(() -> done.get() > before + 200);
  }

  private static long superuser(String sql) throws SQLException {
    try (PoolGroup direct =
            PoolGroup.named("superuser").primary(PoolGroupIT.pooled(servers.primary(), 1)).build();
        Connection connection = direct.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      if (!statement.execute(sql)) {
        return 0;
      }
      try (var rows = statement.getResultSet()) {
        rows.next();
        return rows.getLong(1);
      }
    }
  }

  private static void awaitOnStandby(String sql) {
    await()
        .atMost(BOUND)
        .ignoreExceptions()
        .until(
            () -> {
              try (PoolGroup direct =
                      PoolGroup.named("standby")
                          .primary(PoolGroupIT.pooled(servers.standby(), 1))
                          .primaryRequiredAtStart(false)
                          .build();
                  Connection connection = direct.reader().getConnection()) {
                return PoolGroupIT.one(connection, sql).equals("1");
              }
            });
  }

  @Test
  void credentials_ofAProvider_areLeftToIt() throws SQLException {
    HikariConfig provided = PoolGroupIT.pooled(servers.primary(), 2);
    Credentials right = Credentials.of(servers.primary().user(), servers.primary().password());
    provided.setUsername(null);
    provided.setPassword(null);
    provided.setCredentialsProvider(() -> right);
    try (PoolGroup group = PoolGroup.named("provided").primary(provided).build()) {
      assertThat(ask(group, "SELECT 1")).isEqualTo("1");
      assertThatIllegalStateException()
          .isThrownBy(() -> group.credentials("a", "b"))
          .withMessageContaining("node 'primary' has a HikariCredentialsProvider");
      assertThatIllegalArgumentException().isThrownBy(() -> group.credentials(" ", "b"));
    }
  }

  @Test
  void user_withoutRights_tellsRolesAndTimelineOfThePrimary() throws SQLException {
    superuser("CREATE ROLE plain LOGIN PASSWORD 'plain'");
    HikariConfig primary = PoolGroupIT.pooled(servers.primary(), 2);
    primary.setUsername("plain");
    primary.setPassword("plain");
    HikariConfig standby = PoolGroupIT.pooled(servers.standby(), 2);
    standby.setUsername("plain");
    standby.setPassword("plain");
    awaitOnStandby("SELECT 1 FROM pg_roles WHERE rolname = 'plain'");
    try (PoolGroup group =
        PoolGroup.named("plain").primary(primary).replica("r1", standby).build()) {
      assertThat(group.nodes())
          .extracting(NodeStatus::role)
          .containsExactly(NodeRole.PRIMARY, NodeRole.REPLICA);
      assertThat(group.roster().timeline()).isEqualTo(1);
      assertThat(group.health().status()).hasToString("UP");
    }
  }
}

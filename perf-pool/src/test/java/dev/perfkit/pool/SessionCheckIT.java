package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.perfkit.testkit.postgres.PostgresFixture;
import dev.perfkit.testkit.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Proves that sessions read their writes and never less than before, while the replay of two
 * standbys is paused and resumed and the standbys are killed and started again, further back than
 * they were. A sample in a normal run; {@code -Dperfkit.pool.check=PT10M} takes its time.
 */
class SessionCheckIT {

  private static final Duration LENGTH =
      Duration.parse(System.getProperty("perfkit.pool.check", "PT12S"));

  private static PostgresFixture servers;

  @BeforeAll
  static void start() throws SQLException {
    servers = PostgresFixture.builder().standbys(2).setting("max_connections", "100").start();
    PostgresServer primary = servers.primary();
    try (Connection connection =
        DriverManager.getConnection(primary.jdbcUrl(), primary.user(), primary.password())) {
      SessionCheck.createTable(connection);
    }
    for (PostgresServer standby : servers.standbys()) {
      await()
          .atMost(Duration.ofSeconds(20))
          .ignoreExceptions()
          .until(() -> "100".equals(Servers.one(standby, "SELECT count(*) FROM checked")));
    }
  }

  @AfterAll
  static void stop() {
    servers.close();
  }

  private static PoolGroup group(String name, ReplicaReads reads) {
    return PoolGroup.named(name)
        .primary(Servers.pooled(servers.primary(), 8))
        .replica("r1", Servers.pooled(servers.standbys().get(0), 8))
        .replica("r2", Servers.pooled(servers.standbys().get(1), 8))
        .replicaReads(reads)
        .suspectProbeInterval(Duration.ofMillis(200))
        .build();
  }

  @Test
  void sessions_replayPausedAndStandbysKilled_neverSeeLess() throws Exception {
    ReplicaReads reads = ReplicaReads.builder().positionInterval(Duration.ofMillis(100)).build();
    try (PoolGroup one = group("one", reads);
        PoolGroup two = group("two", reads)) {
      SessionCheck check = new SessionCheck(one, two);
      List<Thread> clients = check.start(6);
      disturb(System.nanoTime() + LENGTH.toNanos());
      check.stop(clients);
      System.out.println("sessions over " + LENGTH + ": " + check);
      assertThat(check.violations).isEmpty();
      assertThat(check.writes.get()).isPositive();
      assertThat(check.replicaReads.get()).isPositive();
      assertThat(check.primaryReads.get()).isPositive();
    }
  }

  private static void disturb(long until) {
    Random random = new Random(7);
    while (System.nanoTime() - until < 0) {
      PostgresServer standby = servers.standbys().get(random.nextInt(2));
      switch (random.nextInt(8)) {
        case 0 -> {
          standby.kill();
          standby.restart();
        }
        case 1, 2, 3 -> standby.resumeReplay();
        default -> standby.pauseReplay();
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(400)));
    }
    servers.standbys().forEach(PostgresServer::resumeReplay);
  }

  @Test
  void checker_sessionsThatKeepNothing_findsViolations() throws Exception {
    ReplicaReads none = ReplicaReads.builder().readYourWrites(ReadYourWrites.NONE).build();
    try (PoolGroup loose = group("loose", none)) {
      SessionCheck check = new SessionCheck(loose);
      servers.standbys().get(0).pauseReplay();
      List<Thread> clients = check.start(2);
      await().atMost(Duration.ofSeconds(20)).until(() -> !check.violations.isEmpty());
      check.stop(clients);
    } finally {
      servers.standbys().get(0).resumeReplay();
    }
  }
}

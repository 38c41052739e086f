package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.perfkit.testkit.postgres.PostgresFixture;
import dev.perfkit.testkit.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Proves that sessions, and the tokens they hand on, read their writes across failovers: the
 * primary is killed, a synchronous standby is promoted, and the old primary comes back as its
 * standby.
 */
class SessionFailoverIT {

  private static final int FAILOVERS = Integer.getInteger("perfkit.pool.failovers", 2);

  private static PostgresFixture servers;
  private static List<PostgresServer> all;

  @BeforeAll
  static void start() throws SQLException {
    servers =
        PostgresFixture.builder()
            .standbys(2)
            .synchronous(true)
            .setting("max_connections", "100")
            .start();
    all = new ArrayList<>(servers.standbys());
    all.add(0, servers.primary());
    PostgresServer primary = servers.primary();
    try (Connection connection =
        DriverManager.getConnection(primary.jdbcUrl(), primary.user(), primary.password())) {
      SessionCheck.createTable(connection);
    }
  }

  @AfterAll
  static void stop() {
    servers.close();
  }

  private static PoolGroup group(String name) {
    return PoolGroup.named(name)
        .primary(Servers.pooled(all.get(0), 8))
        .replica("r1", Servers.pooled(all.get(1), 8))
        .replica("r2", Servers.pooled(all.get(2), 8))
        .replicaReads(ReplicaReads.builder().positionInterval(Duration.ofMillis(100)).build())
        .suspectProbeInterval(Duration.ofMillis(100))
        .build();
  }

  @Test
  void sessions_primaryKilledAndAnotherPromoted_neverSeeLess() throws Exception {
    try (PoolGroup one = group("one");
        PoolGroup two = group("two")) {
      SessionCheck check = new SessionCheck(one, two);
      List<Thread> clients = check.start(4);
      for (int i = 0; i < FAILOVERS; i++) {
        failOver(check);
      }
      check.stop(clients);
      System.out.println("sessions over " + FAILOVERS + " failovers: " + check);
      assertThat(check.violations).isEmpty();
      assertThat(check.replicaReads.get()).isPositive();
    }
  }

  private static void failOver(SessionCheck check) {
    goesOn(check.replicaReads);
    PostgresServer old = servers.primary();
    old.kill();
    List<PostgresServer> standbys = new ArrayList<>(servers.standbys());
    standbys.sort(Comparator.comparingLong(SessionFailoverIT::received));
    PostgresServer other = standbys.get(0);
    servers.promote(standbys.get(1));
    goesOn(check.writes);
    servers.reattach(other);
    servers.reattach(old);
    goesOn(check.writes);
    goesOn(check.replicaReads);
  }

  /** Only one that has received less can follow the other. */
  private static long received(PostgresServer standby) {
    try {
      return Long.parseLong(
          Servers.one(standby, "SELECT (pg_last_wal_receive_lsn() - '0/0')::bigint"));
    } catch (SQLException failed) {
      throw new IllegalStateException(failed);
    }
  }

  private static void goesOn(AtomicLong count) {
    long before = count.get();
    await().atMost(Duration.ofSeconds(60)).until(() -> count.get() > before + 50);
  }
}

package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.perfkit.spi.ByteSize;
import dev.perfkit.spi.Health;
import dev.perfkit.testkit.RecordingEvents;
import dev.perfkit.testkit.RecordingTelemetry;
import dev.perfkit.testkit.postgres.PostgresFixture;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Proves on a standby whose replay is paused: a replica over a limit leaves the rotation and comes
 * back at half of it, an idle one never leaves, reads beyond the fallbacks' rate stay on it, and
 * while the primary is gone nothing changes.
 */
class LagIT {

  private static final String INSERTED = "SELECT pg_current_wal_insert_lsn()";

  private static PostgresFixture servers;

  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private final RecordingEvents events = RecordingEvents.create();

  @BeforeAll
  static void start() throws SQLException {
    servers = PostgresFixture.builder().standby(true).setting("autovacuum", "off").start();
    Servers.run(servers.primary(), "CREATE TABLE filler (text text)");
  }

  @AfterAll
  static void stop() {
    servers.close();
  }

  @AfterEach
  void resume() throws SQLException {
    Servers.run(servers.standby(), "SELECT pg_wal_replay_resume()");
  }

  private PoolGroup group(ReplicaReads.Builder reads) {
    return PoolGroup.named("orders")
        .primary(Servers.pooled(servers.primary(), 4))
        .replica("r1", Servers.pooled(servers.standby(), 4))
        .replicaReads(reads.positionInterval(Duration.ofMillis(50)).build())
        .telemetry(telemetry)
        .events(events)
        .build();
  }

  private static void pauseAndFill() throws SQLException {
    Servers.run(servers.standby(), "SELECT pg_wal_replay_pause()");
    Servers.run(
        servers.primary(),
        "INSERT INTO filler SELECT repeat(md5(n::text), 50) FROM generate_series(1, 2000) n");
  }

  private static boolean onReplica(PoolGroup group) throws SQLException {
    try (Connection connection = group.reader().getConnection()) {
      return "t".equals(Servers.one(connection, "SELECT pg_is_in_recovery()"));
    }
  }

  private static void until(Callable<Boolean> condition) {
    await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(20)).until(condition);
  }

  @Test
  void replica_overTheSize_leavesAndComesBack() throws SQLException {
    try (PoolGroup group =
        group(ReplicaReads.builder().maximumLagSize(ByteSize.ofKibibytes(256)))) {
      assertThat(onReplica(group)).isTrue();
      pauseAndFill();
      until(() -> !onReplica(group));
      until(() -> telemetry.value("pool.node.lag_bytes", "node", "r1") > 256 * 1024);
      Health health = group.health();
      assertThat(health.status()).isEqualTo(Health.Status.DEGRADED);
      assertThat(health.reason()).contains("replica 'r1' is", "behind the primary");
      assertThat(health.details()).containsKeys("primary", "r1");
      resume();
      until(() -> onReplica(group));
      until(() -> events.types().containsAll(List.of("replica-lagging", "replica-caught-up")));
      until(() -> group.health().status() == Health.Status.UP);
    }
  }

  @Test
  void replica_overTheTime_leavesAndComesBack() throws SQLException {
    try (PoolGroup group = group(ReplicaReads.builder().maximumLag(Duration.ofMillis(300)))) {
      pauseAndFill();
      until(() -> !onReplica(group));
      until(() -> telemetry.value("pool.node.lag", "node", "r1") > 0.3);
      resume();
      until(() -> onReplica(group));
    }
  }

  @Test
  void replica_nothingIsWritten_hasNoLag() throws SQLException {
    try (PoolGroup group = group(ReplicaReads.builder().maximumLag(Duration.ofMillis(300)))) {
      Servers.run(servers.primary(), "CHECKPOINT");
      Servers.run(servers.primary(), "SELECT pg_switch_wal()");
      await()
          .atMost(Duration.ofMinutes(1))
          .pollDelay(Duration.ZERO)
          .until(() -> hasNoLagWhileNothingIsWritten(group));
    }
  }

  /**
   * Looks for a second, three times the maximum lag.
   *
   * @return false if the server wrote something of itself meanwhile, as it does now and then
   */
  private boolean hasNoLagWhileNothingIsWritten(PoolGroup group) throws SQLException {
    resume();
    String flushed = Servers.one(servers.primary(), "SELECT pg_current_wal_flush_lsn()");
    String inserted = Servers.one(servers.primary(), INSERTED);
    String hasAll = "SELECT pg_last_wal_replay_lsn() >= '" + flushed + "'";
    until(() -> "t".equals(Servers.one(servers.standby(), hasAll)));
    until(() -> telemetry.value("pool.node.lag_bytes", "node", "r1") == 0);
    Servers.run(servers.standby(), "SELECT pg_wal_replay_pause()");
    long start = System.nanoTime();
    boolean without = true;
    while (System.nanoTime() - start < TimeUnit.SECONDS.toNanos(1)) {
      without &= onReplica(group) && telemetry.value("pool.node.lag", "node", "r1") == 0;
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
    if (!inserted.equals(Servers.one(servers.primary(), INSERTED))) {
      return false;
    }
    assertThat(without).isTrue();
    return true;
  }

  @Test
  void fallbacks_overTheLimit_readTheReplicaThatIsBehind() throws SQLException {
    try (PoolGroup group =
        group(
            ReplicaReads.builder()
                .maximumLagSize(ByteSize.ofKibibytes(256))
                .fallbacksPerSecond(1))) {
      pauseAndFill();
      until(() -> events.types().contains("replica-lagging"));
      int onReplica = 0;
      for (int i = 0; i < 20; i++) {
        onReplica += onReplica(group) ? 1 : 0;
      }
      assertThat(onReplica).isPositive();
    }
  }

  @Test
  void primary_isGone_changesNothing() throws SQLException {
    try (PoolGroup group = group(ReplicaReads.builder().maximumLag(Duration.ofMillis(500)))) {
      until(() -> telemetry.value("pool.node.lag_bytes", "node", "r1") == 0);
      until(() -> onReplica(group)); // its pool has a connection from now on
      servers.primary().stop();
      try {
        until(() -> group.health().reason().contains("does not tell its log position"));
        assertThat(onReplica(group)).isTrue();
        assertThat(events.types()).doesNotContain("replica-lagging");
      } finally {
        servers.primary().restart();
      }
      until(() -> group.health().status() == Health.Status.UP);
    }
  }
}

package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.perfkit.spi.Health;
import dev.perfkit.testkit.RecordingEvents;
import dev.perfkit.testkit.RecordingTelemetry;
import dev.perfkit.testkit.postgres.PostgresFixture;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * Proves what a load of reads sees when the standby is killed with SIGKILL: at most as many failed
 * requests as the pool of the standby held connections in use, reads that go on from the primary,
 * and a return to the standby when it runs again.
 */
class PoolGroupFailureIT {

  private static final int THREADS = 8;
  private static final Duration BOUND = Duration.ofSeconds(20);

  private final AtomicBoolean running = new AtomicBoolean(true);
  private final AtomicLong onReplica = new AtomicLong();
  private final AtomicLong onPrimary = new AtomicLong();
  private final AtomicLong longest = new AtomicLong();
  private final Queue<SQLException> failures = new ConcurrentLinkedQueue<>();

  @Test
  void standby_killedUnderLoad_costsAtMostTheConnectionsInUse() throws Exception {
    RecordingEvents events = RecordingEvents.create();
    RecordingTelemetry telemetry = RecordingTelemetry.create();
    ExecutorService load = Executors.newFixedThreadPool(THREADS);
    try (PostgresFixture servers = PostgresFixture.startWithStandby();
        PoolGroup group =
            PoolGroup.named("orders")
                .primary(PoolGroupIT.pooled(servers.primary(), THREADS))
                .replica("r1", PoolGroupIT.pooled(servers.standby(), THREADS))
                .probeInterval(Duration.ofHours(1)) // the failures tell, no regular probe
                .probeTimeout(BOUND)
                .events(events)
                .telemetry(telemetry)
                .build()) {
      List<Future<?>> threads = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        boolean inTransactions = i % 2 == 0;
        threads.add(load.submit(() -> readUntilStopped(group, inTransactions)));
      }
      await().atMost(BOUND).until(() -> onReplica.get() > 500);
      assertThat(onPrimary).hasValue(0);

      servers.standby().kill();

      long killed = System.nanoTime();
      await().atMost(BOUND).until(() -> group.health().reason().contains("replica 'r1' is DOWN"));
      long out = System.nanoTime() - killed;
      await().atMost(BOUND).until(() -> onPrimary.get() > 500);
      assertThat(group.health().status()).isEqualTo(Health.Status.DEGRADED);
      assertThat(failures.size()).isLessThanOrEqualTo(THREADS);
      awaitNews(events, "node-down");
      assertThat(telemetry.count("pool.read.fallbacks")).isPositive();
      assertThat(TimeUnit.NANOSECONDS.toMillis(longest.get())).isLessThan(3_000);
      int failed = failures.size();

      servers.standby().restart();

      long before = onReplica.get();
      await().atMost(BOUND).until(() -> onReplica.get() > before + 500);
      await().atMost(BOUND).until(() -> group.health().status() == Health.Status.UP);
      awaitNews(events, "node-down", "node-up");
      running.set(false);
      for (Future<?> thread : threads) {
        thread.get(20, TimeUnit.SECONDS);
      }
      assertThat(failures).hasSize(failed);
      System.out.printf(
          "out of rotation after %d ms, failed %d, run again %d, longest read %d ms, on replica %d,"
              + " on primary %d%n",
          TimeUnit.NANOSECONDS.toMillis(out),
          failed,
          telemetry.count("pool.reruns"),
          TimeUnit.NANOSECONDS.toMillis(longest.get()),
          onReplica.get(),
          onPrimary.get());
    } finally {
      running.set(false);
      load.shutdownNow();
    }
  }

  /** Events follow the state that they tell of. */
  private static void awaitNews(RecordingEvents events, String... types) {
    await()
        .atMost(BOUND)
        .untilAsserted(
            () ->
                assertThat(events.types())
                    .filteredOn(type -> !type.equals("connections-ended"))
                    .containsExactly(types));
  }

  private void readUntilStopped(PoolGroup group, boolean inTransactions) {
    while (running.get()) {
      long start = System.nanoTime();
      try {
        read(group, inTransactions);
      } catch (SQLException failure) {
        failures.add(failure);
      }
      longest.accumulateAndGet(System.nanoTime() - start, Math::max);
    }
  }

  private void read(PoolGroup group, boolean inTransactions) throws SQLException {
    try (Connection connection = group.dataSource().getConnection()) {
      connection.setReadOnly(true);
      connection.setAutoCommit(!inTransactions);
      try (PreparedStatement statement =
          connection.prepareStatement("SELECT pg_is_in_recovery() WHERE ? = 1")) {
        statement.setInt(1, 1);
        try (ResultSet rows = statement.executeQuery()) {
          rows.next();
          (rows.getBoolean(1) ? onReplica : onPrimary).incrementAndGet();
        }
      }
      if (inTransactions) {
        connection.commit();
      }
    }
  }
}

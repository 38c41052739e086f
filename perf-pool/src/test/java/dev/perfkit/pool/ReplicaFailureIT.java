package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.perfkit.testkit.postgres.PostgresFixture;
import dev.perfkit.testkit.postgres.PostgresServer;
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
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Proves what a load of reads sees when one of two standbys is killed or frozen: no failed reads
 * beyond those that were in flight there, all of which end soon; a node that leaves the rotation
 * and comes back with little work at first. Prints how long it took, which on a quiet machine is
 * under 3 s; the bound here is that of a machine with four times the work it can do.
 */
@Timeout(180)
class ReplicaFailureIT {

  private static final int THREADS = 6;
  private static final Duration BOUND = Duration.ofSeconds(30);

  private final AtomicBoolean running = new AtomicBoolean(true);
  private final AtomicLongArray reads = new AtomicLongArray(3);
  private final AtomicLong longest = new AtomicLong();
  private final Queue<SQLException> failures = new ConcurrentLinkedQueue<>();

  @Test
  void standby_killedThenFrozenUnderLoad_costsNoMoreThanWhatIsInFlight() throws Exception {
    ExecutorService load = Executors.newFixedThreadPool(THREADS);
    try (PostgresFixture servers = PostgresFixture.builder().standbys(2).start();
        PoolGroup group =
            PoolGroup.named("reads")
                .primary(PoolGroupIT.pooled(servers.primary(), THREADS))
                .replica("r1", PoolGroupIT.pooled(servers.standbys().get(0), THREADS))
                .replica("r2", PoolGroupIT.pooled(servers.standbys().get(1), THREADS))
                .probeInterval(Duration.ofHours(1)) // the failures tell, no regular probe
                .slowStart(Duration.ofSeconds(20))
                .build()) {
      List<Integer> ports =
          List.of(
              servers.primary().port(),
              servers.standbys().get(0).port(),
              servers.standbys().get(1).port());
      List<Future<?>> threads = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        boolean inTransactions = i % 2 == 0;
        threads.add(load.submit(() -> readUntilStopped(group, ports, inTransactions)));
      }
      PostgresServer victim = servers.standbys().get(0);
      awaitReads(1, 200);
      fail("killed", group, victim::kill, victim::restart);
      awaitReads(1, 200);
      fail("frozen", group, victim::freeze, victim::thaw);
      running.set(false);
      for (Future<?> thread : threads) {
        thread.get(20, TimeUnit.SECONDS);
      }
      assertThat(reads.get(0)).as("reads on the primary, while a replica lives").isZero();
    } finally {
      running.set(false);
      load.shutdownNow();
    }
  }

  private void fail(String how, PoolGroup group, Runnable breaking, Runnable mending) {
    int before = failures.size();
    longest.set(0);
    long start = System.nanoTime();
    breaking.run();
    await()
        .atMost(BOUND)
        .pollInterval(Duration.ofMillis(10))
        .until(() -> group.nodes().get(1).state() == NodeState.DOWN);
    long down = System.nanoTime();
    awaitReads(2, 500);
    int failed = failures.size() - before;
    long slowest = longest.get();
    mending.run();
    await()
        .atMost(BOUND)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> group.nodes().get(1).state() == NodeState.UP);
    double share = shareOfFirst();
    awaitReads(1, 100);
    System.out.printf(
        "replica %s under load of %d threads: out of rotation after %d ms, %d failed reads, longest"
            + " read %d ms; first share after its return %.0f %%%n",
        how,
        THREADS,
        TimeUnit.NANOSECONDS.toMillis(down - start),
        failed,
        TimeUnit.NANOSECONDS.toMillis(slowest),
        100 * share);
    assertThat(TimeUnit.NANOSECONDS.toMillis(down - start)).isLessThan(3_000);
    assertThat(failed).as("J8").isLessThanOrEqualTo(THREADS);
    assertThat(share).as("share of the reads right after its return").isLessThan(0.4);
    assertThat(failures).allMatch(failure -> "08S02".equals(failure.getSQLState()));
  }

  /** Of the next reads, as seen right after the node came back. */
  private double shareOfFirst() {
    long here = reads.get(1);
    long there = reads.get(2);
    await()
        .atMost(BOUND)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> reads.get(1) + reads.get(2) > here + there + 100);
    double first = reads.get(1) - here;
    return first / (first + reads.get(2) - there);
  }

  private void awaitReads(int node, int more) {
    long before = reads.get(node);
    await().atMost(BOUND).until(() -> reads.get(node) > before + more);
  }

  private void readUntilStopped(PoolGroup group, List<Integer> ports, boolean inTransactions) {
    while (running.get()) {
      long start = System.nanoTime();
      try {
        reads.incrementAndGet(ports.indexOf(read(group, inTransactions)));
      } catch (SQLException failure) {
        failures.add(failure);
      }
      longest.accumulateAndGet(System.nanoTime() - start, Math::max);
    }
  }

  private static int read(PoolGroup group, boolean inTransactions) throws SQLException {
    try (Connection connection = group.dataSource().getConnection()) {
      connection.setReadOnly(true);
      connection.setAutoCommit(!inTransactions);
      int port;
      try (PreparedStatement statement =
              connection.prepareStatement("SELECT inet_server_port(), pg_sleep(0.002)");
          ResultSet rows = statement.executeQuery()) {
        rows.next();
        port = rows.getInt(1);
      }
      if (inTransactions) {
        connection.commit();
      }
      return port;
    }
  }
}

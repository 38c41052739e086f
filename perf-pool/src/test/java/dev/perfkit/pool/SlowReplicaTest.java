package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Proves that a replica which is slow to open a connection is not given up for a primary that is
 * known to be away.
 */
class SlowReplicaTest {

  private static final Duration BOUND = Duration.ofSeconds(20);

  private final FakeDatabase primary = new FakeDatabase();
  private final FakeDatabase replica = new FakeDatabase();
  private final FakeTimeSource time = FakeTimeSource.create();

  @Test
  void read_replicaSlowToOpenAndPrimaryDown_waitsForTheReplica() throws Exception {
    replica.inRecovery = true;
    try (PoolGroup group = group()) {
      primary.refusal = new SQLException("connection reset", "08006");
      time.advance(PoolGroup.DEFAULT_PROBE_INTERVAL);
      assertThat(group.nodes().get(0).state()).isEqualTo(NodeState.DOWN);
      replica.opening = new CountDownLatch(1);
      CompletableFuture<String> read = new CompletableFuture<>();
      new Thread(() -> readTo(read, group)).start();
      await()
          .atMost(BOUND)
          .pollDelay(Duration.ofMillis(3 * Router.PATIENCE_MILLIS))
          .until(() -> !read.isDone());
      replica.opening.countDown();
      assertThat(read.get(BOUND.toSeconds(), TimeUnit.SECONDS)).contains("on r1");
    }
  }

  private PoolGroup group() {
    return PoolGroup.named("orders")
        .primary(FakeDatabase.pooled(primary))
        .replica("r1", FakeDatabase.pooled(replica))
        .scheduler(FakeScheduler.on(time))
        .executor(new OnCaller())
        .slowStart(Duration.ZERO)
        .build();
  }

  private static void readTo(CompletableFuture<String> read, PoolGroup group) {
    try (Connection connection = group.reader().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT 1")) {
      rows.next();
      read.complete(connection.toString());
    } catch (SQLException failure) {
      read.completeExceptionally(failure);
    }
  }
}

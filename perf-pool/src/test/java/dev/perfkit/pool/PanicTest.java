package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.perfkit.spi.Health;
import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import dev.perfkit.testkit.RecordingEvents;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Proves that a group which would be left with less than half of its nodes uses those that were
 * ejected again, and stops when enough of them are back. Probes run on the thread of the test.
 */
class PanicTest {

  private final SQLException outOfMemory = new SQLException("out of memory", "53200");

  private final FakeDatabase primary = new FakeDatabase();
  private final FakeDatabase r1 = new FakeDatabase();
  private final FakeDatabase r2 = new FakeDatabase();
  private final FakeTimeSource time = FakeTimeSource.create();
  private final RecordingEvents events = RecordingEvents.create();
  private final PoolGroup group = group();

  private PoolGroup group() {
    r1.inRecovery = true;
    r2.inRecovery = true;
    return PoolGroup.named("panicking")
        .primary(FakeDatabase.pooled(primary))
        .replica("r1", FakeDatabase.pooled(r1))
        .replica("r2", FakeDatabase.pooled(r2))
        .maximumEjected(1)
        .timeSource(time)
        .scheduler(FakeScheduler.on(time))
        .executor(new OnCaller())
        .events(events)
        .slowStart(Duration.ZERO)
        .build();
  }

  @AfterEach
  void close() {
    group.close();
  }

  private String read() throws SQLException {
    try (Connection connection = group.reader().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("SELECT 1");
      return connection.toString();
    }
  }

  private NodeState state(int node) {
    return group.nodes().get(node).state();
  }

  /** Fails reads until the node is left alone; the other replica may get some of them. */
  private void eject(FakeDatabase database, int node) {
    database.queryFailure = outOfMemory;
    for (int i = 0; i < 1_000 && state(node) != NodeState.EJECTED; i++) {
      try {
        read();
      } catch (SQLException failure) {
        assertThat(failure.getMessage()).contains("out of memory");
      }
    }
    assertThat(state(node)).isEqualTo(NodeState.EJECTED);
  }

  @Test
  void oneOfThreeEjected_isNoPanic() throws SQLException {
    eject(r1, 1);
    assertThat(events.types()).containsExactly("node-ejected");
    assertThat(read()).contains("on r2");
  }

  @Test
  void twoOfThreeEjected_areUsedAgainUntilTheyAreBack() throws SQLException {
    eject(r1, 1);
    eject(r2, 2);
    assertThat(events.types()).containsExactlyInAnyOrder("node-ejected", "node-ejected", "panic");
    assertThat(group.health().status()).isEqualTo(Health.Status.DEGRADED);
    assertThatExceptionOfType(SQLException.class).isThrownBy(this::read);
    r1.queryFailure = null;
    r2.queryFailure = null;
    assertThat(read()).containsPattern("on r[12]");
    assertThat(state(1)).isEqualTo(NodeState.EJECTED);
    time.advance(PoolGroup.DEFAULT_EJECTION);
    for (int i = 0; i < 20; i++) {
      assertThat(read()).containsPattern("on r[12]");
    }
    assertThat(state(1)).isEqualTo(NodeState.UP);
    assertThat(state(2)).isEqualTo(NodeState.UP);
    assertThat(events.types()).endsWith("node-readmitted", "node-readmitted");
    eject(r1, 1);
    assertThat(events.types().stream().filter("panic"::equals)).hasSize(1);
    assertThat(read()).contains("on r2");
  }
}

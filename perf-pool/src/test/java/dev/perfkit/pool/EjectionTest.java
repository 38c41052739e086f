package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.perfkit.spi.Health;
import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import dev.perfkit.testkit.RecordingEvents;
import dev.perfkit.testkit.RecordingTelemetry;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Proves that a node which answers probes but fails its callers is left alone, within the group's
 * share, and comes back; that failures of statements do not count; and that an idle group keeps all
 * of its nodes.
 */
class EjectionTest {

  private final SQLException outOfMemory = new SQLException("out of memory", "53200");

  private final FakeDatabase primary = new FakeDatabase();
  private final FakeDatabase replica = new FakeDatabase();
  private final FakeTimeSource time = FakeTimeSource.create();
  private final FakeScheduler scheduler = FakeScheduler.on(time);
  private final RecordingEvents events = RecordingEvents.create();
  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private PoolGroup group = builder().build();

  private PoolGroup.Builder builder() {
    replica.inRecovery = true;
    return PoolGroup.named("ejecting")
        .primary(FakeDatabase.pooled(primary))
        .replica("r1", FakeDatabase.pooled(replica))
        .timeSource(time)
        .scheduler(scheduler)
        .executor(new OnCaller()) // no probe is late by accident
        .events(events)
        .telemetry(telemetry)
        .slowStart(Duration.ZERO);
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

  private void failToRead(int times) {
    for (int i = 0; i < times; i++) {
      assertThatExceptionOfType(SQLException.class).isThrownBy(this::read);
    }
  }

  @Test
  void replica_failsItsCallers_isLeftAloneAndComesBack() throws SQLException {
    replica.queryFailure = outOfMemory;
    failToRead(Breaker.FAILURES);
    assertThat(read()).contains("on primary");
    assertThat(group.nodes().get(1).state()).isEqualTo(NodeState.EJECTED);
    assertThat(group.health().status()).isEqualTo(Health.Status.DEGRADED);
    assertThat(group.health().reason()).contains("'r1' is EJECTED");
    assertThat(telemetry.count("pool.ejections", "node", "r1")).isEqualTo(1);
    replica.queryFailure = null;
    time.advance(PoolGroup.DEFAULT_EJECTION);
    assertThat(read()).contains("on r1");
    assertThat(events.types()).containsExactly("node-ejected", "node-readmitted");
  }

  @Test
  void maximumEjected_none_keepsAll() throws SQLException {
    group.close();
    group = builder().maximumEjected(0).build();
    replica.queryFailure = outOfMemory;
    failToRead(3 * Breaker.FAILURES);
    assertThat(group.nodes().get(1).state()).isEqualTo(NodeState.UP);
  }

  @Test
  void statement_failsForItself_ejectsNobody() throws SQLException {
    replica.queryFailure = new SQLException("no such table", "42P01");
    failToRead(3 * Breaker.FAILURES);
    assertThat(group.nodes().get(1).state()).isEqualTo(NodeState.UP);
    replica.queryFailure = new SQLException("conflict with recovery", "40001");
    for (int i = 0; i < 3 * Breaker.FAILURES; i++) {
      assertThat(read()).contains("on primary");
    }
    assertThat(group.nodes().get(1).state()).isEqualTo(NodeState.UP);
    assertThat(events.types()).isEmpty();
  }

  /** J7. */
  @Test
  void group_idleForFiveMinutes_keepsAllNodes() {
    time.advance(Duration.ofMinutes(5));
    assertThat(group.nodes()).extracting(NodeStatus::state).containsOnly(NodeState.UP);
    assertThat(group.health().status()).isEqualTo(Health.Status.UP);
    assertThat(telemetry.count("pool.probes", "node", "r1", "outcome", "answered"))
        .isGreaterThan(20);
    assertThat(events.types()).isEmpty();
  }

  @Test
  void options_outOfRange_areRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> builder().ejection(Duration.ZERO));
    assertThatIllegalArgumentException().isThrownBy(() -> builder().maximumEjected(1.1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().slowStart(Duration.ofSeconds(-1)));
  }
}

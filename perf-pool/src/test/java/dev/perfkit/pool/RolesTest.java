package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import dev.perfkit.spi.Event;
import dev.perfkit.spi.Health;
import dev.perfkit.testkit.RecordingEvents;
import dev.perfkit.testkit.RecordingTelemetry;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Proves, with databases that say what they are told to, who is written to: the only node that
 * claims the highest timeline of the group's own cluster; and what becomes of all others, of those
 * who wait, and of what is in flight.
 */
@Timeout(60)
class RolesTest {

  private static final Duration BOUND = Duration.ofSeconds(20);

  private final FakeDatabase a = new FakeDatabase();
  private final FakeDatabase b = new FakeDatabase();
  private final RecordingEvents events = RecordingEvents.create();
  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private PoolGroup group;

  @BeforeEach
  void open() {
    b.inRecovery = true;
    group = builder().build();
  }

  @AfterEach
  void close() {
    group.close();
  }

  private PoolGroup.Builder builder() {
    return PoolGroup.named("roles")
        .primary(FakeDatabase.pooled(a))
        .replica("b", FakeDatabase.pooled(b))
        .probeInterval(Duration.ofMillis(50))
        .suspectProbeInterval(Duration.ofMillis(50))
        .probeTimeout(BOUND) // however long the machine takes to start a thread
        .events(events)
        .telemetry(telemetry);
  }

  /** Waits for a primary for as long as a busy machine may need. */
  private void openPatiently() {
    group.close();
    HikariConfig patient = FakeDatabase.pooled(a);
    patient.setConnectionTimeout(20_000);
    group = builder().primary(patient).build();
  }

  private void write(String sql) throws SQLException {
    try (Connection connection = group.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.executeUpdate(sql);
    }
  }

  private NodeStatus status(int node) {
    return group.nodes().get(node);
  }

  private void awaitState(int node, NodeState state) {
    await().atMost(BOUND).until(() -> status(node).state() == state);
  }

  /**
   * @param node its name, or nothing
   */
  private void awaitWriter(String node) {
    await()
        .atMost(BOUND)
        .until(
            () -> {
              PoolNode writer = group.roster().writer();
              return node.equals(writer == null ? "" : writer.name());
            });
  }

  /** Events and counters follow the state that they tell of. */
  private static void awaited(ThrowingRunnable assertions) {
    await().atMost(BOUND).untilAsserted(assertions);
  }

  private void promoteB() {
    b.timeline = 2;
    b.inRecovery = false;
  }

  @Test
  void standby_promotedWhilePrimaryIsGone_takesTheWaitingWrites() throws Exception {
    openPatiently();
    a.refusal = new SQLException("refused", "08001");
    a.queryFailure = a.refusal;
    awaitWriter("");
    CompletableFuture<Void> waiting = CompletableFuture.runAsync(() -> unchecked("INSERT 1"));
    promoteB();
    waiting.get(20, TimeUnit.SECONDS);
    assertThat(b.calls("executeUpdate")).containsExactly("executeUpdate[INSERT 1]");
    assertThat(a.calls("executeUpdate")).isEmpty();
    awaited(
        () ->
            assertThat(events.types())
                .containsSubsequence("no-primary", "primary-changed")
                .contains("node-down", "role-changed"));
    assertThat(telemetry.count("pool.failovers", "pool", "roles")).isEqualTo(1);
    assertThat(group.roster().timeline()).isEqualTo(2);
  }

  private void unchecked(String sql) {
    try {
      write(sql);
    } catch (SQLException failure) {
      throw new AssertionError(failure);
    }
  }

  @Test
  void promotedNode_borrowed_isWritableAndFormerPrimaryReadsOnly() throws SQLException {
    promoteB();
    awaitState(0, NodeState.REFUSED);
    awaitWriter("b");
    b.calls.clear();
    write("INSERT 1");
    assertThat(b.calls).doesNotContain("setReadOnly[true]");
    a.inRecovery = true;
    a.timeline = 2;
    awaitState(0, NodeState.UP);
    a.calls.clear();
    awaited(() -> assertThat(analyze()).contains("on primary"));
    assertThat(a.calls("executeUpdate")).hasSize(1);
    awaited(() -> assertThat(group.health().status()).isEqualTo(Health.Status.UP));
  }

  /** Returns the connection that a reader used. */
  private String analyze() throws SQLException {
    try (Connection reader = group.reader().getConnection();
        Statement statement = reader.createStatement()) {
      statement.executeUpdate("ANALYZE");
      return reader.toString();
    }
  }

  @Test
  void primary_overtaken_isRefusedWithWhatToDo() throws SQLException {
    promoteB();
    awaitState(0, NodeState.REFUSED);
    assertThat(status(0).problem())
        .isEqualTo(
            "it accepts writes on timeline 1 but timeline 2 exists: another server was promoted;"
                + " stop it or make it a standby");
    awaitWriter("b");
    write("INSERT 1");
    assertThat(a.calls("executeUpdate")).isEmpty();
    awaited(() -> assertThat(events.types()).contains("stale-primary"));
    assertThat(group.health().reason()).contains("'primary' is REFUSED");
  }

  @Test
  void timeline_seenOnce_isNeverGoneBelow() throws SQLException {
    promoteB();
    awaitState(0, NodeState.REFUSED);
    b.refusal = new SQLException("gone", "08001");
    b.queryFailure = b.refusal;
    awaitState(1, NodeState.DOWN);
    awaitWriter("");
    assertThat(status(0).state()).isEqualTo(NodeState.REFUSED);
    assertThatExceptionOfType(SQLTransientConnectionException.class)
        .isThrownBy(() -> write("INSERT 1"))
        .withMessageContaining("no primary within 2000 ms ('primary': it accepts writes on")
        .satisfies(failure -> assertThat(failure.getSQLState()).isEqualTo("08001"));
    assertThat(a.calls("executeUpdate")).isEmpty();
  }

  @Test
  void twoServers_onOneTimeline_areBothRefusedUntilOneIsGone() throws SQLException {
    b.inRecovery = false;
    awaitState(0, NodeState.REFUSED);
    awaitState(1, NodeState.REFUSED);
    awaitWriter("");
    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> write("INSERT 1"))
        .withMessageContaining("[primary, b] are different servers that accept writes");
    awaited(
        () ->
            assertThat(events.events("two-primaries"))
                .isNotEmpty()
                .allMatch(event -> event.severity() == Event.Severity.CRITICAL));
    assertThat(a.calls("executeUpdate")).isEmpty();
    b.inRecovery = true;
    awaitWriter("primary");
    write("INSERT 2");
    assertThat(a.calls("executeUpdate")).hasSize(1);
  }

  @Test
  void oneServer_underTwoAddresses_isOnePrimary() throws SQLException {
    b.incarnation = a.incarnation;
    b.inRecovery = false;
    await().atMost(BOUND).until(() -> status(1).role() == NodeRole.PRIMARY);
    write("INSERT 1");
    assertThat(a.calls("executeUpdate")).hasSize(1);
    assertThat(events.types()).doesNotContain("two-primaries");
  }

  @Test
  void node_ofAnotherCluster_isRefused() {
    b.system = "7002";
    awaitState(1, NodeState.REFUSED);
    assertThat(status(1).problem())
        .isEqualTo(
            "it belongs to another cluster (system identifier 7002, the group's is 7001): check its"
                + " address");
    awaited(() -> assertThat(events.types()).contains("foreign-node"));
    b.inRecovery = false;
    b.timeline = 9;
    await().atMost(BOUND).until(() -> status(1).role() == NodeRole.PRIMARY);
    assertThat(group.roster().timeline()).isEqualTo(1);
  }

  @Test
  void transaction_onAPrimaryThatIsOvertaken_endsWithNothingCommitted() throws SQLException {
    try (Connection connection = group.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.executeUpdate("INSERT 1");
      promoteB();
      awaitState(0, NodeState.REFUSED);
      await().atMost(BOUND).until(() -> a.calls("abort").size() == 1);
    }
    awaited(() -> assertThat(events.types()).contains("connections-ended"));
    assertThat(telemetry.count("pool.aborted", "node", "primary")).isEqualTo(1);
  }

  @Test
  void write_interruptedWhileItWaits_endsAtOnceAndKeepsTheInterrupt() throws Exception {
    openPatiently();
    a.inRecovery = true;
    await().atMost(BOUND).until(() -> status(0).role() == NodeRole.REPLICA);
    CompletableFuture<Thread> started = new CompletableFuture<>();
    CompletableFuture<Boolean> waiting =
        CompletableFuture.supplyAsync(
            () -> {
              started.complete(Thread.currentThread());
              assertThatExceptionOfType(SQLTransientConnectionException.class)
                  .isThrownBy(() -> write("INSERT 1"))
                  .withMessage("pool group 'roles': interrupted while waiting for a connection");
              return Thread.interrupted();
            });
    Thread thread = started.get(20, TimeUnit.SECONDS);
    await().atMost(BOUND).until(() -> thread.getState() == Thread.State.TIMED_WAITING);
    thread.interrupt();
    assertThat(waiting.get(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void close_whileAWriteWaits_endsTheWait() throws Exception {
    a.inRecovery = true;
    await().atMost(BOUND).until(() -> status(0).role() == NodeRole.REPLICA);
    CompletableFuture<Void> waiting = CompletableFuture.runAsync(() -> unchecked("INSERT 1"));
    await().atMost(BOUND).until(() -> telemetry.count("pool.probes", "node", "b") > 0);
    group.close();
    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> waiting.get(20, TimeUnit.SECONDS))
        .withStackTraceContaining("pool group 'roles'");
  }

  @Test
  void build_twoPrimaries_saysWhichAreWrong() {
    group.close();
    b.inRecovery = false;
    assertThatExceptionOfType(PoolException.class)
        .isThrownBy(() -> builder().build())
        .withMessageContaining("pool group 'roles': no node takes writes")
        .withMessageContaining("stop all but one");
  }

  @Test
  void build_afterAFailover_writesToTheReplicaByLabel() throws SQLException {
    group.close();
    a.inRecovery = true;
    a.timeline = 2;
    promoteB();
    group = builder().build();
    write("INSERT 1");
    assertThat(b.calls("executeUpdate")).hasSize(1);
  }

  @Test
  void knob_loweredBeforeAFailover_holdsAfterIt() {
    group.knobs().get(1).set(2);
    promoteB();
    await().atMost(BOUND).until(() -> status(1).role() == NodeRole.PRIMARY);
    assertThat(status(1).maximum()).isEqualTo(2);
  }

  @Test
  void role_changed_makesAPoolOfAnotherName() {
    HikariConfig named = FakeDatabase.pooled(b);
    named.setPoolName("mine");
    NodePlan plan = new NodePlan("g", "b", NodeRole.REPLICA, named, Duration.ofSeconds(1));
    NodePool first = plan.open(NodeRole.REPLICA);
    NodePool second = plan.open(NodeRole.PRIMARY);
    try {
      assertThat(first.readOnlyByDefault()).isTrue();
      assertThat(second.readOnlyByDefault()).isFalse();
    } finally {
      first.close();
      second.close();
    }
  }
}

package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.perfkit.pool.balance.Balancer;
import dev.perfkit.pool.balance.Cost;
import dev.perfkit.pool.balance.Endpoint;
import dev.perfkit.spi.ByteSize;
import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Proves that each option of reads from replicas keeps to its range, is part of the value, and that
 * balancers and weights, the host's own as well, decide which replica of a group is read from.
 */
class ReplicaReadsTest {

  private final FakeDatabase primary = new FakeDatabase();
  private final FakeDatabase r1 = new FakeDatabase();
  private final FakeDatabase r2 = new FakeDatabase();

  static Stream<UnaryOperator<ReplicaReads.Builder>> outOfRange() {
    return Stream.of(
        b -> b.replayWait(Duration.ofNanos(-1)),
        b -> b.replayWait(Duration.ofSeconds(30).plusNanos(1)),
        b -> b.positionInterval(Duration.ofMillis(19)),
        b -> b.positionInterval(Duration.ofSeconds(61)),
        b -> b.fallbacksPerSecond(0),
        b -> b.fallbacksPerSecond(1_000_001),
        b -> b.maximumLag(Duration.ZERO),
        b -> b.maximumLag(Duration.ofMinutes(11)),
        b -> b.maximumLagSize(ByteSize.ofBytes(0)),
        b -> b.weight("r1", 0.009),
        b -> b.weight("r1", 100.1),
        b -> b.weight("r1", Double.NaN),
        b -> b.weight(" ", 1),
        b -> b.safeFunctions("Upper"),
        b -> b.safeFunctions("9f"));
  }

  @ParameterizedTest
  @MethodSource("outOfRange")
  void option_outOfRange_isRefused(UnaryOperator<ReplicaReads.Builder> option) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> option.apply(ReplicaReads.builder()))
        .withMessageContaining("must");
  }

  static Stream<UnaryOperator<ReplicaReads.Builder>> inRange() {
    return Stream.of(
        b -> b.replayWait(Duration.ZERO),
        b -> b.replayWait(Duration.ofSeconds(30)),
        b -> b.positionInterval(Duration.ofMillis(20)),
        b -> b.positionInterval(Duration.ofMinutes(1)),
        b -> b.fallbacksPerSecond(1),
        b -> b.fallbacksPerSecond(1_000_000),
        b -> b.maximumLag(Duration.ofNanos(1)),
        b -> b.maximumLag(Duration.ofMinutes(10)),
        b -> b.maximumLagSize(ByteSize.ofBytes(1)),
        b -> b.weight("r1", 0.01),
        b -> b.weight("r1", 100),
        b -> b.readYourWrites(ReadYourWrites.FAST),
        b -> b.balancer(Balancer::random),
        b -> b.autoCommitSelects(true),
        b -> b.safeFunctions("f_1$"));
  }

  @ParameterizedTest
  @MethodSource("inRange")
  void option_atTheEdge_isPartOfTheValue(UnaryOperator<ReplicaReads.Builder> option) {
    ReplicaReads.Builder builder = ReplicaReads.builder();
    ReplicaReads changed = option.apply(builder).build();
    assertThat(changed).isEqualTo(builder.build()).hasSameHashCodeAs(builder.build());
    assertThat(changed.toBuilder().build()).isEqualTo(changed);
    assertThat(changed).isNotEqualTo(ReplicaReads.defaults());
  }

  @Test
  void build_weightOfNoNode_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> group(ReplicaReads.builder().weight("r9", 2).build()))
        .withMessageContaining("weight must be of a node of the group but was r9");
  }

  @Test
  @SuppressWarnings("NullAway") // What the compiler refuses is tried on purpose.
  void build_balancerThatMakesNone_isRefused() {
    assertThatNullPointerException()
        .isThrownBy(() -> group(ReplicaReads.builder().balancer(() -> null).build()))
        .withMessage("balancer");
  }

  private PoolGroup group(ReplicaReads reads) {
    r1.inRecovery = true;
    r2.inRecovery = true;
    return PoolGroup.named("balanced")
        .primary(FakeDatabase.pooled(primary))
        .replica("r1", FakeDatabase.pooled(r1))
        .replica("r2", FakeDatabase.pooled(r2))
        .replicaReads(reads)
        .executor(new OnCaller())
        .scheduler(FakeScheduler.on(FakeTimeSource.create()))
        .slowStart(Duration.ZERO)
        .build();
  }

  private int[] read(PoolGroup group, int times) throws SQLException {
    for (int i = 0; i < times; i++) {
      try (Connection connection = group.reader().getConnection();
          Statement statement = connection.createStatement()) {
        statement.execute("SELECT 1");
      }
    }
    return new int[] {reads(primary), reads(r1), reads(r2)};
  }

  private static int reads(FakeDatabase database) {
    return database.calls("execute[SELECT 1]").size();
  }

  static List<Supplier<Balancer>> strategies() {
    return List.of(
        () -> Balancer.powerOfTwo(Cost.inFlight()),
        () -> Balancer.powerOfTwo(Cost.responseTime()),
        () -> Balancer.least(Cost.inFlight()),
        () -> Balancer.least(Cost.responseTime()),
        Balancer::roundRobin,
        Balancer::smoothWeightedRoundRobin,
        Balancer::random);
  }

  /** Two replicas that are alike: by chance alone one of them is left out once in 2^63. */
  @ParameterizedTest
  @MethodSource("strategies")
  void strategy_ofAGroup_readsFromReplicasOnly(Supplier<Balancer> strategy) throws SQLException {
    try (PoolGroup group = group(ReplicaReads.builder().balancer(strategy).build())) {
      int[] counts = read(group, 64);
      assertThat(counts[0]).isZero();
      assertThat(counts[1] + counts[2]).isEqualTo(64);
    }
  }

  @Test
  void roundRobin_ofAGroup_takesTurns() throws SQLException {
    ReplicaReads reads = ReplicaReads.builder().balancer(Balancer::roundRobin).build();
    try (PoolGroup group = group(reads)) {
      assertThat(read(group, 20)).containsExactly(0, 10, 10);
    }
  }

  @Test
  void weight_ofAReplica_isItsShare() throws SQLException {
    ReplicaReads reads =
        ReplicaReads.builder()
            .balancer(Balancer::smoothWeightedRoundRobin)
            .weight("r1", 3)
            .weight("r2", 0.5)
            .build();
    try (PoolGroup group = group(reads)) {
      assertThat(read(group, 70)).containsExactly(0, 60, 10);
    }
  }

  @Test
  void leastConnections_oneReplicaHolds_readsFromTheOther() throws SQLException {
    ReplicaReads reads =
        ReplicaReads.builder().balancer(() -> Balancer.least(Cost.inFlight())).build();
    try (PoolGroup group = group(reads);
        Connection held = group.reader().getConnection()) {
      Servers.run(held, "SELECT 'held'");
      int[] counts = read(group, 10);
      assertThat(counts).containsExactlyInAnyOrder(0, 0, 10);
      assertThat(counts[0]).isZero();
      assertThat(held.toString()).contains(counts[1] == 0 ? "on r1" : "on r2");
    }
  }

  /** A host's own strategy: always the last that will do. */
  private static final class LastOne implements Balancer {

    private final AtomicInteger asked = new AtomicInteger();

    @Override
    public <E extends Endpoint> @Nullable E choose(
        List<E> endpoints, Predicate<? super E> allowed) {
      asked.incrementAndGet();
      E last = null;
      for (E endpoint : endpoints) {
        last = endpoint.eligible() && allowed.test(endpoint) ? endpoint : last;
      }
      return last;
    }
  }

  @Test
  void balancer_ofTheHost_decides() throws SQLException {
    LastOne own = new LastOne();
    try (PoolGroup group = group(ReplicaReads.builder().balancer(() -> own).build())) {
      assertThat(read(group, 10)).containsExactly(0, 0, 10);
      assertThat(own.asked.get()).isGreaterThanOrEqualTo(10);
      group.drain("r2", Duration.ZERO);
      assertThat(read(group, 5)).containsExactly(0, 5, 10);
    }
  }
}

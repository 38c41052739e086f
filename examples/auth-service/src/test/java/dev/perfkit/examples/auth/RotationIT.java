package dev.perfkit.examples.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import dev.perfkit.crypto.CiphertextHeader;
import dev.perfkit.crypto.KeyState;
import dev.perfkit.crypto.Keyring;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * The keys change under load: who calls the service does not notice, and old rows stay readable.
 */
class RotationIT extends RunningService {

  private static final int ROTATIONS = 3;

  @Test
  void keysRotated_underLoad_noRequestFailsAndOldRowsAreStillRead() throws Exception {
    Keyring keyring = stack.keyring();
    int first = keyring.primary().id();
    CompletableFuture<Load.Result> load = load();
    UserStore users = new UserStore(stack);
    for (int i = 0; i < ROTATIONS; i++) {
      int before = keyring.primary().id();
      changeUnpopular(users, i);
      await().atMost(BOUND).until(() -> keyIdsOfRows().contains(before));
      keyring.rotate();
      await().atMost(BOUND).until(() -> keyring.primary().id() != before);
    }
    changeUnpopular(users, ROTATIONS);
    Load.Result result = load.get();

    assertThat(result.failed()).isZero();
    assertThat(result.served()).isEqualTo(result.offered());
    assertThat(keyring.keys()).hasSize(1 + ROTATIONS);
    assertThat(keyring.keys().get(0).state()).isEqualTo(KeyState.DECRYPT_ONLY);
    assertThat(keyIdsOfRows()).as("rows of the first key and of later ones").contains(first);
    assertThat(keyIdsOfRows()).hasSizeGreaterThan(ROTATIONS);
    assertThat(users.byId(USERS)).as("a row of the first key").isPresent();
  }

  /**
   * The load changes users, too, but it changes the popular ones again, and a slow machine may be
   * through with it.
   */
  private static void changeUnpopular(UserStore users, int round) throws SQLException {
    for (int i = 1; i <= 3; i++) {
      assertThat(users.update(USERS - 3 * round - i, "Round " + round, "1")).isTrue();
    }
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

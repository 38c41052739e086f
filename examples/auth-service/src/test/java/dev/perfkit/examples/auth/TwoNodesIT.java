package dev.perfkit.examples.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is taken away on one node of the service is taken away on the other. */
@SuppressWarnings("NullAway.Init") // set before all tests
class TwoNodesIT {

  /** Far less than any entry lives in the caches. */
  private static final Duration SOON = Duration.ofSeconds(20);

  private static Backend backend;
  private static PerfkitStack here;
  private static PerfkitStack there;

  @BeforeAll
  static void startTwoNodes() {
    backend = Backend.start(50);
    here = new PerfkitStack(backend);
    there = new PerfkitStack(backend);
  }

  @AfterAll
  static void stop() {
    there.close();
    here.close();
    backend.close();
  }

  private static AccessStore access(PerfkitStack node) {
    return new AccessStore(node, backend.tokens());
  }

  @Test
  void revoke_onOneNode_isTrueOnTheOther() throws SQLException {
    String token = backend.tokens().issue(5);
    assertThat(access(here).caller(token)).isNotNull();
    assertThat(access(there).caller(token)).isNotNull();
    access(here).revoke(5);
    assertThat(access(here).caller(token)).isNull();
    await().atMost(SOON).untilAsserted(() -> assertThat(access(there).caller(token)).isNull());
  }

  @Test
  void changeUser_onOneNodeWhileTheStandbyLags_isSeenOnTheOther() throws SQLException {
    UserStore writer = new UserStore(here);
    UserStore reader = new UserStore(there);
    assertThat(reader.byId(7)).isPresent();
    backend.standby().pauseReplay();
    try {
      for (int i = 0; i < 20; i++) {
        String name = "Name " + i;
        assertThat(writer.update(7, name, "1")).isTrue();
        await()
            .atMost(SOON)
            .untilAsserted(
                () ->
                    assertThat(reader.byId(7).map(User::displayName)).as("loaded").contains(name));
        assertThat(writer.byId(7).map(User::displayName)).contains(name);
      }
    } finally {
      backend.standby().resumeReplay();
    }
  }

  @Test
  void changeRole_onOneNode_isTrueOnTheOtherForAllWhoHaveIt() throws SQLException {
    for (long user = 10; user < 20; user++) {
      assertThat(access(there).permissions(user).allow(Permissions.READ_USERS)).isTrue();
    }
    access(here).changeRole("member", Set.of());
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> {
              for (long user = 10; user < 20; user++) {
                assertThat(access(there).permissions(user).names()).isEmpty();
              }
            });
  }
}

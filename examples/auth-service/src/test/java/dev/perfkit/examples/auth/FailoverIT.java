package dev.perfkit.examples.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The primary dies and its standby is promoted: the service goes on without being restarted. */
class FailoverIT extends RunningService {

  @Test
  void primaryKilled_underLoadAndStandbyPromoted_writesGoOnAndNothingFailsAfterwards()
      throws Exception {
    UserStore users = new UserStore(stack);
    assertThat(users.update(3, "Before", "1")).isTrue();
    CompletableFuture<Load.Result> load = load();
    await().atMost(BOUND).until(() -> stack.lookups().all() > RATE);
    backend.primary().kill();
    backend.promoteStandby();

    await()
        .atMost(BOUND)
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(users.update(3, "After", "1")).isTrue());
    Load.Result during = load.get();
    assertThat(during.served() + during.failed()).isEqualTo(during.offered());
    assertThat(during.served()).as("answers during the failover").isPositive();
    assertThat(users.update(3, "Later", "1")).as("the load changes users, too").isTrue();
    assertThat(users.byId(3).map(User::displayName)).contains("Later");

    Load.Result after = load().get();
    assertThat(after.failed()).isZero();
    assertThat(after.served()).isEqualTo(after.offered());
  }
}

package dev.perfkit.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * Proves, by random operations on several nodes under every fault, that no read is older than the
 * bound, that what was removed stays removed, that no wait exceeds its bound, and that all tiers
 * agree with the source once the fault is over.
 *
 * <p>{@code -Dcache.checker.operations=10000} makes each fault last that long.
 */
class CheckerIT {

  private static final int OPERATIONS = Integer.getInteger("cache.checker.operations", 1500);

  private static void check(Fault fault) throws Exception {
    try (Checker checker = new Checker(3)) {
      checker.run(OPERATIONS, fault);
      assertThat(checker.violations()).isEmpty();
      assertThat(checker.operations()).isGreaterThanOrEqualTo(OPERATIONS);
    }
  }

  /** Something that goes wrong again and again while the nodes work. */
  interface Fault {
    void strike(Checker checker) throws Exception;
  }

  @Test
  void nodes_withoutAFault_agree() throws Exception {
    check(checker -> {});
  }

  @Test
  void nodes_oneCutOff_agree() throws Exception {
    check(
        checker -> {
          checker.proxy(1).cut();
          checker.pause(Duration.ofMillis(300));
          checker.proxy(1).heal();
        });
  }

  @Test
  void nodes_connectionsReset_agree() throws Exception {
    check(checker -> checker.proxy(2).reset());
  }

  @Test
  void nodes_messagesLost_agree() throws Exception {
    check(Checker::killListeners);
  }

  @Test
  void nodes_redisRestartedEmpty_agree() throws Exception {
    check(
        checker -> {
          checker.redis().kill();
          checker.pause(Duration.ofMillis(100));
          checker.redis().restart();
        });
  }

  @Test
  void nodes_redisFrozen_agree() throws Exception {
    check(
        checker -> {
          checker.signal("-STOP");
          checker.pause(Duration.ofMillis(400));
          checker.signal("-CONT");
        });
  }

  @Test
  void nodes_restarted_agree() throws Exception {
    check(checker -> checker.restart(0));
  }

  @Test
  void nodes_stateEvicted_agree() throws Exception {
    check(Checker::evict);
  }
}

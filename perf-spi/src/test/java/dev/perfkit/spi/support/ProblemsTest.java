package dev.perfkit.spi.support;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

/** Proves that every problem of a configuration is reported at once. */
class ProblemsTest {

  @Test
  void throwIfAny_noProblem_returns() {
    Problems.of("cache 'users'").require(true, "a", "be even", 2).throwIfAny();
  }

  @Test
  void throwIfAny_severalProblems_reportsEachInOrder() {
    Problems problems =
        Problems.of("cache 'users'")
            .require(false, "timeToLive", "be over 0", 0)
            .require(true, "name", "be set", "users")
            .require(false, "maximumSize", "be at least 1", -1);
    assertThatIllegalArgumentException()
        .isThrownBy(problems::throwIfAny)
        .withMessage(
            """
            cache 'users' is not configured correctly:
            - timeToLive must be over 0 but was 0
            - maximumSize must be at least 1 but was -1""");
  }
}

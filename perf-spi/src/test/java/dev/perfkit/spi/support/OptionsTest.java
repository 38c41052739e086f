package dev.perfkit.spi.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Proves that each check accepts its limits, and names property, rule and value otherwise. */
class OptionsTest {

  private static final Duration SECOND = Duration.ofSeconds(1);

  @Test
  void notBlank_anyText_isAsked() {
    assertThat(Options.notBlank("name", "a")).isEqualTo("a");
    assertRefused(() -> Options.notBlank("name", ""), "name must not be blank but was ''");
    assertRefused(() -> Options.notBlank("name", " \t"), "name must not be blank but was ' \t'");
  }

  @Test
  void atLeast_limit_isAllowed() {
    assertThat(Options.atLeast("size", 1, 1)).isEqualTo(1);
    assertThat(Options.atLeast("size", 1L, 1L << 40)).isEqualTo(1L << 40);
    assertRefused(() -> Options.atLeast("size", 1, 0), "size must be at least 1 but was 0");
    assertRefused(() -> Options.atLeast("size", 1L, -5L), "size must be at least 1 but was -5");
  }

  @Test
  void between_limits_areAllowed() {
    assertThat(Options.between("level", 1, 9, 1)).isEqualTo(1);
    assertThat(Options.between("level", 1, 9, 9)).isEqualTo(9);
    assertRefused(
        () -> Options.between("level", 1, 9, 0), "level must be between 1 and 9 but was 0");
    assertRefused(
        () -> Options.between("level", 1, 9, 10), "level must be between 1 and 9 but was 10");
  }

  @Test
  void between_fractions_refusesNotANumber() {
    assertThat(Options.between("ratio", 0.0, 1.0, 1.0)).isEqualTo(1.0);
    assertThat(Options.between("ratio", 0.0, 1.0, 0.0)).isEqualTo(0.0);
    assertRefused(
        () -> Options.between("ratio", 0.0, 1.0, Double.NaN),
        "ratio must be between 0.0 and 1.0 but was NaN");
    assertRefused(
        () -> Options.between("ratio", 0.0, 1.0, 1.01),
        "ratio must be between 0.0 and 1.0 but was 1.01");
    assertRefused(
        () -> Options.between("ratio", 0.0, 1.0, -0.01),
        "ratio must be between 0.0 and 1.0 but was -0.01");
  }

  @Test
  void durations_limits_areAllowed() {
    assertThat(Options.positive("ttl", Duration.ofNanos(1))).isEqualTo(Duration.ofNanos(1));
    assertThat(Options.notNegative("ttl", Duration.ZERO)).isZero();
    assertThat(Options.between("ttl", SECOND, SECOND, SECOND)).isEqualTo(SECOND);
    assertRefused(() -> Options.positive("ttl", Duration.ZERO), "ttl must be over 0 but was PT0S");
    assertRefused(
        () -> Options.positive("ttl", SECOND.negated()), "ttl must be over 0 but was PT-1S");
    assertRefused(
        () -> Options.notNegative("ttl", SECOND.negated()),
        "ttl must not be negative but was PT-1S");
    assertRefused(
        () -> Options.between("ttl", SECOND, SECOND, Duration.ZERO),
        "ttl must be between PT1S and PT1S but was PT0S");
    assertRefused(
        () -> Options.between("ttl", Duration.ZERO, SECOND, SECOND.plusNanos(1)),
        "ttl must be between PT0S and PT1S but was PT1.000000001S");
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void anyCheck_null_namesTheProperty() {
    assertThatNullPointerException()
        .isThrownBy(() -> Options.notBlank("name", null))
        .withMessage("name");
    assertThatNullPointerException()
        .isThrownBy(() -> Options.positive("ttl", null))
        .withMessage("ttl");
    assertThatNullPointerException()
        .isThrownBy(() -> Options.notNegative("ttl", null))
        .withMessage("ttl");
    assertThatNullPointerException()
        .isThrownBy(() -> Options.between("ttl", SECOND, SECOND, null))
        .withMessage("ttl");
  }

  @Test
  void require_ruleBroken_namesPropertyRuleAndValue() {
    Options.require(true, "a", "be even", 2);
    assertRefused(() -> Options.require(false, "a", "be even", 3), "a must be even but was 3");
  }

  private static void assertRefused(ThrowingCallable check, String message) {
    assertThatIllegalArgumentException().isThrownBy(check).withMessage(message);
  }
}

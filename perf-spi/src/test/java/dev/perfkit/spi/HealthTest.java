package dev.perfkit.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.perfkit.spi.Health.Status;
import org.junit.jupiter.api.Test;

/** Proves the order of statuses, that trouble has a reason, and that a health is a value. */
class HealthTest {

  @Test
  void status_byOrder_worsensFromUpToDown() {
    assertThat(Status.values())
        .containsExactly(Status.UP, Status.UNKNOWN, Status.DEGRADED, Status.DOWN);
    assertThat(Status.DOWN.isWorseThan(Status.DEGRADED)).isTrue();
    assertThat(Status.UP.isWorseThan(Status.UP)).isFalse();
    assertThat(Status.UP.isWorseThan(Status.UNKNOWN)).isFalse();
  }

  @Test
  void of_troubleWithoutReason_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Health.of(Status.DEGRADED, " "))
        .withMessage("reason of DEGRADED must not be blank");
    assertThat(Health.of(Status.UP, "")).isEqualTo(Health.up());
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void of_null_isRefused() {
    assertThatNullPointerException().isThrownBy(() -> Health.of(null, "x"));
    assertThatNullPointerException().isThrownBy(() -> Health.of(Status.UP, null));
    assertThatNullPointerException().isThrownBy(() -> Health.up().with(null, "x"));
    assertThatNullPointerException().isThrownBy(() -> Health.up().with("x", null));
  }

  @Test
  void with_details_keepsTheirOrderAndLeavesTheFirstAlone() {
    Health plain = Health.of(Status.DOWN, "no connection");
    Health detailed = plain.with("pending", "12").with("active", "10");
    assertThat(plain.details()).isEmpty();
    assertThat(detailed.details().keySet()).containsExactly("pending", "active");
    assertThat(detailed.status()).isEqualTo(Status.DOWN);
    assertThat(detailed.reason()).isEqualTo("no connection");
    assertThat(detailed).hasToString("DOWN: no connection {pending=12, active=10}");
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> detailed.details().clear());
  }

  @Test
  void equals_everyPart_counts() {
    Health health = Health.of(Status.DOWN, "a").with("k", "v");
    Health same = Health.of(Status.DOWN, "a").with("k", "v");
    assertThat(health).isEqualTo(same).hasSameHashCodeAs(same);
    assertThat(health)
        .isNotEqualTo(Health.of(Status.DEGRADED, "a").with("k", "v"))
        .isNotEqualTo(Health.of(Status.DOWN, "b").with("k", "v"))
        .isNotEqualTo(Health.of(Status.DOWN, "a"))
        .isNotEqualTo("DOWN");
    assertThat(Health.up()).hasToString("UP");
  }
}

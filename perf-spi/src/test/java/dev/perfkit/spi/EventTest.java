package dev.perfkit.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.perfkit.spi.Event.Severity;
import org.junit.jupiter.api.Test;

/** Proves that an event is a complete value and refuses blank words. */
class EventTest {

  private final Event event =
      Event.of("cache/users", "breaker-opened", Severity.WARNING, 1_000, "Redis does not answer.");

  @Test
  void of_blankWord_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Event.of(" ", "t", Severity.INFO, 0, "m"))
        .withMessage("source must not be blank but was ' '");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Event.of("s", "", Severity.INFO, 0, "m"))
        .withMessage("type must not be blank but was ''");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Event.of("s", "t", Severity.INFO, 0, "\n"))
        .withMessageStartingWith("message must not be blank");
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void of_null_isRefused() {
    assertThatNullPointerException().isThrownBy(() -> Event.of(null, "t", Severity.INFO, 0, "m"));
    assertThatNullPointerException().isThrownBy(() -> Event.of("s", null, Severity.INFO, 0, "m"));
    assertThatNullPointerException().isThrownBy(() -> Event.of("s", "t", null, 0, "m"));
    assertThatNullPointerException().isThrownBy(() -> Event.of("s", "t", Severity.INFO, 0, null));
    assertThatNullPointerException().isThrownBy(() -> event.with(null, "v"));
    assertThatNullPointerException().isThrownBy(() -> event.with("k", null));
  }

  @Test
  void parts_ofAnEvent_areKept() {
    assertThat(event.source()).isEqualTo("cache/users");
    assertThat(event.type()).isEqualTo("breaker-opened");
    assertThat(event.severity()).isEqualTo(Severity.WARNING);
    assertThat(event.epochMillis()).isEqualTo(1_000);
    assertThat(event.message()).isEqualTo("Redis does not answer.");
    assertThat(event.details()).isEmpty();
  }

  @Test
  void with_details_keepsTheirOrderAndLeavesTheFirstAlone() {
    Event detailed = event.with("z", "1").with("a", "2");
    assertThat(event.details()).isEmpty();
    assertThat(detailed.details().keySet()).containsExactly("z", "a");
    assertThat(detailed)
        .hasToString(
            "1970-01-01T00:00:01Z WARNING cache/users breaker-opened: Redis does not answer."
                + " {z=1, a=2}");
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> detailed.details().clear());
  }

  @Test
  void equals_everyPart_counts() {
    Event same =
        Event.of("cache/users", "breaker-opened", Severity.WARNING, 1_000, event.message());
    assertThat(event).isEqualTo(same).hasSameHashCodeAs(same);
    assertThat(event)
        .isNotEqualTo(Event.of("x", event.type(), event.severity(), 1_000, event.message()))
        .isNotEqualTo(Event.of(event.source(), "x", event.severity(), 1_000, event.message()))
        .isNotEqualTo(Event.of(event.source(), event.type(), Severity.INFO, 1_000, event.message()))
        .isNotEqualTo(Event.of(event.source(), event.type(), event.severity(), 1, event.message()))
        .isNotEqualTo(Event.of(event.source(), event.type(), event.severity(), 1_000, "x"))
        .isNotEqualTo(event.with("k", "v"))
        .isNotEqualTo("event");
  }
}

package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.perfkit.spi.Event;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Proves which findings of rules are changes, and what the events say that tell them. */
final class AlertBoardTest {

  private final AlertBoard board = new AlertBoard();
  private final List<Alert> sent = new ArrayList<>();

  @Test
  void publish_sameStateAgain_keepsSinceAndIsSentOnce() {
    publish(Alert.State.FIRING, 10, "first");
    publish(Alert.State.FIRING, 20, "second");
    assertThat(sent).extracting(Alert::message).containsExactly("first");
    assertThat(board.current()).hasSize(1);
    assertThat(board.current().get(0).since()).isEqualTo(Instant.ofEpochSecond(10));
    assertThat(board.current().get(0).message()).isEqualTo("second");
  }

  @Test
  void publish_resolvedAfterFiring_isSentAndForgotten() {
    publish(Alert.State.FIRING, 10, "fires");
    publish(Alert.State.NO_DATA, 20, "nothing is known");
    publish(Alert.State.RESOLVED, 30, "is over");
    publish(Alert.State.RESOLVED, 40, "is still over");
    assertThat(sent)
        .extracting(Alert::message)
        .containsExactly("fires", "nothing is known", "is over");
    assertThat(board.current()).isEmpty();
  }

  @Test
  void publish_lowConfidenceThatEnds_endsWithoutAWord() {
    publish(Alert.State.LOW_CONFIDENCE, 10, "perhaps");
    publish(Alert.State.RESOLVED, 20, "no");
    assertThat(sent).extracting(Alert::message).containsExactly("perhaps");
    assertThat(board.current()).isEmpty();
  }

  @Test
  void toEvent_eachState_hasTypeSeverityAndDetails() {
    Event firing = alert(Alert.State.FIRING, 10, "fires").toEvent("sla/app");
    assertThat(firing.type()).isEqualTo("alert-firing");
    assertThat(firing.source()).isEqualTo("sla/app");
    assertThat(firing.severity()).isEqualTo(Event.Severity.CRITICAL);
    assertThat(firing.epochMillis()).isEqualTo(10_000);
    assertThat(firing.details())
        .containsEntry("alert", "api/availability-99.9/burn-1h")
        .containsEntry("service", "api")
        .containsEntry("objective", "availability-99.9")
        .containsEntry("rule", "burn-1h")
        .containsEntry("burn", "14.5");
    assertThat(severity(Alert.State.NO_DATA)).isEqualTo(Event.Severity.WARNING);
    assertThat(severity(Alert.State.LOW_CONFIDENCE)).isEqualTo(Event.Severity.INFO);
    assertThat(severity(Alert.State.RESOLVED)).isEqualTo(Event.Severity.INFO);
    assertThat(Alert.State.NO_DATA.eventType()).isEqualTo("alert-no-data");
    assertThat(Alert.State.LOW_CONFIDENCE.eventType()).isEqualTo("alert-low-confidence");
    assertThat(Alert.State.RESOLVED.eventType()).isEqualTo("alert-resolved");
  }

  @Test
  void alert_valuesChangedAfterwards_keepsItsOwn() {
    Map<String, String> values = new HashMap<>(Map.of("burn", "2"));
    Alert alert = alert(Alert.State.FIRING, values);
    values.clear();
    assertThat(alert.values()).containsEntry("burn", "2");
  }

  @Test
  void alert_blankMessage_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> alert(Alert.State.FIRING, 1, " "))
        .withMessageContaining("message");
  }

  private static Event.Severity severity(Alert.State state) {
    return alert(state, 10, "says so").toEvent("sla/app").severity();
  }

  private void publish(Alert.State state, long second, String message) {
    board.publish(alert(state, second, message));
    board.send(sent::add);
  }

  private static Alert alert(Alert.State state, Map<String, String> values) {
    return new Alert(
        "id", "api", "slo", "rule", Event.Severity.WARNING, state, Instant.EPOCH, "m", values);
  }

  private static Alert alert(Alert.State state, long second, String message) {
    return new Alert(
        "api/availability-99.9/burn-1h",
        "api",
        "availability-99.9",
        "burn-1h",
        Event.Severity.CRITICAL,
        state,
        Instant.ofEpochSecond(second),
        message,
        Map.of("burn", "14.5"));
  }
}

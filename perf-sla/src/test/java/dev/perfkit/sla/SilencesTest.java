package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perfkit.spi.Event;
import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import dev.perfkit.testkit.RecordingEvents;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.NotBlank;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Proves what a silence keeps from being told, what is told when it ends, and what is kept of it.
 */
final class SilencesTest {

  private final FakeTimeSource time = FakeTimeSource.create();
  private final RecordingEvents events = RecordingEvents.create();
  private final double[] load = {1};
  private final SlaMonitor monitor =
      SlaMonitor.named("test")
          .timeSource(time)
          .scheduler(FakeScheduler.on(time))
          .events(events)
          .alertRules(
              List.of(
                  AlertRule.above("busy", Signal.of("load", () -> load[0]), 3)
                      .lasting(Duration.ZERO)))
          .build();

  @AfterEach
  void close() {
    monitor.close();
  }

  @Test
  void silence_whileItFires_isShownButNotToldUntilItEnds() throws Exception {
    monitor.silence(silence(60));
    load[0] = 5;
    seconds(30);
    assertThat(events.types()).containsExactly("silence-declared");
    assertThat(monitor.alerts()).hasSize(1);
    JsonNode json = new ObjectMapper().readTree(monitor.json());
    assertThat(json.get("alerts").get(0).get("silenced").booleanValue()).isTrue();
    assertThat(monitor.prometheus()).containsPattern("sla_alert_silenced\\{[^}]*} 1\n");
    seconds(29);
    assertThat(events.types()).hasSize(1);
    seconds(2);
    assertThat(events.types()).containsExactly("silence-declared", "silence-ended", "alert-firing");
    assertThat(monitor.prometheus()).containsPattern("sla_alert_silenced\\{[^}]*} 0\n");
  }

  @Test
  void silence_firesAndEndsWithin_isNeverTold() {
    monitor.silence(silence(60));
    load[0] = 5;
    seconds(20);
    load[0] = 1;
    seconds(100);
    assertThat(events.types()).containsExactly("silence-declared", "silence-ended");
    assertThat(monitor.silences().get(0).held()).isEqualTo(2);
  }

  @Test
  void silence_endOfWhatWasTold_isToldAfterwards() {
    load[0] = 5;
    seconds(6);
    monitor.silence(silence(60));
    load[0] = 1;
    seconds(30);
    assertThat(events.types()).containsExactly("alert-firing", "silence-declared");
    seconds(40);
    assertThat(events.types()).endsWith("silence-ended", "alert-resolved");
  }

  @Test
  void silence_endsAndFiresAgainWithin_isNotToldTwice() {
    load[0] = 5;
    seconds(6);
    monitor.silence(silence(60));
    load[0] = 1;
    seconds(10);
    load[0] = 5;
    seconds(100);
    assertThat(events.types()).containsExactly("alert-firing", "silence-declared", "silence-ended");
  }

  @Test
  void cancel_whileItFires_tellsItWithinASecondAndIsKept() throws Exception {
    Silence silence = silence(600);
    monitor.silence(silence);
    load[0] = 5;
    seconds(30);
    assertThat(monitor.cancel(silence)).isTrue();
    assertThat(monitor.cancel(silence)).isFalse();
    seconds(1);
    assertThat(events.types())
        .containsExactly("silence-declared", "silence-cancelled", "alert-firing");
    Event cancelled = events.events().get(1);
    assertThat(cancelled.details()).containsEntry("author", "ops").containsEntry("rule", "busy*");
    SilenceRecord kept = monitor.silences().get(0);
    assertThat(kept.held()).isEqualTo(1);
    assertThat(kept.cancelled()).isPresent();
    JsonNode json = new ObjectMapper().readTree(monitor.json()).get("silences").get(0);
    assertThat(json.get("reason").textValue()).isEqualTo("known");
    assertThat(json.get("held").longValue()).isEqualTo(1);
    assertThat(json.get("cancelled").textValue()).isNotEmpty();
  }

  @Test
  void silence_ofSomethingElse_holdsNothing() {
    monitor.silence(new Silence("api", "*", "*", now().plusSeconds(600), "another service", "ops"));
    load[0] = 5;
    seconds(10);
    assertThat(events.types()).containsExactly("silence-declared", "alert-firing");
    assertThat(monitor.silences().get(0).held()).isZero();
  }

  @Test
  void matches_eachPattern_isAboutTheWholeText() {
    assertThat(of("api", "*", "*").matches(alert())).isTrue();
    assertThat(of("ap", "*", "*").matches(alert())).isFalse();
    assertThat(of("a*", "*99*", "burn-*").matches(alert())).isTrue();
    assertThat(of("*", "*", "*-1h").matches(alert())).isTrue();
    assertThat(of("*", "*", "*-2h").matches(alert())).isFalse();
    assertThat(of("*i", "avail**9", "b*n*1h").matches(alert())).isTrue();
    assertThat(of("a.i", "*", "*").matches(alert())).as("no regular expression").isFalse();
    String hard = "*a".repeat(99);
    assertThat(of(hard, "*", "*").matches(alert())).as("and quickly").isFalse();
  }

  @Property
  void matches_anyPattern_isWhatARegularExpressionSays(
      @ForAll @CharRange(from = 'a', to = 'c') @Chars('*') @NotBlank @StringLength(max = 8)
          String pattern,
      @ForAll @CharRange(from = 'a', to = 'c') @StringLength(max = 10) String text) {
    Alert alert =
        new Alert(
            "id",
            text,
            "o",
            "r",
            Event.Severity.WARNING,
            Alert.State.FIRING,
            Instant.EPOCH,
            "m",
            Map.of());
    assertThat(of(pattern, "*", "*").matches(alert))
        .isEqualTo(text.matches(pattern.replace("*", ".*")));
  }

  @Test
  void silence_thatIsOverOrTooLongOrTwice_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> monitor.silence(silence(0)))
        .withMessageContaining("until must lie in the next 31 days");
    assertThatIllegalArgumentException().isThrownBy(() -> monitor.silence(silence(32 * 86_400)));
    Silence once = silence(60);
    monitor.silence(once);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> monitor.silence(once))
        .withMessageContaining("not be in force already");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Silence.of("api", now(), " ", "ops"))
        .withMessageContaining("reason");
    assertThat(Silence.of("api", now(), "why", "ops").rule()).isEqualTo("*");
  }

  @Test
  void silences_thousandIn400Days_areEnough() {
    Silences silences = new Silences();
    for (int i = 0; i < Silences.MOST; i++) {
      silences.declare(silence(1 + i), now());
    }
    assertThatIllegalStateException()
        .isThrownBy(() -> silences.declare(silence(5_000), now()))
        .withMessageContaining("at most 1000 in 400 days");
    Instant later = now().plus(Duration.ofDays(402));
    silences.declare(Silence.of("api", later.plusSeconds(60), "why", "ops"), later);
    assertThat(silences.all()).hasSize(1);
  }

  private Silence silence(long seconds) {
    return new Silence("*", "load", "busy*", now().plusSeconds(seconds), "known", "ops");
  }

  private Silence of(String service, String objective, String rule) {
    return new Silence(service, objective, rule, now(), "why", "ops");
  }

  private static Alert alert() {
    return new Alert(
        "api/availability-99.9/burn-1h",
        "api",
        "availability-99.9",
        "burn-1h",
        Event.Severity.CRITICAL,
        Alert.State.FIRING,
        Instant.EPOCH,
        "fires",
        Map.of());
  }

  private Instant now() {
    return Instant.ofEpochMilli(time.currentTimeMillis());
  }

  private void seconds(int count) {
    time.advance(Duration.ofSeconds(count));
  }
}

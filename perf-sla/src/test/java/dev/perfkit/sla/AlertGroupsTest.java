package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.perfkit.spi.Event;
import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import dev.perfkit.testkit.RecordingEvents;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Proves that changes that belong together are told once, with all of their members. */
final class AlertGroupsTest {

  private static final long SECOND = 1_000_000_000L;

  private final RecordingEvents events = RecordingEvents.create();
  private Grouper grouper =
      new Grouper("sla/test", AlertGroups.by(AlertGroups.Key.SERVICE), events::accept);

  @Test
  void members_withinTheWindow_areOneEventAtItsEnd() {
    grouper.add(alert("api", "burn-1h", Alert.State.FIRING), 0);
    grouper.add(alert("api", "burn-6h", Alert.State.LOW_CONFIDENCE), 20 * SECOND);
    grouper.add(alert("db", "burn-1h", Alert.State.FIRING), 25 * SECOND);
    grouper.send(29 * SECOND, 29_000);
    assertThat(events.events()).isEmpty();
    grouper.send(30 * SECOND, 30_000);
    assertThat(events.types()).containsExactly("alert-group");
    Event group = events.events().get(0);
    assertThat(group.severity()).isEqualTo(Event.Severity.CRITICAL);
    assertThat(group.message()).isEqualTo("alerts of service=api: 1 low-confidence, 1 firing");
    assertThat(group.details())
        .containsEntry("group", "service=api")
        .containsEntry("members", "2")
        .containsEntry("FIRING", "1")
        .containsEntry("api/slo/burn-1h", "FIRING: says so")
        .containsEntry("api/slo/burn-6h", "LOW_CONFIDENCE: says so");
    grouper.send(55 * SECOND, 55_000);
    assertThat(events.events()).hasSize(2);
    grouper.send(500 * SECOND, 500_000);
    assertThat(events.events()).as("each once").hasSize(2);
  }

  @Test
  void member_thatChangesAgain_isNamedWithItsLastState() {
    grouper.add(alert("api", "burn-1h", Alert.State.FIRING), 0);
    grouper.add(alert("api", "burn-1h", Alert.State.RESOLVED), SECOND);
    grouper.sendAll(0);
    assertThat(events.events().get(0).details())
        .containsEntry("members", "1")
        .containsEntry("api/slo/burn-1h", "RESOLVED: says so");
    assertThat(events.events().get(0).severity()).isEqualTo(Event.Severity.INFO);
  }

  @Test
  void members_moreThanAHundred_areCountedAndNotAllNamed() {
    IntStream.range(0, 250)
        .forEach(i -> grouper.add(alert("api", "rule-" + i, Alert.State.FIRING), 0));
    grouper.sendAll(0);
    assertThat(events.events()).hasSize(1);
    assertThat(events.events().get(0).details()).containsEntry("members", "250");
    assertThat(events.events().get(0).details().keySet().stream().filter(key -> key.contains("/")))
        .hasSize(100);
  }

  @Test
  void by_eachKey_isWhatTheMembersShare() {
    Alert alert = alert("api", "burn-1h", Alert.State.FIRING);
    assertThat(AlertGroups.by().nameOf(alert)).isEqualTo("all");
    assertThat(AlertGroups.by(AlertGroups.Key.values()).nameOf(alert))
        .isEqualTo("service=api,objective=slo,rule=burn-1h,severity=critical");
  }

  @Test
  void none_byDefault_tellsEachAtOnce() {
    grouper = new Grouper("sla/test", AlertGroups.none(), events::accept);
    grouper.add(alert("api", "burn-1h", Alert.State.FIRING), 0);
    assertThat(events.types()).containsExactly("alert-firing");
  }

  @Test
  void within_outOfRange_isRefused() {
    AlertGroups groups = AlertGroups.by(AlertGroups.Key.RULE);
    assertThatIllegalArgumentException().isThrownBy(() -> groups.within(Duration.ofMillis(1)));
    assertThatIllegalArgumentException().isThrownBy(() -> groups.within(Duration.ofHours(2)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AlertGroups.none().within(Duration.ofMinutes(1)))
        .withMessage("groups must be by a key but was none");
    assertThat(groups.within(Duration.ofSeconds(5)))
        .isNotEqualTo(groups)
        .isEqualTo(AlertGroups.by(AlertGroups.Key.RULE).within(Duration.ofSeconds(5)));
  }

  @Test
  void outage_ofAServiceInAMonitor_isOneNotification() {
    FakeTimeSource time = FakeTimeSource.create();
    AlertGroups groups = AlertGroups.by(AlertGroups.Key.SERVICE).within(Duration.ofSeconds(10));
    SlaMonitor monitor =
        SlaMonitor.named("test")
            .timeSource(time)
            .scheduler(FakeScheduler.on(time))
            .events(events)
            .alertGroups(groups)
            .alertRules(
                List.of(
                    AlertRule.errorRate().lasting(Duration.ZERO),
                    AlertRule.responseTime().lasting(Duration.ZERO)))
            .build();
    Service api = monitor.service("api", new Slo[0]);
    for (int i = 0; i < 30; i++) {
      api.record(Duration.ofSeconds(2), Outcome.failure());
      time.advance(Duration.ofSeconds(1));
    }
    assertThat(events.types()).containsExactly("alert-group");
    assertThat(events.events().get(0).details())
        .containsEntry("members", "2")
        .containsKeys("api/errors-5m/error-rate", "api/p95-5m/response-time");
    monitor.service("db", new Slo[0]);
    for (int i = 0; i < 21; i++) {
      monitor.recordMetric("db", Duration.ofSeconds(2), true, 200);
    }
    time.advance(Duration.ofSeconds(6));
    assertThat(events.events()).hasSize(1);
    monitor.close();
    assertThat(events.types()).as("closing waits for no window").hasSize(2);
  }

  private static Alert alert(String service, String rule, Alert.State state) {
    return new Alert(
        service + "/slo/" + rule,
        service,
        "slo",
        rule,
        Event.Severity.CRITICAL,
        state,
        Instant.EPOCH,
        "says so",
        Map.of());
  }
}

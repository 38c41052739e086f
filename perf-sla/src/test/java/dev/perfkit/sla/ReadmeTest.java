package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perfkit.spi.Event;
import dev.perfkit.spi.EventSink;
import dev.perfkit.testkit.RecordingEvents;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Queue;
import org.junit.jupiter.api.Test;

/** The example of the README, executed. */
class ReadmeTest {

  @Test
  void smallest_runs() {
    // region: smallest
    SlaMonitor sla = SlaMonitor.create();
    Service api =
        sla.service("api", Slo.availability(0.999), Slo.latency(0.95, Duration.ofMillis(200)));

    long started = api.start();
    // ... answer the request
    api.end(started, Outcome.status(200));
    api.record(Duration.ofMillis(150), Outcome.success());

    WindowSnapshot lastMinute = api.window(Window.ONE_MINUTE); // count, errors, percentiles
    Compliance fast = api.compliance(api.objectives().get(1)); // MET, MISSED or NO_DATA
    String forPrometheus = sla.prometheus();
    // endregion: smallest
    assertThat(lastMinute.count()).isEqualTo(2);
    assertThat(fast.total()).isEqualTo(2);
    assertThat(fast.good()).as("the first took what the machine needed").isPositive();
    assertThat(forPrometheus).contains("sla_request_duration_seconds_count");
    sla.close();
  }

  @Test
  void objectives_run() {
    SlaMonitor sla = SlaMonitor.create();
    // region: objectives
    Slo paid =
        Slo.availability(0.999).calendar(CalendarPeriod.Unit.MONTH, ZoneId.of("Europe/Berlin"));
    Slo fast = Slo.latency(0.99, Duration.ofMillis(300)).over(Duration.ofDays(7));
    Slo busy = Slo.throughput(0.99, 50); // 50 requests a second in 99 % of the minutes
    Slo good = Slo.allOf(0.995, paid, fast); // both, in 99.5 % of the minutes
    Slo steady = Slo.errorRate(0.001).timeslices(Duration.ofMinutes(5), 0.99);
    Service checkout = sla.service("checkout", paid, fast, busy, good, steady);

    ObjectiveStatus status = checkout.status(paid); // compliance, budget, burn rates
    OptionalDouble left = status.budget().remaining(); // negative when overspent
    Optional<ErrorBudget.Exhaustion> gone = status.budget().exhaustion(); // "in 3 h (2 to 5)"
    String words = paid.description(); // when each burn alert fires in a full outage
    List<Alert> alerts = sla.alerts(); // the same go to events(...), as they change
    // endregion: objectives
    assertThat(status.objective()).isEqualTo(paid);
    assertThat(left).isEmpty();
    assertThat(gone).isEmpty();
    assertThat(words)
        .contains("page, burn over 14.4 in 1h and 5m: a full outage is told after 52 s");
    assertThat(alerts).isEmpty();
    sla.close();
  }

  @Test
  void alerts_run() {
    Queue<String> queue = new ArrayDeque<>();
    RecordingEvents recorded = RecordingEvents.create();
    EventSink webhook = recorded;
    // region: alerts
    List<AlertRule> rules = new ArrayList<>(AlertRule.standard());
    rules.add(
        AlertRule.above("queue-full", Signal.of("queue", queue::size), 900)
            .clearAt(500) // in between it stays as it was
            .lasting(Duration.ofMinutes(2))
            .severity(Event.Severity.CRITICAL));
    SlaMonitor sla =
        SlaMonitor.named("app")
            .alertRules(rules)
            .alertGroups(AlertGroups.by(AlertGroups.Key.SERVICE)) // one event for all of them
            .events(LogSink.create(), webhook)
            .build();

    Instant until = Instant.now().plus(Duration.ofHours(1));
    sla.silence(Silence.of("db", until, "index rebuild", "ops"));
    // endregion: alerts
    assertThat(recorded.types()).containsExactly("silence-declared");
    assertThat(sla.silences()).hasSize(1);
    sla.close();
  }
}

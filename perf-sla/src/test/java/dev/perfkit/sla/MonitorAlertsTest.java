package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perfkit.spi.Event;
import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import dev.perfkit.testkit.RecordingEvents;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Requests in, events out: burn alerts, budgets and exclusions through a whole monitor. */
final class MonitorAlertsTest {

  private static final Slo AVAILABLE = Slo.availability(0.999);
  private static final Slo FAST = Slo.latency(0.99, Duration.ofMillis(200));
  private static final Duration QUICK = Duration.ofMillis(20);

  private final FakeTimeSource time = FakeTimeSource.create();
  private final RecordingEvents events = RecordingEvents.create();
  private SlaMonitor monitor = options().build();

  @AfterEach
  void close() {
    monitor.close();
  }

  @Test
  void outage_afterAnHourOfTraffic_pagesWithinTwoMinutesAndResolves() throws Exception {
    Service api = monitor.service("api", AVAILABLE, FAST);
    seconds(api, 3_900, QUICK, Outcome.success());
    assertThat(events.events()).isEmpty();
    assertThat(monitor.alerts()).isEmpty();

    Instant began = Instant.ofEpochMilli(time.currentTimeMillis());
    seconds(api, 120, QUICK, Outcome.failure());
    Event page =
        events.events("alert-firing").stream()
            .filter(event -> "burn-1h".equals(event.details().get("rule")))
            .findFirst()
            .orElseThrow();
    assertThat(page.source()).isEqualTo("sla/test");
    assertThat(page.severity()).isEqualTo(Event.Severity.CRITICAL);
    assertThat(page.details())
        .containsEntry("service", "api")
        .containsEntry("objective", "availability-99.9")
        .containsEntry("rule", "burn-1h");
    assertThat(Duration.between(began, Instant.ofEpochMilli(page.epochMillis())))
        .isBetween(Duration.ofSeconds(50), Duration.ofSeconds(60));
    assertThat(monitor.alerts())
        .filteredOn(alert -> alert.rule().equals("burn-1h"))
        .extracting(Alert::state)
        .containsExactly(Alert.State.FIRING);
    assertExports();

    int before = events.events().size();
    seconds(api, 310, QUICK, Outcome.success());
    assertThat(events.events().subList(before, events.events().size()))
        .filteredOn(event -> "burn-1h".equals(event.details().get("rule")))
        .extracting(Event::type)
        .containsExactly("alert-resolved");
  }

  @Test
  void outage_whileTheWallClockJumps_pagesAtTheSameMinute() {
    Service api = monitor.service("api", AVAILABLE);
    seconds(api, 3_900, QUICK, Outcome.success());
    seconds(api, 20, QUICK, Outcome.failure());
    time.setWallClock(Instant.ofEpochMilli(time.currentTimeMillis()).plusSeconds(40 * 86_400));
    seconds(api, 20, QUICK, Outcome.failure());
    time.setWallClock(Instant.EPOCH);
    seconds(api, 9, QUICK, Outcome.failure());
    assertThat(monitor.alerts()).extracting(Alert::rule).doesNotContain("burn-1h");
    seconds(api, 10, QUICK, Outcome.failure());
    assertThat(monitor.alerts()).extracting(Alert::rule).contains("burn-1h");
  }

  @Test
  void slowRequests_ofALatencyObjective_burnItsBudgetOnly() {
    Service api = monitor.service("api", AVAILABLE, FAST);
    seconds(api, 600, Duration.ofMillis(201), Outcome.success());
    assertThat(monitor.alerts())
        .isNotEmpty()
        .allMatch(alert -> alert.objective().equals("latency-99-200ms"));
    assertThat(api.status(FAST).budget().remaining().orElseThrow()).isEqualTo(-99);
    assertThat(api.status(AVAILABLE).budget().remaining()).hasValue(1);
  }

  @Test
  void budget_betweenTwoTicks_isOfThisMoment() {
    Service api = monitor.service("api", AVAILABLE);
    time.advance(Duration.ofSeconds(10));
    api.record(QUICK, Outcome.failure());
    assertThat(api.budget(AVAILABLE).spent()).isEqualTo(1);
    assertThat(api.compliance(AVAILABLE, Window.ONE_MINUTE).bad()).isEqualTo(1);
  }

  @Test
  void exclude_duringMaintenance_countsNothingAndIsToldAndKept() throws Exception {
    Service api = monitor.service("api", AVAILABLE);
    seconds(api, 60, QUICK, Outcome.success());
    Instant now = Instant.ofEpochMilli(time.currentTimeMillis());
    Exclusion maintenance =
        new Exclusion(now, now.plusSeconds(600), "upgrade", "ops", Set.of("api"));
    monitor.exclude(maintenance);
    seconds(api, 120, QUICK, Outcome.failure());
    assertThat(monitor.cancel(maintenance)).isTrue();
    assertThat(monitor.cancel(maintenance)).isFalse();
    seconds(api, 10, QUICK, Outcome.success());

    assertThat(api.budget(AVAILABLE).spent()).isZero();
    assertThat(api.window(Window.FIVE_MINUTES).errors()).as("recorded all the same").isEqualTo(120);
    assertThat(events.types()).containsExactly("exclusion-declared", "exclusion-cancelled");
    assertThat(events.events().get(0).details())
        .containsEntry("author", "ops")
        .containsEntry("services", "[api]");
    ExclusionRecord audit = monitor.exclusions().get(0);
    assertThat(audit.requests()).isEqualTo(120);
    assertThat(audit.failures()).isEqualTo(120);
    JsonNode json = new ObjectMapper().readTree(monitor.json()).get("exclusions").get(0);
    assertThat(json.get("reason").textValue()).isEqualTo("upgrade");
    assertThat(json.get("requests").longValue()).isEqualTo(120);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> monitor.exclude(maintenance))
        .withMessageContaining("from must not lie in the past");
  }

  @Test
  void absenceAfter_set_isTheSilenceThatAlerts() {
    monitor.close();
    monitor = options().absenceAfter(Duration.ofMinutes(2)).build();
    Service api = monitor.service("api", AVAILABLE);
    seconds(api, 600, QUICK, Outcome.success());
    time.advance(Duration.ofSeconds(119));
    assertThat(events.events()).isEmpty();
    time.advance(Duration.ofSeconds(3));
    assertThat(events.types()).containsExactly("alert-firing");
    assertThat(monitor.alerts().get(0).rule()).isEqualTo("absence");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options().absenceAfter(Duration.ofSeconds(1)))
        .withMessage("absenceAfter must be 0 or at least 10 seconds but was PT1S");
  }

  @Test
  void json_ofEachKind_tellsWhatWasPromised() throws Exception {
    Slo busy = Slo.throughput(0.99, 50).calendar(CalendarPeriod.Unit.DAY, ZoneId.of("UTC"));
    monitor.service("api", busy, AVAILABLE);
    JsonNode objectives = new ObjectMapper().readTree(monitor.json()).findValue("objectives");
    assertThat(objectives.get(0).get("kind").textValue()).isEqualTo("THROUGHPUT");
    assertThat(objectives.get(0).get("floor").doubleValue()).isEqualTo(50);
    assertThat(objectives.get(0).get("timesliceSeconds").intValue()).isEqualTo(60);
    assertThat(objectives.get(0).get("calendar").textValue()).isEqualTo("day UTC");
    assertThat(objectives.get(0).get("budgetConfidence").textValue()).isEqualTo("LOW");
    assertThat(objectives.get(0).get("leftOut")).isNotEmpty();
    assertThat(objectives.get(1).get("calendar").isNull()).isTrue();
    assertThat(objectives.get(1).get("floor").isNull()).isTrue();
  }

  @Test
  void status_objectiveOfAnotherService_isRefused() {
    Service api = monitor.service("api", AVAILABLE);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> api.status(FAST))
        .withMessageContaining("objective must be one of service 'api'");
  }

  @Test
  void status_ofTheOverflow_isUnknown() {
    monitor.close();
    monitor = options().maximumServices(1).build();
    monitor.service("api", AVAILABLE);
    Service rest = monitor.service("more", AVAILABLE);
    rest.record(QUICK, Outcome.failure());
    assertThat(rest.status(AVAILABLE).compliance().state()).isEqualTo(Compliance.State.NO_DATA);
    assertThat(rest.status(AVAILABLE).budget().confidence()).isEqualTo(ErrorBudget.Confidence.LOW);
  }

  private void assertExports() throws Exception {
    String text = monitor.prometheus();
    String labels = "{objective=\"availability-99.9\",service=\"api\"";
    assertThat(text)
        .contains("sla_objective_met" + labels + "} 0.0\n")
        .containsPattern("sla_error_budget_exhaustion_seconds\\{[^}]*service=\"api\"} 0\\.0")
        .containsPattern(
            "sla_burn_rate\\{[^}]*service=\"api\",tier=\"burn-1h\",window=\"short\"} [1-9]")
        .contains(
            "sla_alert_state{objective=\"availability-99.9\",rule=\"burn-1h\",service=\"api\","
                + "severity=\"critical\"} 2\n");
    JsonNode objective =
        new ObjectMapper().readTree(monitor.json()).findValues("objectives").get(0).get(0);
    assertThat(objective.get("budgetConfidence").textValue()).isEqualTo("FULL");
    JsonNode tier = objective.get("burns").get(0);
    assertThat(tier.get("tier").textValue()).isEqualTo("burn-1h");
    assertThat(tier.get("state").textValue()).isEqualTo("FIRING");
    assertThat(tier.get("longRate").doubleValue()).isGreaterThan(14.4);
    List<String> alerts = new ObjectMapper().readTree(monitor.json()).findValuesAsText("alert");
    assertThat(alerts).contains("api/availability-99.9/burn-1h");
  }

  private void seconds(Service service, int count, Duration duration, Outcome outcome) {
    for (int i = 0; i < count; i++) {
      service.record(duration, outcome);
      time.advance(Duration.ofSeconds(1));
    }
  }

  private SlaMonitorBuilder options() {
    return SlaMonitor.named("test")
        .timeSource(time)
        .scheduler(FakeScheduler.on(time))
        .events(events);
  }
}

package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perfkit.spi.Event;
import dev.perfkit.spi.Health;
import dev.perfkit.spi.Metric;
import dev.perfkit.spi.Telemetry;
import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import dev.perfkit.testkit.RecordingEvents;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.DoubleSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Every kind of signal and each usual rule, from requests and metrics to events and exports. */
final class AlertRulesTest {

  private static final Duration QUICK = Duration.ofMillis(20);

  private final FakeTimeSource time = FakeTimeSource.create();
  private final RecordingEvents events = RecordingEvents.create();
  private SlaMonitor monitor = monitor(ofServicesAndMetrics());

  @AfterEach
  void close() {
    monitor.close();
  }

  @Test
  void responseTime_over500Ms_firesAfterAMinuteAndEndsUnder450() {
    Service api = monitor.service("api", new Slo[0]);
    seconds(300, () -> api.record(QUICK, Outcome.success()));
    assertThat(events.events()).isEmpty();
    seconds(30, () -> repeat(20, () -> api.record(Duration.ofMillis(620), Outcome.success())));
    assertThat(events.events()).as("a minute is not over").isEmpty();
    seconds(70, () -> repeat(20, () -> api.record(Duration.ofMillis(620), Outcome.success())));
    Event fired = single("alert-firing");
    assertThat(fired.severity()).isEqualTo(Event.Severity.WARNING);
    assertThat(fired.message())
        .contains("p95-5m of service 'api' is 6")
        .contains("over 500 ms; the alert ends at 450 ms");
    assertThat(fired.details())
        .containsEntry("alert", "api/p95-5m/response-time")
        .containsEntry("limit", "0.5")
        .containsEntry("clearAt", "0.45")
        .containsEntry("scope", "process");
    seconds(320, () -> repeat(20, () -> api.record(Duration.ofMillis(470), Outcome.success())));
    assertThat(types()).as("470 ms is between the limits").containsExactly("alert-firing");
    seconds(320, () -> repeat(20, () -> api.record(Duration.ofMillis(430), Outcome.success())));
    assertThat(types()).containsExactly("alert-firing", "alert-resolved");
  }

  @Test
  void errorRate_over5Percent_isCritical() {
    Service api = monitor.service("api", new Slo[0]);
    int[] count = {0};
    seconds(400, () -> api.record(QUICK, Outcome.of(count[0]++ % 16 != 0, 0))); // 6.25 %
    assertThat(single("alert-firing").severity()).isEqualTo(Event.Severity.CRITICAL);
    assertThat(single("alert-firing").details()).containsEntry("rule", "error-rate");
  }

  @Test
  void errorRate_fewRequests_saysNothing() {
    Service api = monitor.service("api", new Slo[0]);
    for (int i = 0; i < 100; i++) {
      api.record(QUICK, Outcome.failure());
      time.advance(Duration.ofSeconds(20));
    }
    assertThat(events.events()).as("15 in 5 minutes").isEmpty();
    assertThat(monitor.prometheus())
        .contains(
            "sla_alert_state{objective=\"errors-5m\",rule=\"error-rate\",service=\"api\","
                + "severity=\"critical\"} 3\n");
  }

  @Test
  void throughputDrop_byAThird_firesAndEndsWhenTheyComeBack() {
    Service api = monitor.service("api", new Slo[0]);
    seconds(3_900, () -> repeat(3, () -> api.record(QUICK, Outcome.success())));
    assertThat(events.events()).isEmpty();
    seconds(360, () -> repeat(2, () -> api.record(QUICK, Outcome.success())));
    assertThat(single("alert-firing").details()).containsEntry("rule", "throughput-drop");
    seconds(360, () -> repeat(3, () -> api.record(QUICK, Outcome.success())));
    assertThat(types()).containsExactly("alert-firing", "alert-resolved");
  }

  @Test
  void throughputDrop_silence_isADropOfAll() {
    Service api = monitor.service("api", new Slo[0]);
    seconds(3_900, () -> repeat(3, () -> api.record(QUICK, Outcome.success())));
    seconds(360, () -> {});
    assertThat(single("alert-firing").details()).containsEntry("rule", "throughput-drop");
    assertThat(monitor.alerts().get(0).message()).contains("is 100 %, over 20 %");
  }

  @Test
  void throughputDrop_fewExpected_saysNothing() {
    Service api = monitor.service("api", new Slo[0]);
    seconds(3_900, () -> api.record(QUICK, Outcome.success()));
    seconds(600, () -> {});
    assertThat(events.events()).as("300 in 5 minutes are too few").isEmpty();
  }

  @Test
  void hitRate_under80And70Percent_warnsAndThenIsCritical() {
    Telemetry.Counter hits = cache("cache.memory.hits");
    Telemetry.Counter behind = cache("cache.remote.hits");
    Telemetry.Counter misses = cache("cache.memory.misses");
    seconds(700, () -> count(hits, 6, behind, 3, misses, 4));
    assertThat(events.events()).as("90 %: what was behind memory is a hit").isEmpty();
    seconds(200, () -> count(hits, 6, behind, 1, misses, 4));
    seconds(400, () -> count(hits, 6, behind, 3, misses, 4));
    assertThat(events.events()).as("nor is a cache alarming that was cold for a while").isEmpty();
    seconds(700, () -> count(hits, 6, behind, 1, misses, 4));
    Event warned = single("alert-firing");
    assertThat(warned.details())
        .containsEntry("rule", "hit-rate")
        .containsEntry("service", "cache=users");
    assertThat(warned.message()).contains("hit-rate-5m of cache=users is ", "under 80 %");
    seconds(700, () -> count(hits, 5, behind, 1, misses, 5));
    assertThat(events.events("alert-firing"))
        .extracting(event -> event.details().get("rule"))
        .containsExactly("hit-rate", "hit-rate-critical");
    seconds(700, () -> count(hits, 9, behind, 0, misses, 1));
    assertThat(types()).endsWith("alert-resolved", "alert-resolved");
    assertThat(monitor.alerts()).isEmpty();
  }

  @Test
  void poolUtilization_over75And90Percent_isOfEachNode() {
    double[] active = {7, 2};
    for (int node = 0; node < 2; node++) {
      int index = node;
      gauge("pool.active", "n" + node, () -> active[index]);
      gauge("pool.maximum", "n" + node, () -> 10);
    }
    seconds(120, () -> {});
    assertThat(events.events()).isEmpty();
    active[0] = 8;
    seconds(120, () -> {});
    assertThat(single("alert-firing").details())
        .containsEntry("rule", "pool-utilization")
        .containsEntry("service", "node=n0,pool=main");
    active[0] = 10;
    seconds(120, () -> {});
    assertThat(events.events("alert-firing")).hasSize(2);
    assertThat(events.events("alert-firing").get(1).severity()).isEqualTo(Event.Severity.CRITICAL);
  }

  @Test
  void memory_ofThisProcess_isKnown() throws Exception {
    restart(List.of(AlertRule.memory()));
    seconds(10, () -> {});
    JsonNode memory = rule("memory");
    assertThat(memory.get("value").doubleValue()).isBetween(0.0, 1.0);
    assertThat(memory.get("limit").doubleValue()).isEqualTo(0.8);
    assertThat(memory.get("lastingSeconds").intValue()).isEqualTo(300);
  }

  @Test
  void slowQueries_oneOver100Ms_firesAtOnceAndEndsAMinuteLater() {
    restart(List.of(AlertRule.slowQueries("db.query")));
    Telemetry.Timer queries = monitor.telemetry().timer(Metric.named("db.query"));
    seconds(60, () -> queries.record(50_000_000));
    assertThat(events.events()).isEmpty();
    queries.record(150_000_000);
    seconds(5, () -> queries.record(50_000_000));
    assertThat(types()).containsExactly("alert-firing");
    seconds(70, () -> queries.record(50_000_000));
    assertThat(types()).containsExactly("alert-firing", "alert-resolved");
  }

  @Test
  void slower_ofOneService_leavesTheOthersAlone() {
    Signal slow = Signal.slower(Duration.ofMillis(100), Window.ONE_MINUTE).of("db");
    restart(List.of(AlertRule.above("slow", slow, 0).lasting(Duration.ZERO)));
    monitor.service("api", new Slo[0]).record(Duration.ofSeconds(1), Outcome.success());
    Service db = monitor.service("db", new Slo[0]);
    db.record(Duration.ofMillis(90), Outcome.success());
    seconds(5, () -> {});
    assertThat(events.events()).isEmpty();
    db.record(Duration.ofMillis(110), Outcome.failure());
    seconds(5, () -> {});
    assertThat(single("alert-firing").details()).containsEntry("service", "db");
  }

  @Test
  void throughput_silentService_isZeroAndNotMissing() {
    Signal rate = Signal.throughput(Window.ONE_MINUTE);
    restart(List.of(AlertRule.below("idle", rate, 1).lasting(Duration.ZERO)));
    monitor.service("api", new Slo[0]);
    seconds(5, () -> {});
    assertThat(single("alert-firing").message()).contains("is 0 per second, under 1 per second");
  }

  @Test
  void hostsNumber_thatFailsOrIsGone_isNoDataAndStopsNothing() {
    double[] load = {5};
    Signal signal =
        Signal.of(
            "load",
            () -> {
              if (load[0] < 0) {
                throw new IllegalStateException("a host's number");
              }
              return load[0];
            });
    restart(List.of(AlertRule.above("load", signal, 3)));
    seconds(70, () -> {});
    assertThat(types()).containsExactly("alert-firing");
    load[0] = -1;
    seconds(55, () -> {});
    assertThat(types()).as("it is held").containsExactly("alert-firing");
    seconds(15, () -> {});
    assertThat(types()).containsExactly("alert-firing", "alert-no-data");
    seconds(300, () -> {});
    assertThat(types()).as("never resolved").hasSize(2);
    load[0] = 1;
    seconds(5, () -> {});
    assertThat(types()).endsWith("alert-resolved");
  }

  @Test
  void wallClock_jumpsEitherWay_changesNothing() {
    double[] load = {1};
    restart(List.of(AlertRule.above("load", Signal.of("load", () -> load[0]), 3)));
    seconds(10, () -> {});
    load[0] = 5;
    seconds(30, () -> {});
    time.setWallClock(Instant.ofEpochMilli(time.currentTimeMillis()).plusSeconds(86_400));
    seconds(15, () -> {});
    assertThat(events.events()).isEmpty();
    time.setWallClock(Instant.EPOCH);
    seconds(25, () -> {});
    assertThat(types()).containsExactly("alert-firing");
  }

  @Test
  void exclusion_ofAService_keepsWhatItsRulesSay() {
    Service api = monitor.service("api", new Slo[0]);
    Instant now = Instant.ofEpochMilli(time.currentTimeMillis());
    monitor.exclude(new Exclusion(now, now.plusSeconds(3_600), "upgrade", "ops", Set.of("api")));
    seconds(3_600, () -> api.record(Duration.ofSeconds(3), Outcome.failure()));
    assertThat(types()).containsExactly("exclusion-declared");
    seconds(600, () -> api.record(QUICK, Outcome.success()));
    assertThat(types()).as("nor for what is still in the windows").hasSize(1);
    seconds(400, () -> api.record(QUICK, Outcome.failure()));
    assertThat(single("alert-firing").details()).containsEntry("rule", "error-rate");
  }

  @Test
  void firing_inEveryExport_isSeenWithItsNumber() throws Exception {
    restart(
        List.of(
            AlertRule.above("load", Signal.of("load", () -> 5), 3)
                .severity(Event.Severity.CRITICAL)));
    seconds(70, () -> {});
    String labels = "{objective=\"load\",rule=\"load\",service=\"process\",severity=\"critical\"}";
    assertThat(monitor.prometheus())
        .contains("sla_alert_state" + labels + " 2\n")
        .contains("sla_alert_value" + labels + " 5.0\n")
        .contains("sla_alert_silenced" + labels + " 0\n");
    assertThat(rule("load").get("state").textValue()).isEqualTo("FIRING");
    JsonNode alert = new ObjectMapper().readTree(monitor.json()).get("alerts").get(0);
    assertThat(alert.get("alert").textValue()).isEqualTo("process/load/load");
    assertThat(monitor.health().status()).as("it does its work").isEqualTo(Health.Status.UP);
    assertThat(monitor.health().details()).containsEntry("alerts", "1 firing: process/load/load");
  }

  @Test
  void standard_each_hasTheNumbersOfTheReadme() {
    assertThat(AlertRule.standard())
        .extracting(
            rule ->
                "%s %s %s %s %s %s"
                    .formatted(
                        rule.name(),
                        rule.signal().name(),
                        rule.limitText(),
                        rule.clearText(),
                        rule.lasting().toSeconds(),
                        rule.severity()))
        .containsExactly(
            "response-time p95-5m over 500 ms 450 ms 60 WARNING",
            "error-rate errors-5m over 5 % 4 % 60 CRITICAL",
            "throughput-drop throughput-drop-5m over 20 % 10 % 60 WARNING",
            "hit-rate hit-rate-5m under 80 % 82 % 300 WARNING",
            "hit-rate-critical hit-rate-5m under 70 % 72 % 300 CRITICAL",
            "pool-utilization pool.active/pool.maximum over 75 % 70 % 60 WARNING",
            "pool-utilization-critical pool.active/pool.maximum over 90 % 85 % 60 CRITICAL",
            "memory heap over 80 % 75 % 300 WARNING");
    AlertRule slow = AlertRule.slowQueries("db.query");
    assertThat(slow.signal().name()).isEqualTo("db.query-over-100ms-1m");
    assertThat(slow.limitText() + slow.lasting()).isEqualTo("over 0PT0S");
  }

  @Test
  void clearAt_notSet_isATwentiethBetter() {
    assertThat(AlertRule.above("a", Signal.heap(), 0.8).clearText()).isEqualTo("76 %");
    assertThat(AlertRule.below("b", Signal.heap(), 0.8).clearText()).isEqualTo("84 %");
  }

  @Test
  void build_rulesOfOneNameOrTooMany_areRefused() {
    AlertRule one = AlertRule.memory();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> monitor(List.of(one, one)))
        .withMessageContaining("alertRules must have unique names");
    List<AlertRule> many =
        IntStream.rangeClosed(0, 100)
            .mapToObj(i -> AlertRule.above("r" + i, Signal.heap(), 1))
            .collect(Collectors.toList());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> monitor(many))
        .withMessageContaining("alertRules must be at most 100 in number but was 101");
  }

  @Test
  void rule_valuesOutOfRange_areRefusedWithRuleAndValue() {
    Signal heap = Signal.heap();
    AlertRule rule = AlertRule.above("r", heap, 0.8);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> rule.clearAt(0.9))
        .withMessage("clearAt of rule 'r' must be at most the limit of 0.8 but was 0.9");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AlertRule.below("r", heap, 0.8).clearAt(0.7))
        .withMessageContaining("at least the limit");
    assertThatIllegalArgumentException().isThrownBy(() -> rule.lasting(Duration.ofDays(2)));
    assertThatIllegalArgumentException().isThrownBy(() -> rule.severity(Event.Severity.INFO));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AlertRule.above("r", heap, Double.NaN))
        .withMessageContaining("finite");
    assertThatIllegalArgumentException().isThrownBy(() -> AlertRule.above(" ", heap, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AlertRule.above("r", heap, Duration.ofSeconds(1)))
        .withMessageContaining("signal must be in seconds");
  }

  @Test
  void signal_valuesOutOfRange_areRefusedWithRuleAndValue() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Signal.percentile(1.1, Window.ONE_MINUTE));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Signal.throughputDrop(Window.ONE_HOUR, Window.ONE_MINUTE))
        .withMessage("before must be longer than 1h and at most 30d but was 1m");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Signal.throughputDrop(Window.THREE_DAYS, Window.THIRTY_DAYS));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Signal.slowerOf("t", Duration.ZERO, Window.ONE_MINUTE));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Signal.ratio("r", List.of(), List.of("b"), Window.ONE_MINUTE));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Signal.ratio("r", List.of("a"), List.of("b"), Window.THREE_DAYS));
    assertThatIllegalArgumentException().isThrownBy(() -> Signal.heap().of("api"));
    assertThatIllegalArgumentException().isThrownBy(() -> Signal.heap().atLeast(3));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Signal.errorRate(Window.ONE_MINUTE).atLeast(0));
  }

  private JsonNode rule(String name) throws Exception {
    for (JsonNode rule : new ObjectMapper().readTree(monitor.json()).get("rules")) {
      if (rule.get("rule").textValue().equals(name)) {
        return rule;
      }
    }
    throw new AssertionError("no rule " + name);
  }

  private Event single(String type) {
    assertThat(events.events(type)).hasSize(1);
    return events.events(type).get(0);
  }

  private List<String> types() {
    return events.types();
  }

  private Telemetry.Counter cache(String name) {
    return monitor.telemetry().counter(Metric.named(name).tag("cache", "users"));
  }

  private void gauge(String name, String node, DoubleSupplier value) {
    Telemetry.Registration unused =
        monitor.telemetry().gauge(Metric.named(name).tag("pool", "main").tag("node", node), value);
  }

  private static void count(
      Telemetry.Counter hits,
      int hit,
      Telemetry.Counter behind,
      int found,
      Telemetry.Counter misses,
      int missed) {
    hits.add(hit);
    behind.add(found);
    misses.add(missed);
  }

  private void seconds(int count, Runnable each) {
    for (int i = 0; i < count; i++) {
      each.run();
      time.advance(Duration.ofSeconds(1));
    }
  }

  private static void repeat(int count, Runnable each) {
    for (int i = 0; i < count; i++) {
      each.run();
    }
  }

  /** Without that of memory, as that of the tests' own process is not theirs to choose. */
  private static List<AlertRule> ofServicesAndMetrics() {
    return AlertRule.standard().stream().filter(rule -> !rule.name().equals("memory")).toList();
  }

  private void restart(List<AlertRule> rules) {
    monitor.close();
    monitor = monitor(rules);
  }

  private SlaMonitor monitor(List<AlertRule> rules) {
    return SlaMonitor.named("test")
        .timeSource(time)
        .scheduler(FakeScheduler.on(time))
        .events(events)
        .absenceAfter(Duration.ZERO)
        .alertRules(rules)
        .build();
  }
}

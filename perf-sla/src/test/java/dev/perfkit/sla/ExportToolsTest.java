package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perfkit.spi.Component;
import dev.perfkit.spi.Components;
import dev.perfkit.spi.Event;
import dev.perfkit.spi.Metric;
import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * The tools of others read the exports of a monitor with some of everything in it, and refuse
 * damaged ones. {@code -Dperfkit.promtool=/usr/bin/promtool} names the tool of Prometheus.
 */
final class ExportToolsTest {

  private static final String NASTY = "back\\slash \"quoted\"\nnew line {{x}} \u00e9\u4e2d";

  private final FakeTimeSource time = FakeTimeSource.create();
  private SlaMonitor monitor = monitor();

  @TempDir Path folder;

  /** What a tool answered. */
  private record Answer(int exit, String output) {}

  @BeforeEach
  void record() {
    Service api =
        monitor.service(
            "api",
            Slo.availability(0.999),
            Slo.latency(0.95, Duration.ofMillis(200)),
            Slo.latency(0.99, Duration.ofSeconds(1)).over(Duration.ofDays(7)),
            Slo.errorRate(0.01).calendar(CalendarPeriod.Unit.MONTH, ZoneId.of("UTC")),
            Slo.availability(0.99).timeslices(Duration.ofMinutes(1)),
            Slo.throughput(0.99, 5));
    monitor.service(
        NASTY, Slo.availability(0.9).named(NASTY), Slo.latency(0.5, Duration.ofNanos(1)));
    monitor.telemetry().counter(Metric.named("cache.hits").tag("le", NASTY).help(NASTY)).add(7);
    monitor.telemetry().timer(Metric.named("cache.loads")).record(1_500_000);
    Component group = Components.named("group");
    monitor.watch(group);
    for (int i = 0; i < 4_000; i++) {
      api.record(Duration.ofMillis(i % 900), Outcome.status(i < 3_700 ? 200 : 503));
      monitor.recordMetric(NASTY, Duration.ofMillis(i), true, i);
      time.advance(Duration.ofSeconds(1));
    }
    assertThat(monitor.alerts()).as("there are alerts to export").isNotEmpty();
  }

  @AfterEach
  void close() {
    monitor.close();
  }

  @Test
  @EnabledIfSystemProperty(named = "perfkit.promtool", matches = ".+")
  void promtool_metrics_findsNothingWrong() throws Exception {
    Answer answer = checkMetrics(monitor.prometheus());
    assertThat(answer.output()).isEmpty();
    assertThat(answer.exit()).isZero();
  }

  @Test
  @EnabledIfSystemProperty(named = "perfkit.promtool", matches = ".+")
  void promtool_damagedMetrics_findsEachFault() throws Exception {
    String text = monitor.prometheus();
    List<String> damaged =
        List.of(
            text.replaceFirst("le=\"\\+Inf\"", "le=\"+Inf"),
            text.replaceFirst("(?m)^# HELP sla_burn_rate .*\n", ""),
            text.replaceFirst("sla_responses_total counter", "sla_responses_total gauge"),
            text + "# TYPE sla_responses_total counter\n");
    for (String each : damaged) {
      assertThat(each).isNotEqualTo(text);
      assertThat(checkMetrics(each).exit()).isNotZero();
    }
  }

  @Test
  @EnabledIfSystemProperty(named = "perfkit.promtool", matches = ".+")
  void promtool_rules_findsNothingWrong() throws Exception {
    Answer answer = checkRules(monitor.prometheusRules());
    assertThat(answer.output()).contains("SUCCESS").doesNotContain("duplicate");
    assertThat(answer.exit()).isZero();
  }

  @Test
  @EnabledIfSystemProperty(named = "perfkit.promtool", matches = ".+")
  void promtool_damagedRules_findsEachFault() throws Exception {
    String text = monitor.prometheusRules();
    List<String> damaged =
        List.of(
            text.replaceFirst("sum\\(rate\\(", "sum(rate(" + "("),
            text.replaceFirst("sloth_severity: \"page\"", "sloth-severity: \"page\""),
            text.replaceFirst("sloth-slo-meta-recordings-api-a", "sloth-slo-sli-recordings-api-a"),
            text.replaceFirst("expr: \\|", "expression: |"));
    for (String each : damaged) {
      assertThat(each).isNotEqualTo(text);
      assertThat(checkRules(each).exit()).isNotZero();
    }
  }

  private Answer checkMetrics(String text) throws Exception {
    Path file = written("metrics.txt", text);
    return run(file, promtool(), "check", "metrics");
  }

  private Answer checkRules(String text) throws Exception {
    Path file = written("rules.yml", text);
    return run(file, promtool(), "check", "rules", file.toString());
  }

  private Path written(String name, String text) throws IOException {
    return Files.write(folder.resolve(name), text.getBytes(StandardCharsets.UTF_8));
  }

  private static String promtool() {
    return System.getProperty("perfkit.promtool", "promtool");
  }

  private Answer run(Path input, String... command) throws Exception {
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(command)
            .redirectInput(input.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    return new Answer(process.exitValue(), Files.readString(output));
  }

  private SlaMonitor monitor() {
    return SlaMonitor.named("test")
        .timeSource(time)
        .scheduler(FakeScheduler.on(time))
        .alertRules(
            List.of(
                AlertRule.errorRate(),
                AlertRule.above("busy", Signal.of("load", () -> 5), 3)
                    .severity(Event.Severity.CRITICAL)))
        .build();
  }
}

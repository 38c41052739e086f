package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perfkit.spi.Metric;
import dev.perfkit.spi.Telemetry;
import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Proves that the OpenMetrics text keeps the rules that differ from Prometheus' own; with {@code
 * -Dperfkit.python=/usr/bin/python3}, by the reference parser of the Prometheus client for Python.
 */
final class OpenMetricsTest {

  private static final String NASTY = "back\\slash \"quoted\"\nnew line \u00e9\u0001";
  private static final String PARSE =
      """
      import sys
      from prometheus_client.openmetrics.parser import text_string_to_metric_families
      text = open(sys.argv[1], encoding="utf-8", newline="").read()
      for family in text_string_to_metric_families(text):
          print(family.type, family.name, family.unit, len(family.samples))
      """;

  @TempDir Path folder;

  private final FakeTimeSource time = FakeTimeSource.create();
  private final SlaMonitor monitor =
      SlaMonitor.named("test").timeSource(time).scheduler(FakeScheduler.on(time)).build();
  private final List<Telemetry.Registration> gauges = new ArrayList<>();

  @BeforeEach
  void record() {
    Service api =
        monitor.service(
            "api",
            Slo.latency(0.95, Duration.ofMillis(150)),
            Slo.latency(0.99, Duration.ofSeconds(1)),
            Slo.latency(0.1, Duration.ofNanos(1_000)));
    for (int i = 1; i <= 100; i++) {
      api.record(Duration.ofMillis(i * 2L), Outcome.status(i <= 98 ? 200 : 503));
    }
    monitor.service(NASTY, new Slo[0]).record(5, Outcome.success());
    Telemetry telemetry = monitor.telemetry();
    telemetry.counter(Metric.named("cache.hits").tag("cache", NASTY).help(NASTY)).add(7);
    telemetry.counter(Metric.named("sent").unit("bytes")).add(70);
    telemetry.timer(Metric.named("cache.loads")).record(1_500_000);
    gauge(Metric.named("pool.idle").unit("connections"), 3);
    // Names that are a counter's or a timer's in OpenMetrics, though not in Prometheus' own text.
    gauge(Metric.named("cache.hits"), 1);
    gauge(Metric.named("cache.hits_created"), 2);
    gauge(Metric.named("cache.loads_seconds_created"), 4);
    gauge(Metric.named("sla.responses"), 5);
  }

  @AfterEach
  void close() {
    gauges.forEach(Telemetry.Registration::close);
    monitor.close();
  }

  @Test
  void openMetrics_counters_areFamiliesWithoutTotal() {
    assertThat(monitor.openMetrics())
        .contains("# TYPE cache_hits counter\n")
        .contains("\ncache_hits_total{cache=\"back\\\\slash \\\"quoted\\\"\\nnew line")
        .contains("# HELP cache_hits back\\\\slash \\\"quoted\\\"\\nnew line")
        .contains("# TYPE sla_responses counter\n")
        .contains("\nsla_responses_total{service=\"api\",status=\"2xx\"} 98\n")
        .doesNotContain("_total counter");
  }

  @Test
  void openMetrics_units_areTheLastWordOfTheName() {
    assertThat(monitor.openMetrics())
        .contains("# UNIT sla_request_duration_seconds seconds\n")
        .contains("# UNIT sla_objective_target_ratio ratio\n")
        .contains("# UNIT sent_bytes bytes\n")
        .doesNotContain("# UNIT pool_idle_connections");
    assertThat(monitor.prometheus()).doesNotContain("# UNIT").doesNotContain("# EOF");
  }

  @Test
  void openMetrics_end_isMarkedOnce() {
    assertThat(monitor.openMetrics()).endsWith("\n# EOF\n").containsOnlyOnce("# EOF");
  }

  @Test
  void openMetrics_edges_areCanonicalAndHoldTheThresholds() {
    String bucket = "\nsla_request_duration_seconds_bucket{outcome=\"success\",service=\"api\",le=";
    assertThat(monitor.openMetrics())
        .contains(bucket + "\"0.15\"} 75\n")
        .contains(bucket + "\"1.0\"} 98\n")
        .contains(bucket + "\"1e-06\"} 0\n")
        .contains(bucket + "\"+Inf\"} 98\n");
    assertThat(monitor.prometheus())
        .contains(bucket + "\"1\"} 98\n")
        .contains(bucket + "\"0.000001\"} 0\n");
  }

  @Test
  void openMetrics_percentiles_areGaugesOfTheirOwn() {
    assertThat(monitor.openMetrics())
        .contains("# TYPE sla_request_percentile_seconds gauge\n")
        .contains("percentile=\"99\",service=\"api\",window=\"1m\"}");
  }

  @Test
  void openMetrics_gaugeOfATakenName_isRenamed() {
    assertThat(monitor.openMetrics())
        .contains("\ncache_hits_value 1.0\n")
        .contains("\ncache_hits_created_value 2.0\n")
        .contains("\ncache_loads_seconds_created_value 4.0\n")
        .contains("\nsla_responses_value 5.0\n");
    assertThat(monitor.prometheus()).contains("\ncache_hits 1.0\n");
  }

  @Test
  @EnabledIfSystemProperty(named = "perfkit.python", matches = ".+")
  void openMetrics_byTheReferenceParser_isUnderstood() throws Exception {
    Result result = parse(monitor.openMetrics());
    assertThat(result.exit()).as(result.output()).isZero();
    assertThat(result.output())
        .contains("histogram sla_request_duration_seconds seconds ")
        .contains("counter cache_hits  1\n")
        .contains("gauge cache_hits_value  1\n")
        .contains("counter sent_bytes bytes 1\n");
  }

  @Test
  @EnabledIfSystemProperty(named = "perfkit.python", matches = ".+")
  void damagedText_byTheReferenceParser_isRefused() throws Exception {
    String good = monitor.openMetrics();
    List<String> damaged =
        List.of(
            good.replace("# EOF\n", ""),
            good.replace("# UNIT sent_bytes bytes", "# UNIT sent_bytes seconds"),
            good.replace("# TYPE cache_hits counter", "# TYPE cache_hits_total counter\n"),
            good.replace("cache_hits_value", "cache_hits"),
            monitor.prometheus());
    for (String text : damaged) {
      assertThat(text).isNotEqualTo(good);
      assertThat(parse(text).output()).contains("ValueError");
    }
  }

  private void gauge(Metric metric, double value) {
    gauges.add(monitor.telemetry().gauge(metric, () -> value));
  }

  private record Result(int exit, String output) {}

  private Result parse(String text) throws IOException, InterruptedException {
    Path file = Files.writeString(folder.resolve("metrics"), text);
    Path script = Files.writeString(folder.resolve("parse.py"), PARSE);
    String python = Objects.requireNonNull(System.getProperty("perfkit.python"));
    Process process =
        new ProcessBuilder(python, script.toString(), file.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Result(process.exitValue(), output);
  }
}

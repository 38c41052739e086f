package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perfkit.spi.Component;
import dev.perfkit.spi.Components;
import dev.perfkit.spi.Health;
import dev.perfkit.spi.Knob;
import dev.perfkit.spi.Metric;
import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The Prometheus text keeps the format's rules, the JSON is JSON, and both tell what was counted.
 */
class ExportsTest {

  private static final Pattern SAMPLE =
      Pattern.compile(
          "([a-zA-Z_:][a-zA-Z0-9_:]*)(\\{(?:[a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\"\\\\\\n]|\\\\[\\\\n\"])*\",?)*})? (\\S+)");
  private static final String NASTY = "back\\slash \"quoted\"\nnew line \u00e9\u0001";

  private final FakeTimeSource time = FakeTimeSource.create();
  private final SlaMonitor monitor =
      SlaMonitor.named("test").timeSource(time).scheduler(FakeScheduler.on(time)).build();
  private final AtomicReference<Health> health = new AtomicReference<>(Health.up());
  private final Components group = Components.named("app");

  @BeforeEach
  void record() {
    Service api =
        monitor.service("api", Slo.availability(0.999), Slo.latency(0.95, Duration.ofMillis(150)));
    for (int i = 1; i <= 100; i++) {
      api.record(Duration.ofMillis(i * 2L), Outcome.status(i <= 98 ? 200 : 503));
    }
    monitor.telemetry().counter(Metric.named("cache.hits").tag("cache", NASTY).help(NASTY)).add(7);
    monitor.telemetry().timer(Metric.named("cache.loads")).record(1_500_000);
    monitor.telemetry().gauge(Metric.named("pool.idle").unit("connections"), () -> 3);
    monitor.telemetry().gauge(Metric.named("pool.nothing"), () -> Double.NaN);
    group.add(new Part(health));
    monitor.watch(group);
  }

  @AfterEach
  void close() {
    monitor.close();
  }

  @Test
  void prometheus_everyLine_isAFamilyHeadOrASample() {
    Set<String> families = new HashSet<>();
    Set<String> series = new HashSet<>();
    for (String line : monitor.prometheus().split("\n", -1)) {
      if (line.startsWith("# TYPE ")) {
        assertThat(families.add(line.split(" ", 4)[2])).as("one TYPE line: %s", line).isTrue();
      } else if (!line.startsWith("# HELP ") && !line.isEmpty()) {
        Matcher sample = SAMPLE.matcher(line);
        assertThat(sample.matches()).as(line).isTrue();
        assertThat(series.add(sample.group(1) + sample.group(2))).as("once: %s", line).isTrue();
        assertThat(Double.parseDouble(sample.group(3).replace("+Inf", "Infinity"))).isNotNaN();
      }
    }
    assertThat(families).contains("sla_request_duration_seconds", "cache_hits_total");
  }

  @Test
  void prometheus_histogram_hasTheThresholdAndGrows() {
    Map<Double, Double> buckets = new HashMap<>();
    Matcher line =
        Pattern.compile(
                "sla_request_duration_seconds_bucket\\{([^}]*outcome=\"success\"[^}]*)} (\\S+)")
            .matcher(monitor.prometheus());
    double before = -1;
    double edgeBefore = -1;
    while (line.find()) {
      String le = line.group(1).replaceAll(".*le=\"([^\"]*)\".*", "$1").replace("+Inf", "Infinity");
      double count = Double.parseDouble(line.group(2));
      assertThat(count).isGreaterThanOrEqualTo(before);
      assertThat(Double.parseDouble(le)).isGreaterThan(edgeBefore);
      before = count;
      edgeBefore = Double.parseDouble(le);
      buckets.put(edgeBefore, count);
    }
    assertThat(buckets).containsEntry(0.15, 75.0).containsEntry(Double.POSITIVE_INFINITY, 98.0);
  }

  @Test
  void prometheus_withoutData_hasNoSampleInsteadOfNaN() {
    monitor.service("silent", Slo.availability(0.99));
    String text = monitor.prometheus();
    assertThat(text).doesNotContain("NaN");
    assertThat(text)
        .doesNotContainPattern("sla_error_budget_remaining_ratio\\{[^}]*service=\"silent\"");
    assertThat(text).containsPattern("sla_error_budget_remaining_ratio\\{[^}]*service=\"api\"");
  }

  @Test
  void prometheus_counters_neverGoDownAsTimeGoesBy() {
    double before = sum("sla_request_duration_seconds_count");
    time.advance(Duration.ofHours(2));
    assertThat(sum("sla_request_duration_seconds_count")).isEqualTo(before).isEqualTo(100);
  }

  @Test
  void json_always_parsesAndTellsTheSame() throws Exception {
    JsonNode json = new ObjectMapper().readTree(monitor.json());
    JsonNode api = json.get("services").get(0);
    assertThat(api.get("name").textValue()).isEqualTo("api");
    assertThat(api.get("count").longValue()).isEqualTo(100);
    assertThat(api.get("errors").longValue()).isEqualTo(2);
    assertThat(json.get("metrics").toString()).contains("cache");
    assertThat(json.findValuesAsText("cache")).contains(NASTY);
  }

  @Test
  void status_ofWatchedComponents_isTheWorstAndNamesIt() throws Exception {
    assertThat(monitor.status().health().status()).isEqualTo(Health.Status.UP);
    health.set(Health.of(Health.Status.DEGRADED, "Redis is away"));
    assertThat(monitor.status().health().status()).isEqualTo(Health.Status.DEGRADED);
    assertThat(monitor.status().health().reason()).contains("cache 'users'", "Redis is away");

    JsonNode json = new ObjectMapper().readTree(monitor.json());
    assertThat(json.get("status").textValue()).isEqualTo("DEGRADED");
    JsonNode part = json.get("components").get(1);
    assertThat(part.get("name").textValue()).isEqualTo("users");
    assertThat(part.get("knobs").get(0).get("value").doubleValue()).isEqualTo(1.0);
    assertThat(monitor.prometheus()).containsPattern("sla_component_health\\{[^}]*users[^}]*} 2");
  }

  private double sum(String name) {
    Matcher line =
        Pattern.compile("(?m)^" + name + "(?:\\{[^}]*})? (\\S+)").matcher(monitor.prometheus());
    double sum = 0;
    while (line.find()) {
      sum += Double.parseDouble(line.group(1));
    }
    return sum;
  }

  private record Part(AtomicReference<Health> current) implements Component {

    @Override
    public String kind() {
      return "cache";
    }

    @Override
    public String name() {
      return "users";
    }

    @Override
    public Health health() {
      return Objects.requireNonNull(current.get());
    }

    @Override
    public List<Knob> knobs() {
      return List.of(Knob.of("ttl-factor", "", 0, 2, 0.1, () -> 1.0, value -> {}));
    }

    @Override
    public void close() {}
  }
}

package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The rules have the shape that sloth gives, and ask for what the export has. */
final class RulesExportTest {

  private final FakeTimeSource time = FakeTimeSource.create();

  @Test
  void rules_ofAnAvailability_areThoseOfSloth() {
    try (SlaMonitor monitor = monitor()) {
      monitor.service("api", Slo.availability(0.999));
      List<Map<String, Object>> groups = groups(monitor.prometheusRules());
      assertThat(groups)
          .extracting(group -> group.get("name"))
          .containsExactly(
              "sloth-slo-sli-recordings-api-availability-99.9",
              "sloth-slo-meta-recordings-api-availability-99.9",
              "sloth-slo-alerts-api-availability-99.9");
      assertThat(rules(groups.get(0)))
          .extracting(rule -> rule.get("record"))
          .containsExactly(
              "slo:sli_error:ratio_rate5m",
              "slo:sli_error:ratio_rate30m",
              "slo:sli_error:ratio_rate1h",
              "slo:sli_error:ratio_rate2h",
              "slo:sli_error:ratio_rate6h",
              "slo:sli_error:ratio_rate1d",
              "slo:sli_error:ratio_rate3d",
              "slo:sli_error:ratio_rate30d");
      Map<String, Object> first = rules(groups.get(0)).get(0);
      assertThat(text(first.get("expr")))
          .isEqualTo(
              """
              (sum(rate(sla_request_duration_seconds_count{service="api",outcome="failure"}[5m])))
              /
              (sum(rate(sla_request_duration_seconds_count{service="api"}[5m])))
              """);
      assertThat(first.get("labels"))
          .isEqualTo(
              Map.of(
                  "sloth_id", "api-availability-99.9",
                  "sloth_service", "api",
                  "sloth_slo", "availability-99.9",
                  "sloth_window", "5m"));
      assertThat(rules(groups.get(1)))
          .extracting(rule -> rule.get("record"))
          .containsExactly(
              "slo:objective:ratio",
              "slo:error_budget:ratio",
              "slo:time_period:days",
              "slo:current_burn_rate:ratio",
              "slo:period_burn_rate:ratio",
              "slo:period_error_budget_remaining:ratio",
              "sloth_slo_info");
      assertThat(text(rules(groups.get(1)).get(1).get("expr"))).isEqualTo("vector(0.001)\n");
      assertAlerts(rules(groups.get(2)));
    }
  }

  private static void assertAlerts(List<Map<String, Object>> alerts) {
    assertThat(alerts).hasSize(2);
    assertThat(text(alerts.get(0).get("labels"))).contains("sloth_severity=page");
    assertThat(text(alerts.get(0).get("expr")))
        .contains("slo:sli_error:ratio_rate5m{", "slo:sli_error:ratio_rate1h{", "> (14.4 * 0.001)")
        .contains("slo:sli_error:ratio_rate30m{", "slo:sli_error:ratio_rate6h{", "> (6.0 * 0.001)")
        .contains(")\nor\n(");
    assertThat(text(alerts.get(1).get("labels"))).contains("sloth_severity=ticket");
    assertThat(text(alerts.get(1).get("expr"))).contains("> (3.0 * 0.001)", "> (1.0 * 0.001)");
  }

  @Test
  void rules_ofEachObjective_askForSeriesThatTheExportHas() {
    try (SlaMonitor monitor = monitor()) {
      monitor.service(
          "api",
          Slo.availability(0.99),
          Slo.latency(0.95, Duration.ofMillis(200)),
          Slo.latency(0.99, Duration.ofSeconds(1)).over(Duration.ofDays(7)),
          Slo.latency(0.9, Duration.ofNanos(1_234_567)));
      List<String> asked = new ArrayList<>();
      Matcher selector =
          Pattern.compile("(sla_\\w+)\\{([^}]*)}").matcher(monitor.prometheusRules());
      String export = monitor.prometheus();
      while (selector.find()) {
        String name = selector.group(1);
        assertThat(export).contains(name + "{");
        Matcher edge = Pattern.compile("le=(~?)\"([^\"]*)\"").matcher(selector.group(2));
        if (edge.find()) {
          assertThat(name).endsWith("_bucket");
          asked.add(edge.group(2));
          String le = edge.group(1).isEmpty() ? Pattern.quote(edge.group(2)) : "1(\\.0)?";
          assertThat(export).containsPattern(name + "\\{[^}]*le=\"" + le + "\"");
        }
      }
      assertThat(asked).contains("0.2", "1(\\\\.0)?", "0.001234567");
    }
  }

  /** A failure within the threshold is neither good nor bad, here as in the process. */
  @Test
  void rules_ofALatency_countAsTheProcessDoes() {
    try (SlaMonitor monitor = monitor()) {
      Slo slo = Slo.latency(0.95, Duration.ofMillis(200));
      Service api = monitor.service("api", slo);
      for (int i = 0; i < 1_000; i++) {
        api.record(Duration.ofMillis(i), Outcome.of(i % 7 != 0, 200));
      }
      double count = sum(monitor.prometheus(), "sla_request_duration_seconds_count\\{[^}]*}");
      double within =
          sum(monitor.prometheus(), "sla_request_duration_seconds_bucket\\{[^}]*le=\"0.2\"}");
      double fails =
          sum(
              monitor.prometheus(),
              "sla_request_duration_seconds_bucket\\{outcome=\"failure\"[^}]*le=\"0.2\"}");
      Compliance compliance = api.compliance(slo);
      assertThat(count - within).isEqualTo((double) compliance.bad());
      assertThat(count - fails).isEqualTo((double) compliance.total());
      assertThat(monitor.prometheusRules())
          .contains(
              "(sum(rate(sla_request_duration_seconds_count{service=\"api\"}[5m])) -"
                  + " sum(rate(sla_request_duration_seconds_bucket{service=\"api\",le=\"0.2\"}[5m])))")
          .contains("{service=\"api\",outcome=\"failure\",le=\"0.2\"}[5m])))");
    }
  }

  @Test
  void rules_ofTimeslicesOrNothing_areLeftOutWithAWord() {
    try (SlaMonitor monitor = monitor()) {
      assertThat(groups(monitor.prometheusRules())).isEmpty();
      monitor.service("api", Slo.throughput(0.99, 50));
      assertThat(monitor.prometheusRules())
          .contains("groups: []")
          .contains("# Left out, as it counts timeslices: \"api\" \"throughput-99-50ps\"");
    }
  }

  @Test
  void rules_ofACalendarOrWithoutAlerts_haveTheirPeriod() {
    try (SlaMonitor monitor = monitor()) {
      Slo month = Slo.availability(0.99).calendar(CalendarPeriod.Unit.MONTH, ZoneId.of("UTC"));
      Slo quiet = Slo.availability(0.9).over(Duration.ofDays(7)).alerts(BurnAlerts.none());
      monitor.service("api", month, quiet);
      String rules = monitor.prometheusRules();
      assertThat(rules).contains("slo:sli_error:ratio_rate7d").contains("vector(7)");
      assertThat(groups(rules)).hasSize(5);
    }
  }

  @Test
  void rules_ofNamesThatJoinToTheSame_haveGroupsOfDifferentNames() {
    try (SlaMonitor monitor = monitor()) {
      monitor.service("a-b", Slo.availability(0.9).named("c"));
      monitor.service("a", Slo.availability(0.9).named("b-c"));
      assertThat(groups(monitor.prometheusRules()))
          .extracting(group -> group.get("name"))
          .doesNotHaveDuplicates()
          .contains("sloth-slo-alerts-a-b-c", "sloth-slo-alerts-a-b-c-2");
    }
  }

  @Property(tries = 100)
  void rules_anyNames_areReadBack(@ForAll String name) {
    String service = name.isBlank() || name.length() > 200 ? "\u0000 \ud800 {{x}} \"\\" : name;
    try (SlaMonitor monitor = monitor()) {
      monitor.service(service, Slo.availability(0.9).named(service));
      List<Map<String, Object>> groups = groups(monitor.prometheusRules());
      assertThat(groups).hasSize(3);
      String encoded = service.replaceAll("[\\ud800-\\udfff]", "?");
      if (service.codePoints().noneMatch(it -> it > 0xFFFF)) {
        assertThat(text(rules(groups.get(0)).get(0).get("labels")))
            .contains("sloth_service=" + encoded + ",");
      }
    }
  }

  private static double sum(String text, String series) {
    Matcher line = Pattern.compile("(?m)^" + series + " (\\S+)$").matcher(text);
    double sum = 0;
    while (line.find()) {
      sum += Double.parseDouble(line.group(1));
    }
    return sum;
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> groups(String yaml) {
    Object document = new Load(LoadSettings.builder().build()).loadFromString(yaml);
    return (List<Map<String, Object>>)
        Objects.requireNonNull(((Map<String, Object>) document).get("groups"));
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> rules(Map<String, Object> group) {
    return (List<Map<String, Object>>) Objects.requireNonNull(group.get("rules"));
  }

  private static String text(@Nullable Object value) {
    return String.valueOf(value);
  }

  private SlaMonitor monitor() {
    return SlaMonitor.named("test").timeSource(time).scheduler(FakeScheduler.on(time)).build();
  }
}

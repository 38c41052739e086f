package dev.perfkit.sla.openslo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.perfkit.sla.CalendarPeriod;
import dev.perfkit.sla.SlaMonitor;
import dev.perfkit.sla.Slo;
import dev.perfkit.sla.openslo.OpenSloException.Problem;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Proves which OpenSLO texts become which objectives, and that everything else is refused with
 * line, field and rule.
 */
final class OpenSloTest {

  private static final String VALID =
      """
      apiVersion: openslo/v1
      kind: SLO
      metadata:
        name: works
      spec:
        service: api
        indicator:
          spec:
            ratioMetric:
              counter: true
              good: {metricSource: {type: perfkit, spec: {metric: successes}}}
              total: {metricSource: {type: perfkit, spec: {metric: requests}}}
        timeWindow:
          - duration: 30d
            isRolling: true
        budgetingMethod: Occurrences
        objectives:
          - target: 0.999
      """;

  private static final String ALL =
      VALID
          + """
          ---
          apiVersion: openslo/v1
          kind: SLI
          metadata: {name: speed, displayName: How fast, labels: {team: [a, b]}}
          spec:
            thresholdMetric:
              metricSource: {type: perfkit, spec: {metric: duration}}
          ---
          apiVersion: openslo/v1
          kind: Service
          metadata: {name: api}
          spec: {description: what clients call}
          ---
          apiVersion: openslo/v1
          kind: SLO
          metadata: {name: fast}
          spec:
            service: api
            indicatorRef: speed
            timeWindow: [{duration: 1M, calendar: {startTime: 2026-01-01 00:00:00, timeZone: Europe/Berlin}}]
            budgetingMethod: Occurrences
            objectives:
              - {op: lte, value: 0.2, targetPercent: 95}
              - {op: lte, value: 0.5, target: 0.99, displayName: nearly all}
            alertPolicies: []
          ---
          apiVersion: openslo/v1
          kind: SLO
          metadata: {name: flows}
          spec:
            service: queue
            indicator: {spec: {thresholdMetric: {metricSource: {type: perfkit, spec: {metric: throughput}}}}}
            timeWindow: [{duration: 1w, isRolling: true}]
            budgetingMethod: Timeslices
            objectives: [{op: gte, value: 50, target: 0.99, timeSliceWindow: 5m}]
          ---
          apiVersion: openslo/v1
          kind: SLO
          metadata: {name: rarely fails}
          spec:
            service: queue
            indicator:
              spec:
                ratioMetric:
                  bad: {metricSource: {type: perfkit, spec: {metric: failures}}}
                  total: {metricSource: {type: perfkit, spec: {metric: requests}}}
            timeWindow: [{duration: 12h, isRolling: true}]
            budgetingMethod: Timeslices
            objectives: [{target: 0.9, timeSliceTarget: 0.95, timeSliceWindow: 1m}]
          """;

  @Test
  void parse_eachKindOfObjective_isTheSameInOurWords() {
    OpenSlo all = OpenSlo.parse(ALL);
    assertThat(all.services().keySet()).containsExactly("api", "queue");
    Slo fast = Slo.latency(0.95, Duration.ofMillis(200));
    Slo nearly = Slo.latency(0.99, Duration.ofMillis(500));
    ZoneId berlin = ZoneId.of("Europe/Berlin");
    assertThat(all.services().get("api"))
        .containsExactly(
            Slo.availability(0.999).named("works"),
            fast.calendar(CalendarPeriod.Unit.MONTH, berlin).named("fast-1"),
            nearly.calendar(CalendarPeriod.Unit.MONTH, berlin).named("fast-2"));
    assertThat(all.services().get("queue"))
        .containsExactly(
            Slo.throughput(0.99, 50)
                .timeslices(Duration.ofMinutes(5))
                .over(Duration.ofDays(7))
                .named("flows"),
            Slo.errorRate(0.1)
                .timeslices(Duration.ofMinutes(1), 0.95)
                .over(Duration.ofHours(12))
                .named("rarely fails"));
  }

  @Test
  void applyTo_monitor_makesTheServices() {
    SlaMonitor sla = SlaMonitor.create();
    String yaml = VALID;
    // region: openslo
    OpenSlo objectives = OpenSlo.parse(yaml); // or an OpenSloException: line, field, rule
    objectives.applyTo(sla);
    // endregion: openslo
    assertThat(sla.service("api").objectives())
        .containsExactly(Slo.availability(0.999).named("works"));
    sla.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          openslo/v1            | openslo/v1alpha       | 1  | apiVersion | must be openslo/v1 but was 'openslo/v1alpha'
          kind: SLO             | kind: AlertPolicy     | 2  | kind | must be SLO or SLI or Service but was 'AlertPolicy'
          name: works           | title: works          | 4  | metadata.title | is not supported here
          service: api          | service: ''           | 6  | spec.service | must be a text
          service: api          | service: null         | 6  | spec.service | must be a text
          counter: true         | counter: 7            | 10 | spec.indicator.spec.ratioMetric.counter | must be true or false
          type: perfkit         | type: Prometheus      | 11 | spec.indicator.spec.ratioMetric.good.metricSource.type | must be perfkit but was 'Prometheus'
          successes             | happy                 | 11 | spec.indicator.spec.ratioMetric.good.metricSource.spec.metric | must be successes but was 'happy'
          good:                 | raw:                  | 11 | spec.indicator.spec.ratioMetric.raw | is not supported here
          duration: 30d         | duration: 1M          | 14 | spec.timeWindow[0].duration | must be of fixed length
          duration: 30d         | duration: month       | 14 | spec.timeWindow[0].duration | must be a number and
          duration: 30d         | duration: 500d        | 18 | spec.objectives[0] | period must be
          isRolling: true       | isRolling: false      | 14 | spec.timeWindow[0] | must have either isRolling: true or calendar
          Occurrences           | RatioTimeslices       | 16 | spec.budgetingMethod | must be Occurrences or Timeslices
          Occurrences           | Timeslices            | 18 | spec.objectives[0].timeSliceWindow | must be there
          target: 0.999         | target: 1             | 18 | spec.objectives[0].target | must be over 0 and under 1 but was 1
          target: 0.999         | target: .inf          | 18 | spec.objectives[0].target | must be a decimal number
          target: 0.999         | target: '0.999'       | 18 | spec.objectives[0].target | must be a decimal number
          target: 0.999         | target: 1e-999999999  | 18 | spec.objectives[0].target | must be a decimal number
          target: 0.999         | targetPercent: 100    | 18 | spec.objectives[0].targetPercent | must be over 0 and under 100
          target: 0.999         | {target: 0.9, value: 3} | 18 | spec.objectives[0].value | belongs to thresholdMetric only
          target: 0.999         | {target: 0.9, target: 0.8} | 18 | spec.objectives[0].target | must be there once
          target: 0.999         | {target: 0.9, compositeWeight: 1} | 18 | spec.objectives[0].compositeWeight | is not supported here
          service: api          | alertPolicies: [{}]   | 6  | spec.service | must be there
          target: 0.999         | &a {target: 0.9}      | 18 | '' | must not use anchors
          target: 0.999         | {target: 0.9          | 19 | '' | must be YAML
          """)
  void parse_oneThingWrong_namesLineFieldAndRule(
      String right, String wrong, int line, String field, String rule) {
    OpenSloException refused = refused(VALID.replace(right, wrong));
    assertThat(refused.problems())
        .as("%s", refused.getMessage())
        .anySatisfy(
            problem -> {
              assertThat(problem.line()).isEqualTo(line);
              assertThat(problem.field()).isEqualTo(field);
              assertThat(problem.rule()).contains(rule);
            });
    assertThat(refused).hasMessageContaining("line " + line);
  }

  @Test
  void parse_calendarThatBeginsInTheMiddle_isRefused() {
    OpenSloException refused = refused(ALL.replace("2026-01-01 00:00:00", "2026-01-02 00:00:00"));
    assertThat(refused.problems())
        .extracting(Problem::field)
        .containsExactly("spec.timeWindow[0].calendar.startTime");
    assertThat(refused.problems().get(0).rule()).contains("month Europe/Berlin begins");
  }

  @Test
  void parse_severalThingsWrong_namesAll() {
    String text = ALL.replace("value: 0.2", "value: 0.0000000001").replace("op: gte", "op: lt");
    assertThat(refused(text).problems())
        .extracting(Problem::field)
        .containsExactly("spec.objectives[0].value", "spec.objectives[0].op");
  }

  @Test
  void parse_alertPolicies_areRefused() {
    assertThat(refused(ALL.replace("alertPolicies: []", "alertPolicies: [page]")).problems())
        .extracting(Problem::field)
        .containsExactly("spec.alertPolicies");
  }

  @Test
  void parse_unknownReference_isRefused() {
    assertThat(refused(ALL.replace("indicatorRef: speed", "indicatorRef: other")).problems())
        .extracting(Problem::toString)
        .containsExactly(
            "line 37: spec.indicatorRef must name an SLI of this text but was 'other'");
  }

  @Test
  void parse_nothingOrTooMuch_isRefused() {
    assertThat(refused("").problems())
        .extracting(Problem::rule)
        .containsExactly("must have a document");
    assertThat(refused("#".repeat(OpenSlo.MAXIMUM_LENGTH + 1)).problems().get(0).rule())
        .contains("at most 262144 characters");
    assertThat(refused("[".repeat(100_000)).problems().get(0).rule()).contains("16 deep");
    assertThat(refused("---\na: 1\n".repeat(201)).problems().get(0).rule())
        .contains("200 documents");
    assertThat(refused(VALID + "---\n" + VALID).problems().get(0).rule())
        .contains("must name each SLO once");
    assertThatExceptionOfType(NullPointerException.class).isThrownBy(OpenSloTest::parseNull);
  }

  @Test
  void parse_tagOfAClass_makesNoObject() {
    assertThat(refused("!!java.net.URL [\"http://localhost/\"]").problems())
        .extracting(Problem::rule)
        .isEqualTo(
            List.of(
                "must be a mapping",
                "must be there",
                "must be there",
                "must be there",
                "must be there"));
  }

  @SuppressWarnings("NullAway") // Proves that null is refused.
  private static void parseNull() {
    OpenSlo.parse(null);
  }

  private static OpenSloException refused(String text) {
    OpenSloException refused =
        catchThrowableOfType(OpenSloException.class, () -> OpenSlo.parse(text));
    assertThat(refused).isNotNull();
    return refused;
  }
}

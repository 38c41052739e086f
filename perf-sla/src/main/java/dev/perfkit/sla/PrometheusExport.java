package dev.perfkit.sla;

import dev.perfkit.spi.Health;
import dev.perfkit.spi.Knob;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * The text of a monitor for Prometheus, in its own form or OpenMetrics. Without data there is no
 * sample, so no number misleads.
 */
final class PrometheusExport {

  private static final String DURATION = "sla_request_duration_seconds";
  private static final String RESPONSES = "sla_responses_total";
  private static final String IN_FLIGHT = "sla_requests_in_flight";
  private static final String PERCENTILE = "sla_request_percentile_seconds";
  private static final String TARGET = "sla_objective_target_ratio";
  private static final String GOOD = "sla_objective_good_ratio";
  private static final String BUDGET = "sla_error_budget_remaining_ratio";
  private static final String MET = "sla_objective_met";
  private static final String EXHAUSTION = "sla_error_budget_exhaustion_seconds";
  private static final String BURN = "sla_burn_rate";
  private static final String ALERT = "sla_alert_state";
  private static final String ALERT_VALUE = "sla_alert_value";
  private static final String SILENCED = "sla_alert_silenced";
  private static final String HEALTH = "sla_component_health";
  private static final String KNOB = "sla_knob_value";

  /** The names of this export, which no metric of another module may have. */
  static final List<String> RESERVED =
      List.of(
          DURATION,
          DURATION + "_bucket",
          DURATION + "_sum",
          DURATION + "_count",
          RESPONSES,
          IN_FLIGHT,
          PERCENTILE,
          TARGET,
          GOOD,
          BUDGET,
          MET,
          EXHAUSTION,
          BURN,
          ALERT,
          ALERT_VALUE,
          SILENCED,
          HEALTH,
          KNOB);

  private static final Map<String, Double> PERCENTILES =
      new TreeMap<>(Map.of("50", 0.5, "90", 0.9, "95", 0.95, "99", 0.99));

  private final PrometheusWriter out;
  private final Workspace scratch = new Workspace();

  PrometheusExport(PrometheusWriter out) {
    this.out = out;
  }

  void write(
      List<Service> services, Alerting alerting, ProcessStatus status, List<Meters.Family> metrics)
      throws IOException {
    services(services);
    objectives(services, alerting);
    components(status.parts());
    UnaryOperator<String> names =
        out.isOpenMetrics() ? OpenMetricsNames.of(metrics) : UnaryOperator.identity();
    for (Meters.Family family : metrics) {
      metric(family, names.apply(family.exportedName()));
    }
    out.end();
  }

  private void services(List<Service> services) throws IOException {
    out.family(DURATION, "histogram", "Durations of requests by service and outcome.");
    for (Service service : services) {
      duration(service);
    }
    out.family(RESPONSES, "counter", "Requests with a status code by service and class of code.");
    for (Service service : services) {
      responses(service);
    }
    out.family(IN_FLIGHT, "gauge", "Requests that have begun and not ended, by service.");
    for (Service service : services) {
      out.sample(IN_FLIGHT, labels(service), service.inFlight());
    }
    out.family(PERCENTILE, "gauge", "Percentiles of durations by service and window.");
    for (Service service : services) {
      for (Window window : Window.standard()) {
        percentiles(service, service.window(window, scratch));
      }
    }
  }

  private void duration(Service service) throws IOException {
    Reading all = service.readAll(scratch);
    List<Long> edges =
        PrometheusWriter.edges(20, 34, 1, Objectives.thresholds(service.objectives()));
    for (boolean success : new boolean[] {true, false}) {
      Map<String, String> labels = labels(service);
      labels.put("outcome", success ? "success" : "failure");
      out.histogram(DURATION, labels, all, success, edges);
    }
  }

  private void responses(Service service) throws IOException {
    Reading all = service.readAll(scratch);
    Map<String, String> labels = labels(service);
    for (int i = 1; i <= Layout.STATUS_CLASSES; i++) {
      labels.put("status", i + "xx");
      out.sample(RESPONSES, labels, all.status(i));
    }
  }

  private void percentiles(Service service, WindowSnapshot window) throws IOException {
    Map<String, String> labels = labels(service);
    labels.put("window", window.window().toString());
    for (Map.Entry<String, Double> percentile : PERCENTILES.entrySet()) {
      labels.put("percentile", percentile.getKey());
      OptionalDouble seconds =
          window
              .percentile(percentile.getValue())
              .map(value -> OptionalDouble.of(Durations.toSeconds(value.toNanos())))
              .orElse(OptionalDouble.empty());
      optional(PERCENTILE, labels, seconds);
    }
  }

  private void objectives(List<Service> services, Alerting alerting) throws IOException {
    List<Rated> all = new ArrayList<>();
    for (Service service : services) {
      for (ObjectiveStatus status : service.statuses(scratch)) {
        all.add(new Rated(labels(service, status.objective()), status));
      }
    }
    gauge(TARGET, "Share of requests, or of timeslices, that must be good.", all, Rated::target);
    gauge(GOOD, "Share of good ones over the period of the objective.", all, Rated::good);
    gauge(MET, "Whether the objective is met over its period: 1 or 0.", all, Rated::met);
    gauge(
        BUDGET, "Share of the error budget that is left; negative if overspent.", all, Rated::left);
    gauge(EXHAUSTION, "Time until the error budget is used up, if it will be.", all, Rated::time);
    burns(all);
    alerts(all, alerting);
  }

  private void gauge(
      String name, String help, List<Rated> all, Function<Rated, OptionalDouble> value)
      throws IOException {
    out.family(name, "gauge", help);
    for (Rated rated : all) {
      optional(name, rated.labels(), value.apply(rated));
    }
  }

  private void burns(List<Rated> all) throws IOException {
    out.family(BURN, "gauge", "How fast the error budget burns: at 1 it lasts for its period.");
    for (Rated rated : all) {
      Map<String, String> labels = new TreeMap<>(rated.labels());
      for (Burn burn : rated.status().burns()) {
        labels.put("tier", burn.tier().name());
        labels.put("window", "long");
        optional(BURN, labels, burn.longRate());
        labels.put("window", "short");
        optional(BURN, labels, burn.shortRate());
      }
    }
  }

  private void alerts(List<Rated> all, Alerting alerting) throws IOException {
    out.family(ALERT, "gauge", "Alerts: 0 quiet, 1 low confidence, 2 firing, 3 no data.");
    Set<Map<String, String>> known = new HashSet<>();
    for (Rated rated : all) {
      for (Burn burn : rated.status().burns()) {
        Map<String, String> labels = new TreeMap<>(rated.labels());
        labels.put("rule", burn.tier().name());
        labels.put("severity", burn.tier().severity().name().toLowerCase(Locale.ROOT));
        known.add(labels);
        out.sample(ALERT, labels, number(burn.state()));
      }
    }
    List<Thresholds.Finding> findings = alerting.findings();
    for (Thresholds.Finding finding : findings) {
      if (known.add(labels(finding))) {
        out.sample(ALERT, labels(finding), number(finding.state()));
      }
    }
    List<Alert> alerts = alerting.board().current();
    for (Alert alert : alerts) {
      if (known.add(labels(alert))) {
        out.sample(ALERT, labels(alert), number(alert.state()));
      }
    }
    findings(findings);
    out.family(SILENCED, "gauge", "Whether an alert is kept from being told: 1 or 0.");
    for (Alert alert : alerts) {
      out.sample(SILENCED, labels(alert), alerting.isSilent(alert) ? 1 : 0);
    }
  }

  private void findings(List<Thresholds.Finding> findings) throws IOException {
    out.family(ALERT_VALUE, "gauge", "What rules about signals compare with their limits.");
    for (Thresholds.Finding finding : findings) {
      optional(ALERT_VALUE, labels(finding), present(finding.value()));
    }
  }

  private void components(List<ProcessStatus.Part> parts) throws IOException {
    out.family(HEALTH, "gauge", "Health of components: 0 up, 1 unknown, 2 degraded, 3 down.");
    for (ProcessStatus.Part part : parts) {
      out.sample(HEALTH, labels(part), number(part.health().status()));
    }
    out.family(KNOB, "gauge", "Settings of components that may be changed while they run.");
    for (ProcessStatus.Part part : parts) {
      for (Knob knob : part.knobs()) {
        Map<String, String> labels = labels(part);
        labels.put("knob", knob.name());
        optional(KNOB, labels, present(ProcessStatus.valueOf(knob)));
      }
    }
  }

  private void metric(Meters.Family family, String name) throws IOException {
    String help = family.first().help();
    String type = family.type() == Meters.Type.TIMER ? "histogram" : family.type().name();
    out.family(name, type.toLowerCase(Locale.ROOT), help.isEmpty() ? "No description." : help);
    for (Meters.Series series : family.series()) {
      Map<String, String> labels = MetricNames.labels(series.metric());
      if (series instanceof Meters.CounterSeries counter) {
        out.sample(name, labels, counter.count());
      } else if (series instanceof Meters.TimerSeries timer) {
        List<Long> edges = PrometheusWriter.edges(10, 34, 2, List.of());
        out.histogram(name, labels, timer.read(scratch), true, edges);
      } else if (series instanceof Meters.GaugeSeries gauge) {
        optional(name, labels, present(gauge.value()));
      }
    }
  }

  private void optional(String name, Map<String, String> labels, OptionalDouble value)
      throws IOException {
    if (value.isPresent()) {
      out.sample(name, labels, value.getAsDouble());
    }
  }

  private static OptionalDouble present(double value) {
    return Double.isNaN(value) ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  private static long number(Health.Status status) {
    return switch (status) {
      case UP -> 0;
      case UNKNOWN -> 1;
      case DEGRADED -> 2;
      case DOWN -> 3;
    };
  }

  private static long number(Alert.State state) {
    return switch (state) {
      case RESOLVED -> 0;
      case LOW_CONFIDENCE -> 1;
      case FIRING -> 2;
      case NO_DATA -> 3;
    };
  }

  private static Map<String, String> labels(Alert alert) {
    return new TreeMap<>(
        Map.of(
            "service", alert.service(),
            "objective", alert.objective(),
            "rule", alert.rule(),
            "severity", alert.severity().name().toLowerCase(Locale.ROOT)));
  }

  private static Map<String, String> labels(Thresholds.Finding finding) {
    return new TreeMap<>(
        Map.of(
            "service", finding.subject(),
            "objective", finding.rule().signal().name(),
            "rule", finding.rule().name(),
            "severity", finding.rule().severity().name().toLowerCase(Locale.ROOT)));
  }

  private static Map<String, String> labels(Service service) {
    return new TreeMap<>(Map.of("service", service.name()));
  }

  private static Map<String, String> labels(Service service, Slo objective) {
    return new TreeMap<>(Map.of("service", service.name(), "objective", objective.name()));
  }

  private static Map<String, String> labels(ProcessStatus.Part part) {
    return new TreeMap<>(Map.of("kind", part.kind(), "component", part.name()));
  }

  /** An objective and how it does, in numbers. */
  private record Rated(Map<String, String> labels, ObjectiveStatus status) {

    OptionalDouble target() {
      return OptionalDouble.of(status.objective().target());
    }

    OptionalDouble good() {
      return status.compliance().ratio();
    }

    OptionalDouble met() {
      return switch (status.compliance().state()) {
        case MET -> OptionalDouble.of(1);
        case MISSED -> OptionalDouble.of(0);
        case NO_DATA -> OptionalDouble.empty();
      };
    }

    OptionalDouble left() {
      return status.budget().remaining();
    }

    OptionalDouble time() {
      return status
          .budget()
          .exhaustion()
          .flatMap(ErrorBudget.Exhaustion::expected)
          .map(it -> OptionalDouble.of(Durations.toSeconds(it.toNanos())))
          .orElse(OptionalDouble.empty());
    }
  }
}

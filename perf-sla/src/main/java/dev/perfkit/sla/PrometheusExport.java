package dev.perfkit.sla;

import dev.perfkit.spi.Health;
import dev.perfkit.spi.Knob;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/** The Prometheus text of a monitor. Without data there is no sample, so no number misleads. */
final class PrometheusExport {

  private static final String DURATION = "sla_request_duration_seconds";
  private static final String RESPONSES = "sla_responses_total";
  private static final String PERCENTILE = "sla_request_percentile_seconds";
  private static final String TARGET = "sla_objective_target_ratio";
  private static final String GOOD = "sla_objective_good_ratio";
  private static final String BUDGET = "sla_error_budget_remaining_ratio";
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
          PERCENTILE,
          TARGET,
          GOOD,
          BUDGET,
          HEALTH,
          KNOB);

  private static final Map<String, Double> PERCENTILES =
      new TreeMap<>(Map.of("50", 0.5, "90", 0.9, "95", 0.95, "99", 0.99));

  private final PrometheusWriter out;
  private final Workspace scratch = new Workspace();

  PrometheusExport(Appendable out) {
    this.out = new PrometheusWriter(out);
  }

  void write(List<Service> services, ProcessStatus status, List<Meters.Family> metrics)
      throws IOException {
    services(services);
    objectives(services);
    components(status.parts());
    for (Meters.Family family : metrics) {
      metric(family);
    }
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

  private void objectives(List<Service> services) throws IOException {
    out.family(TARGET, "gauge", "Share of requests that must be good.");
    for (Service service : services) {
      for (Slo objective : service.objectives()) {
        out.sample(TARGET, labels(service, objective), objective.target());
      }
    }
    out.family(GOOD, "gauge", "Share of good requests over the period of the objective.");
    for (Service service : services) {
      for (Slo objective : service.objectives()) {
        optional(GOOD, labels(service, objective), budget(service, objective).compliance().ratio());
      }
    }
    out.family(BUDGET, "gauge", "Share of the error budget that is left; negative if overspent.");
    for (Service service : services) {
      for (Slo objective : service.objectives()) {
        optional(BUDGET, labels(service, objective), budget(service, objective).remaining());
      }
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

  private void metric(Meters.Family family) throws IOException {
    String help = family.first().help();
    String name = family.exportedName();
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

  private ErrorBudget budget(Service service, Slo objective) {
    return service.status(objective, scratch).budget();
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

  private static Map<String, String> labels(Service service) {
    return new TreeMap<>(Map.of("service", service.name()));
  }

  private static Map<String, String> labels(Service service, Slo objective) {
    return new TreeMap<>(Map.of("service", service.name(), "objective", objective.name()));
  }

  private static Map<String, String> labels(ProcessStatus.Part part) {
    return new TreeMap<>(Map.of("kind", part.kind(), "component", part.name()));
  }
}

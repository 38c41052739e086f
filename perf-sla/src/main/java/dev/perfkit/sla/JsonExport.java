package dev.perfkit.sla;

import dev.perfkit.spi.Knob;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The JSON document of a monitor; its members are described in the module's README. */
final class JsonExport {

  private static final int VERSION = 1;
  private static final Map<String, Double> PERCENTILES =
      new TreeMap<>(Map.of("p50", 0.5, "p90", 0.9, "p95", 0.95, "p99", 0.99));

  private final JsonWriter json;
  private final Workspace scratch = new Workspace();

  JsonExport(Appendable out) {
    this.json = new JsonWriter(out);
  }

  void write(
      String monitor,
      long epochMillis,
      ProcessStatus status,
      List<Service> services,
      Alerting alerting,
      List<Meters.Family> metrics)
      throws IOException {
    json.beginObject();
    json.name("version").value(VERSION);
    json.name("monitor").value(monitor);
    json.name("epochMillis").value(epochMillis);
    json.name("status").value(status.health().status().name());
    json.name("reason").value(status.health().reason());
    json.name("components").beginArray();
    for (ProcessStatus.Part part : status.parts()) {
      part(part);
    }
    json.endArray().name("services").beginArray();
    for (Service service : services) {
      service(service);
    }
    json.endArray().name("alerts").beginArray();
    for (Alert alert : alerting.board().current()) {
      alert(alert, alerting.isSilent(alert));
    }
    json.endArray().name("rules").beginArray();
    for (Thresholds.Finding finding : alerting.findings()) {
      finding(finding);
    }
    json.endArray().name("silences").beginArray();
    for (SilenceRecord silence : alerting.silences()) {
      silence(silence);
    }
    json.endArray().name("exclusions").beginArray();
    for (ExclusionRecord exclusion : alerting.exclusions()) {
      exclusion(exclusion);
    }
    json.endArray().name("metrics").beginArray();
    for (Meters.Family family : metrics) {
      for (Meters.Series series : family.series()) {
        series(family, series);
      }
    }
    json.endArray().endObject();
  }

  private void part(ProcessStatus.Part part) throws IOException {
    json.beginObject();
    json.name("kind").value(part.kind());
    json.name("name").value(part.name());
    json.name("status").value(part.health().status().name());
    json.name("reason").value(part.health().reason());
    strings("details", part.health().details());
    json.name("knobs").beginArray();
    for (Knob knob : part.knobs()) {
      json.beginObject();
      json.name("name").value(knob.name());
      json.name("unit").value(knob.unit());
      json.name("min").value(knob.min());
      json.name("max").value(knob.max());
      json.name("step").value(knob.step());
      json.name("value").value(ProcessStatus.valueOf(knob));
      json.endObject();
    }
    json.endArray().endObject();
  }

  private void service(Service service) throws IOException {
    Reading total = service.readAll(scratch);
    json.beginObject();
    json.name("name").value(service.name());
    json.name("overflow").value(service.isOverflow());
    json.name("count").value(total.count());
    json.name("errors").value(total.errors());
    json.name("inFlight").value(service.inFlight());
    json.name("statuses").beginObject();
    for (int i = 1; i <= Layout.STATUS_CLASSES; i++) {
      json.name(i + "xx").value(total.status(i));
    }
    json.endObject().name("windows").beginArray();
    for (Window window : Window.standard()) {
      window(service.window(window, scratch));
    }
    json.endArray().name("objectives").beginArray();
    for (ObjectiveStatus status : service.statuses(scratch)) {
      objective(status);
    }
    json.endArray().endObject();
  }

  private void window(WindowSnapshot window) throws IOException {
    json.beginObject();
    json.name("window").value(window.window().toString());
    json.name("coveredSeconds").seconds(window.covered());
    json.name("count").value(window.count());
    json.name("errors").value(window.errors());
    json.name("errorRate").value(window.errorRate());
    json.name("throughput").value(window.throughput());
    json.name("meanSeconds").seconds(window.mean());
    for (Map.Entry<String, Double> percentile : PERCENTILES.entrySet()) {
      json.name(percentile.getKey() + "Seconds").seconds(window.percentile(percentile.getValue()));
    }
    json.endObject();
  }

  private void objective(ObjectiveStatus status) throws IOException {
    ErrorBudget budget = status.budget();
    Compliance compliance = budget.compliance();
    Slo objective = compliance.objective();
    json.beginObject();
    json.name("name").value(objective.name());
    json.name("kind").value(objective.kind().name());
    json.name("target").value(objective.target());
    json.name("thresholdSeconds").seconds(objective.threshold());
    json.name("floor").value(objective.floor());
    json.name("timesliceSeconds").seconds(objective.timeslice());
    json.name("periodSeconds").seconds(objective.period());
    json.name("calendar").value(objective.calendar().map(CalendarPeriod::toString).orElse(null));
    json.name("coveredSeconds").seconds(compliance.covered());
    json.name("state").value(compliance.state().name());
    json.name("good").value(compliance.good());
    json.name("bad").value(compliance.bad());
    json.name("ratio").value(compliance.ratio());
    json.name("budgetAllowed").value(budget.allowed());
    json.name("budgetConsumed").value(budget.consumed());
    json.name("budgetRemaining").value(budget.remaining());
    json.name("budgetExpected").value(budget.expected());
    json.name("budgetConfidence").value(budget.confidence().name());
    exhaustion(budget.exhaustion());
    json.name("burns").beginArray();
    for (Burn burn : status.burns()) {
      burn(burn);
    }
    json.endArray().name("leftOut").beginArray();
    for (String line : status.leftOut()) {
      json.value(line);
    }
    json.endArray().endObject();
  }

  private void exhaustion(Optional<ErrorBudget.Exhaustion> exhaustion) throws IOException {
    json.name("exhaustedInSeconds");
    json.seconds(exhaustion.flatMap(ErrorBudget.Exhaustion::expected));
    json.name("exhaustedInSecondsEarliest");
    json.seconds(exhaustion.map(ErrorBudget.Exhaustion::earliest));
    json.name("exhaustedInSecondsLatest");
    json.seconds(exhaustion.flatMap(ErrorBudget.Exhaustion::latest));
  }

  private void burn(Burn burn) throws IOException {
    BurnTier tier = burn.tier();
    json.beginObject();
    json.name("tier").value(tier.name());
    json.name("severity").value(tier.severity().name());
    json.name("factor").value(tier.factor());
    json.name("longSeconds").seconds(tier.longWindow());
    json.name("shortSeconds").seconds(tier.shortWindow());
    json.name("longRate").value(burn.longRate());
    json.name("shortRate").value(burn.shortRate());
    json.name("state").value(burn.state().name());
    json.endObject();
  }

  private void alert(Alert alert, boolean silenced) throws IOException {
    json.beginObject();
    json.name("alert").value(alert.id());
    json.name("service").value(alert.service());
    json.name("objective").value(alert.objective());
    json.name("rule").value(alert.rule());
    json.name("severity").value(alert.severity().name());
    json.name("state").value(alert.state().name());
    json.name("sinceEpochMillis").value(alert.since().toEpochMilli());
    json.name("silenced").value(silenced);
    json.name("message").value(alert.message());
    strings("values", alert.values());
    json.endObject();
  }

  private void finding(Thresholds.Finding finding) throws IOException {
    AlertRule rule = finding.rule();
    json.beginObject();
    json.name("rule").value(rule.name());
    json.name("signal").value(rule.signal().name());
    json.name("subject").value(finding.subject());
    json.name("severity").value(rule.severity().name());
    json.name("state").value(finding.state().name());
    json.name("value").value(finding.value());
    json.name("limit").value(rule.limit());
    json.name("clearAt").value(rule.clear());
    json.name("lastingSeconds").seconds(rule.lasting());
    json.endObject();
  }

  private void silence(SilenceRecord entry) throws IOException {
    Silence silence = entry.silence();
    json.beginObject();
    json.name("service").value(silence.service());
    json.name("objective").value(silence.objective());
    json.name("rule").value(silence.rule());
    json.name("until").value(silence.until().toString());
    json.name("reason").value(silence.reason());
    json.name("author").value(silence.author());
    json.name("declared").value(entry.declared().toString());
    json.name("cancelled").value(entry.cancelled().map(Instant::toString).orElse(""));
    json.name("held").value(entry.held());
    json.endObject();
  }

  private void exclusion(ExclusionRecord entry) throws IOException {
    Exclusion exclusion = entry.exclusion();
    json.beginObject();
    json.name("from").value(exclusion.from().toString());
    json.name("to").value(exclusion.to().toString());
    json.name("reason").value(exclusion.reason());
    json.name("author").value(exclusion.author());
    json.name("services").beginArray();
    for (String service : exclusion.services()) {
      json.value(service);
    }
    json.endArray().name("declared").value(entry.declared().toString());
    json.name("cancelled").value(entry.cancelled().map(Instant::toString).orElse(""));
    json.name("requests").value(entry.requests());
    json.name("failures").value(entry.failures());
    json.endObject();
  }

  private void series(Meters.Family family, Meters.Series series) throws IOException {
    json.beginObject();
    json.name("name").value(series.metric().name());
    json.name("type").value(family.type().name());
    json.name("unit").value(series.metric().unit());
    strings("tags", series.metric().tags());
    if (series instanceof Meters.CounterSeries counter) {
      json.name("count").value(counter.count());
    } else if (series instanceof Meters.TimerSeries timer) {
      timer(timer.read(scratch));
    } else if (series instanceof Meters.GaugeSeries gauge) {
      json.name("value").value(gauge.value());
    }
    json.endObject();
  }

  private void timer(Reading timer) throws IOException {
    json.name("count").value(timer.count());
    json.name("sumSeconds").value(Durations.toSeconds(timer.sumNanos(true)));
    for (Map.Entry<String, Double> percentile : PERCENTILES.entrySet()) {
      json.name(percentile.getKey() + "Seconds");
      if (timer.count() == 0) {
        json.value(Double.NaN);
      } else {
        json.seconds(Duration.ofNanos(timer.percentileNanos(percentile.getValue())));
      }
    }
  }

  private void strings(String name, Map<String, String> values) throws IOException {
    json.name(name).beginObject();
    for (Map.Entry<String, String> value : values.entrySet()) {
      json.name(value.getKey()).value(value.getValue());
    }
    json.endObject();
  }
}

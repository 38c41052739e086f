package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Proves that the values are told by service and window, and read back whatever the names are. */
final class CsvExportTest {

  private final FakeTimeSource time = FakeTimeSource.create();

  @Test
  void csv_services_isALineForEachWindow() {
    time.setWallClock(Instant.parse("2026-03-01T12:00:00Z"));
    SlaMonitor monitor = monitor();
    Service api = monitor.service("api", new Slo[0]);
    for (int i = 1; i <= 4; i++) {
      api.record(Duration.ofMillis(64), Outcome.of(i != 4, 0));
    }
    time.advance(Duration.ofSeconds(30));
    List<Map<String, String>> rows = rows(monitor.csv());
    assertThat(rows).hasSize(Window.standard().size());
    assertThat(rows.get(1))
        .containsEntry("time", "2026-03-01T12:00:30Z")
        .containsEntry("service", "api")
        .containsEntry("window", "1m")
        .containsEntry("covered_seconds", "30")
        .containsEntry("requests", "4")
        .containsEntry("failures", "1")
        .containsEntry("failure_ratio", "0.25");
    double p99 = Double.parseDouble(rows.get(1).getOrDefault("p99_seconds", ""));
    assertThat(p99).isBetween(0.063, 0.065);
    assertThat(rows.get(0))
        .containsEntry("window", "10s")
        .containsEntry("requests", "0")
        .containsEntry("requests_per_second", "0.0")
        .containsEntry("failure_ratio", "")
        .containsEntry("mean_seconds", "")
        .containsEntry("p50_seconds", "");
    monitor.close();
  }

  @Property(tries = 200)
  void csv_anyName_readsBack(@ForAll String name) {
    String service = name.isBlank() || name.length() > 200 ? "a,\"b\"\r\nc" : name;
    SlaMonitor monitor = monitor();
    monitor.service(service, new Slo[0]);
    assertThat(rows(monitor.csv())).extracting(row -> row.get("service")).containsOnly(service);
    monitor.close();
  }

  private SlaMonitor monitor() {
    return SlaMonitor.named("test").timeSource(time).scheduler(FakeScheduler.on(time)).build();
  }

  private static List<Map<String, String>> rows(String csv) {
    List<List<String>> lines = parse(csv);
    List<Map<String, String>> rows = new ArrayList<>();
    for (List<String> line : lines.subList(1, lines.size())) {
      assertThat(line).hasSameSizeAs(lines.get(0));
      Map<String, String> row = new HashMap<>();
      for (int i = 0; i < line.size(); i++) {
        row.put(lines.get(0).get(i), line.get(i));
      }
      rows.add(row);
    }
    return rows;
  }

  /** Reads by the grammar of RFC 4180. */
  private static List<List<String>> parse(String csv) {
    List<List<String>> lines = new ArrayList<>();
    List<String> line = new ArrayList<>();
    StringBuilder field = new StringBuilder();
    boolean quoted = false;
    for (int at = 0; at < csv.length(); at++) {
      char next = csv.charAt(at);
      if (quoted && next == '"' && csv.startsWith("\"\"", at)) {
        field.append('"');
        at++;
      } else if (next == '"') {
        quoted = !quoted;
      } else if (!quoted && next == ',') {
        line.add(field.toString());
        field.setLength(0);
      } else if (!quoted && csv.startsWith("\r\n", at)) {
        line.add(field.toString());
        field.setLength(0);
        lines.add(line);
        line = new ArrayList<>();
        at++;
      } else {
        field.append(next);
      }
    }
    assertThat(line).isEmpty();
    assertThat(field).isEmpty();
    return lines;
  }
}

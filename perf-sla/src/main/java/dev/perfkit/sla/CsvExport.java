package dev.perfkit.sla;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** Services by window as comma-separated values, one line each, ended as RFC 4180 has it. */
final class CsvExport {

  private static final String HEADER =
      "time,service,window,covered_seconds,requests,failures,failure_ratio,requests_per_second,"
          + "mean_seconds,p50_seconds,p90_seconds,p95_seconds,p99_seconds,p100_seconds";
  private static final double[] PERCENTILES = {0.5, 0.9, 0.95, 0.99, 1};

  private final Appendable out;
  private final Workspace scratch = new Workspace();

  CsvExport(Appendable out) {
    this.out = out;
  }

  void write(Instant now, List<Service> services) throws IOException {
    out.append(HEADER).append("\r\n");
    for (Service service : services) {
      for (Window window : Window.standard()) {
        line(now, service, service.window(window, scratch));
      }
    }
  }

  private void line(Instant now, Service service, WindowSnapshot window) throws IOException {
    out.append(now.toString());
    field(quoted(service.name()));
    field(window.window().toString());
    field(seconds(Optional.of(window.covered())));
    field(Long.toString(window.count()));
    field(Long.toString(window.errors()));
    field(number(window.errorRate()));
    field(Double.toString(window.throughput()));
    field(seconds(window.mean()));
    for (double share : PERCENTILES) {
      field(seconds(window.percentile(share)));
    }
    out.append("\r\n");
  }

  private void field(String value) throws IOException {
    out.append(',').append(value);
  }

  private static String seconds(Optional<Duration> duration) {
    return duration.map(it -> Durations.seconds(it.toNanos())).orElse("");
  }

  private static String number(OptionalDouble value) {
    return value.isPresent() ? Double.toString(value.getAsDouble()) : "";
  }

  private static String quoted(String text) {
    boolean plain =
        text.chars().noneMatch(it -> it == ',' || it == '"' || it == '\r' || it == '\n');
    return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
  }
}

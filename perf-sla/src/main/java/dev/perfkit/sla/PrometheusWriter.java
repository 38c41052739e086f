package dev.perfkit.sla;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes the Prometheus text exposition format, version 0.0.4. For one thread. */
final class PrometheusWriter {

  private final Appendable out;

  PrometheusWriter(Appendable out) {
    this.out = out;
  }

  /** Begins a family; all of its samples come next. */
  void family(String name, String type, String help) throws IOException {
    out.append("# HELP ").append(name).append(' ');
    out.append(help.replace("\\", "\\\\").replace("\n", "\\n")).append('\n');
    out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
  }

  void sample(String name, Map<String, String> labels, long value) throws IOException {
    line(name, labels, Long.toString(value));
  }

  void sample(String name, Map<String, String> labels, double value) throws IOException {
    line(name, labels, number(value));
  }

  /**
   * Writes the samples of one histogram.
   *
   * @param edges upper edges in nanoseconds, ascending; edges of the reading's layout
   */
  void histogram(
      String name, Map<String, String> labels, Reading reading, boolean successes, List<Long> edges)
      throws IOException {
    long count = successes ? reading.successes() : reading.errors();
    Map<String, String> bucket = new LinkedHashMap<>(labels);
    for (long edge : edges) {
      bucket.put("le", Durations.seconds(edge));
      long within = successes ? reading.successesWithin(edge) : reading.failuresWithin(edge);
      sample(name + "_bucket", bucket, within);
    }
    bucket.put("le", "+Inf");
    sample(name + "_bucket", bucket, count);
    sample(name + "_sum", labels, Durations.toSeconds(reading.sumNanos(successes)));
    sample(name + "_count", labels, count);
  }

  /** Returns powers of two (in nanoseconds) between two of them, and the thresholds, ascending. */
  static List<Long> edges(int fromPower, int toPower, int step, List<Long> thresholds) {
    List<Long> edges = new ArrayList<>(thresholds);
    for (int power = fromPower; power <= toPower; power += step) {
      edges.add(1L << power);
    }
    return edges.stream().distinct().sorted().toList();
  }

  private void line(String name, Map<String, String> labels, String value) throws IOException {
    out.append(name);
    String separator = "{";
    for (Map.Entry<String, String> label : labels.entrySet()) {
      out.append(separator).append(label.getKey()).append("=\"");
      out.append(escaped(label.getValue())).append('"');
      separator = ",";
    }
    out.append(labels.isEmpty() ? " " : "} ").append(value).append('\n');
  }

  private static String escaped(String value) {
    return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }

  private static String number(double value) {
    if (Double.isInfinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    }
    return Double.toString(value);
  }
}

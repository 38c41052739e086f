package dev.perfkit.sla;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes the Prometheus text exposition format, version 0.0.4, or OpenMetrics, version 1.0.0. For
 * one thread.
 */
final class PrometheusWriter {

  private static final String TOTAL = "_total";
  private static final Pattern UNIT = Pattern.compile(".*_(seconds|ratio|bytes)");

  private final Appendable out;
  private final boolean openMetrics;

  private PrometheusWriter(Appendable out, boolean openMetrics) {
    this.out = out;
    this.openMetrics = openMetrics;
  }

  static PrometheusWriter text(Appendable out) {
    return new PrometheusWriter(out, false);
  }

  static PrometheusWriter openMetrics(Appendable out) {
    return new PrometheusWriter(out, true);
  }

  boolean isOpenMetrics() {
    return openMetrics;
  }

  /** Begins a family; all of its samples come next. */
  void family(String name, String type, String help) throws IOException {
    String family = openMetrics && type.equals("counter") ? withoutTotal(name) : name;
    out.append("# HELP ").append(family).append(' ');
    out.append(openMetrics ? escaped(help) : escapedHelp(help)).append('\n');
    out.append("# TYPE ").append(family).append(' ').append(type).append('\n');
    Matcher unit = UNIT.matcher(family);
    if (openMetrics && unit.matches()) {
      out.append("# UNIT ").append(family).append(' ').append(unit.group(1)).append('\n');
    }
  }

  /** Ends the text. */
  void end() throws IOException {
    if (openMetrics) {
      out.append("# EOF\n");
    }
  }

  /** Returns the name of the family of a counter in OpenMetrics. */
  static String withoutTotal(String counter) {
    return counter.endsWith(TOTAL)
        ? counter.substring(0, counter.length() - TOTAL.length())
        : counter;
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
      bucket.put("le", edge(edge));
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

  /** In OpenMetrics whole numbers have a point, and powers of ten under 0.0001 an exponent. */
  private String edge(long nanos) {
    String seconds = Durations.seconds(nanos);
    if (!openMetrics) {
      return seconds;
    }
    int power = Long.toString(nanos).length() - 1;
    boolean isPowerOfTen = Long.toString(nanos).matches("10*");
    if (isPowerOfTen && power < 5) {
      return "1e-0" + (9 - power);
    }
    return seconds.contains(".") ? seconds : seconds + ".0";
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

  private static String escapedHelp(String help) {
    return help.replace("\\", "\\\\").replace("\n", "\\n");
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

package dev.perfkit.sla;

import dev.perfkit.spi.Metric;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The names that metrics have in Prometheus: dots become underscores, the unit is the last word, a
 * counter ends in {@code _total} and a timer in {@code _seconds}.
 */
final class MetricNames {

  private static final Pattern WORD = Pattern.compile("[a-z][a-z0-9_]*");
  private static final List<String> SAMPLE_ENDINGS = List.of("_total", "_count", "_sum", "_bucket");
  private static final List<String> RESERVED_LABELS = List.of("le", "quantile");

  private MetricNames() {}

  static String counter(Metric metric) {
    return ending(withUnit(metric), "_total");
  }

  static String timer(Metric metric) {
    return ending(metric.name().replace('.', '_'), "_seconds");
  }

  /** A gauge must not look like a sample of a counter or histogram. */
  static String gauge(Metric metric) {
    String name = withUnit(metric);
    return SAMPLE_ENDINGS.stream().anyMatch(name::endsWith) ? name + "_value" : name;
  }

  /** Returns the tags as labels; keys that Prometheus uses itself are led by {@code tag_}. */
  static Map<String, String> labels(Metric metric) {
    Map<String, String> labels = new TreeMap<>();
    metric.tags().forEach((key, value) -> labels.put(label(key, metric), value));
    return labels;
  }

  private static String label(String key, Metric metric) {
    if (!RESERVED_LABELS.contains(key)) {
      return key;
    }
    String label = "tag_" + key;
    while (metric.tags().containsKey(label)) {
      label = "tag_" + label;
    }
    return label;
  }

  private static String withUnit(Metric metric) {
    String name = metric.name().replace('.', '_');
    boolean isWord = WORD.matcher(metric.unit()).matches();
    return isWord ? ending(name, "_" + metric.unit()) : name;
  }

  private static String ending(String name, String ending) {
    return name.endsWith(ending) ? name : name + ending;
  }
}

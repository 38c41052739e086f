package dev.perfkit.sla;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Names in OpenMetrics, where a counter {@code x_total} also takes {@code x} and {@code x_created},
 * and a histogram its name with {@code _created}. A gauge of such a name ends in {@code _value}.
 */
final class OpenMetricsNames {

  private static final List<String> COUNTER = List.of("", "_total", "_created");
  private static final List<String> HISTOGRAM =
      List.of("", "_bucket", "_count", "_sum", "_created");

  private OpenMetricsNames() {}

  /** Returns what gives families their names. */
  static UnaryOperator<String> of(List<Meters.Family> families) {
    Set<String> taken = new HashSet<>(PrometheusExport.RESERVED);
    take(taken, "sla_request_duration_seconds", HISTOGRAM);
    take(taken, "sla_responses", COUNTER);
    for (Meters.Family family : families) {
      switch (family.type()) {
        case COUNTER -> take(taken, PrometheusWriter.withoutTotal(family.exportedName()), COUNTER);
        case TIMER -> take(taken, family.exportedName(), HISTOGRAM);
        case GAUGE -> {
          // After the others, whose names cannot be changed.
        }
      }
    }
    Map<String, String> renamed = new HashMap<>();
    for (Meters.Family family : families) {
      if (family.type() == Meters.Type.GAUGE) {
        renamed.put(family.exportedName(), free(taken, family.exportedName()));
      }
    }
    return name -> renamed.getOrDefault(name, name);
  }

  private static String free(Set<String> taken, String wanted) {
    String name = wanted;
    while (!taken.add(name)) {
      name += "_value";
    }
    return name;
  }

  private static void take(Set<String> taken, String family, List<String> endings) {
    endings.forEach(ending -> taken.add(family + ending));
  }
}

package dev.perfkit.compress;

import dev.perfkit.spi.Metric;
import dev.perfkit.spi.Telemetry;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Counts final decisions by coding and reason, over handles resolved once. */
final class DecisionCounters {

  private final Map<Coding, Telemetry.Counter> encoded = new HashMap<>();
  private final Map<Reason, Telemetry.Counter> identity = new EnumMap<>(Reason.class);

  DecisionCounters(
      String compressor, List<Coding> offered, List<Coding> withDictionary, Telemetry telemetry) {
    for (Coding coding : withDictionary) {
      encoded.put(coding, counter(compressor, coding, Reason.ENCODED, telemetry));
    }
    for (Coding coding : offered) {
      encoded.put(coding, counter(compressor, coding, Reason.ENCODED, telemetry));
    }
    for (Reason reason : Reason.values()) {
      if (reason != Reason.ENCODED) {
        identity.put(reason, counter(compressor, Coding.IDENTITY, reason, telemetry));
      }
    }
  }

  private static Telemetry.Counter counter(
      String compressor, Coding coding, Reason reason, Telemetry telemetry) {
    return telemetry.counter(
        Metric.named("compress.decisions")
            .unit("responses")
            .help("Responses by what was decided about their coding, and why")
            .tag("compressor", compressor)
            .tag("coding", coding.token())
            .tag("reason", reason.code()));
  }

  void count(Decision decision) {
    Telemetry.Counter counter =
        decision.encodes() ? encoded.get(decision.coding()) : identity.get(decision.reason());
    if (counter != null) {
      counter.increment();
    }
  }
}

package dev.perfkit.sla;

import java.util.ArrayList;
import java.util.List;

/**
 * What objectives count of requests: which are good, which are bad.
 *
 * @param thresholdNanos the longest duration that is good; 0 if only the outcome matters
 */
record Indicator(long thresholdNanos) {

  /** Good is what succeeds. */
  static final Indicator OUTCOME = new Indicator(0);

  /** Returns what an objective counts; a composite one counts what its parts do. */
  static Indicator of(Slo objective) {
    return objective.threshold().map(it -> new Indicator(it.toNanos())).orElse(OUTCOME);
  }

  /** Returns what the objectives count, without repetition; the outcome is the first. */
  static List<Indicator> of(List<Slo> objectives) {
    List<Indicator> all = new ArrayList<>(List.of(OUTCOME));
    objectives.stream()
        .flatMap(Slo::thresholds)
        .map(threshold -> new Indicator(threshold.toNanos()))
        .distinct()
        .forEach(all::add);
    return List.copyOf(all);
  }

  Counts of(Reading reading) {
    if (thresholdNanos == 0) {
      return new Counts(reading.successes(), reading.errors());
    }
    return new Counts(reading.successesWithin(thresholdNanos), reading.over(thresholdNanos));
  }
}

package dev.perfkit.sla;

import dev.perfkit.spi.support.Options;
import dev.perfkit.spi.support.Problems;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Rules about the objectives of one service. */
final class Objectives {

  static final int MOST = 16;
  static final int MOST_THRESHOLDS = 8;

  private static final int LONGEST_NAME = 200;
  private static final int LEAST_SLICES = 10;

  private Objectives() {}

  /** Returns the name if it is not blank and not over-long. */
  static String name(String property, String name) {
    Options.notBlank(property, name);
    Options.require(
        name.length() <= LONGEST_NAME,
        property,
        "be at most " + LONGEST_NAME + " characters",
        name.length() + " characters");
    return name;
  }

  /** Notes what is wrong with a list of objectives. */
  static void check(Problems problems, String property, List<Slo> objectives) {
    Set<String> names = objectives.stream().map(Slo::name).collect(Collectors.toSet());
    problems
        .require(
            objectives.size() <= MOST, property, "be at most " + MOST + " in number", objectives)
        .require(names.size() == objectives.size(), property, "have unique names", objectives)
        .require(
            thresholds(objectives).size() <= MOST_THRESHOLDS,
            property,
            "have at most " + MOST_THRESHOLDS + " different thresholds",
            thresholds(objectives).size());
    Contradictions.check(problems, objectives);
    for (Slo objective : objectives) {
      objective.timeslice().ifPresent(slice -> checkSlice(problems, objective, slice));
      BurnPlan.of(objective).check(problems);
    }
  }

  private static void checkSlice(Problems problems, Slo objective, Duration slice) {
    problems.require(
        slice.multipliedBy(LEAST_SLICES).compareTo(objective.period()) <= 0,
        objective.name() + " period",
        "be at least " + LEAST_SLICES + " timeslices of " + Durations.brief(slice),
        Durations.brief(objective.period()));
  }

  /** Returns the thresholds in nanoseconds, ascending and without repetition. */
  static List<Long> thresholds(List<Slo> objectives) {
    return objectives.stream()
        .flatMap(Slo::thresholds)
        .map(Duration::toNanos)
        .distinct()
        .sorted()
        .toList();
  }
}

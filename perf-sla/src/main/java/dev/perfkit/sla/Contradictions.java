package dev.perfkit.sla;

import dev.perfkit.spi.support.Problems;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Objectives that cannot both be meant: two targets for the same thing, or a promise that an easier
 * one over the same period already makes needless.
 */
final class Contradictions {

  private Contradictions() {}

  /** Notes each pair of objectives that contradict each other. */
  static void check(Problems problems, List<Slo> objectives) {
    for (int i = 0; i < objectives.size(); i++) {
      for (int j = i + 1; j < objectives.size(); j++) {
        check(problems, objectives.get(i), objectives.get(j));
      }
    }
  }

  /** Returns whether two objectives promise the same, in other words or names. */
  static boolean isSamePromise(Slo one, Slo other) {
    return isComparable(one, other)
        && isSame(one.exactTarget(), other.exactTarget())
        && isSame(difficulty(one), difficulty(other))
        && isSame(one.timesliceShare(), other.timesliceShare());
  }

  private static void check(Problems problems, Slo one, Slo other) {
    if (!isComparable(one, other)) {
      return;
    }
    int order = difficulty(one).compareTo(difficulty(other));
    Slo harder = order >= 0 ? one : other;
    Slo easier = order >= 0 ? other : one;
    boolean sameThing = order == 0;
    if (sameThing) {
      problems.require(
          isSame(one.exactTarget(), other.exactTarget()),
          other.name() + " target",
          "be "
              + Slo.percent(one.exactTarget())
              + " %, that of "
              + one.name()
              + " over the same "
              + one.periodText(),
          Slo.percent(other.exactTarget()) + " %");
    } else {
      problems.require(
          easier.exactTarget().compareTo(harder.exactTarget()) >= 0,
          easier.name() + " target",
          "be at least "
              + Slo.percent(harder.exactTarget())
              + " %, as "
              + harder.name()
              + " asks for more over the same "
              + harder.periodText()
              + ",",
          Slo.percent(easier.exactTarget()) + " %");
    }
  }

  /** Returns whether one of two objectives can make the other needless. */
  private static boolean isComparable(Slo one, Slo other) {
    return sort(one) == sort(other)
        && sort(one) != null
        && one.period().equals(other.period())
        && one.calendar().equals(other.calendar())
        && one.timeslice().equals(other.timeslice())
        && one.emptyTimeslices() == other.emptyTimeslices()
        && (one.timeslice().isEmpty() || sameShare(one, other));
  }

  private static boolean sameShare(Slo one, Slo other) {
    return one.kind() == Slo.Kind.THROUGHPUT
        || isSame(one.timesliceShare(), other.timesliceShare());
  }

  private static boolean isSame(BigDecimal one, BigDecimal other) {
    return one.compareTo(other) == 0;
  }

  private static Slo.@Nullable Kind sort(Slo objective) {
    return switch (objective.kind()) {
      case AVAILABILITY, ERROR_RATE -> Slo.Kind.AVAILABILITY;
      case LATENCY -> Slo.Kind.LATENCY;
      case THROUGHPUT -> Slo.Kind.THROUGHPUT;
      case COMPOSITE -> null;
    };
  }

  /** Returns a number that is the greater the harder it is to be good. */
  private static BigDecimal difficulty(Slo objective) {
    BigDecimal floor = objective.exactFloor();
    if (floor != null) {
      return floor;
    }
    return objective
        .threshold()
        .map(threshold -> BigDecimal.valueOf(threshold.toNanos()).negate())
        .orElse(BigDecimal.ZERO);
  }
}

package dev.perfkit.sla;

import dev.perfkit.spi.Beta;
import java.util.Objects;
import java.util.OptionalDouble;

/**
 * What an objective has counted over its period, in one process or in several together.
 *
 * @param name the name of the objective
 * @param definition all that decides what is good, as text; counts are added only if it is the same
 * @param target the share that must be good, over 0 and under 1
 * @param good how many requests, or timeslices of single processes, were good; 0 or more
 * @param bad how many were bad, 0 or more
 */
@Beta
public record ObjectiveCounts(String name, String definition, double target, long good, long bad) {

  /** Checks that nothing is null. */
  public ObjectiveCounts {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(definition, "definition");
  }

  /** Returns the share of good ones, 0 to 1; empty without any. */
  public OptionalDouble ratio() {
    return good + bad == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of((double) good / (double) (good + bad));
  }

  static ObjectiveCounts of(ObjectiveStatus status) {
    Slo slo = status.objective();
    Compliance compliance = status.compliance();
    return new ObjectiveCounts(
        slo.name(), definition(slo), slo.target(), compliance.good(), compliance.bad());
  }

  boolean isOf(ObjectiveCounts other) {
    return name.equals(other.name) && definition.equals(other.definition);
  }

  ObjectiveCounts plus(ObjectiveCounts other) {
    return new ObjectiveCounts(name, definition, target, good + other.good, bad + other.bad);
  }

  private static String definition(Slo slo) {
    StringBuilder text = new StringBuilder(slo.kind().name()).append(' ').append(slo.target());
    slo.threshold().ifPresent(limit -> text.append(" within ").append(Durations.brief(limit)));
    slo.floor().ifPresent(floor -> text.append(" from ").append(floor));
    slo.timeslice()
        .ifPresent(
            slice ->
                text.append(" by ")
                    .append(Durations.brief(slice))
                    .append(' ')
                    .append(slo.timesliceShare().toPlainString())
                    .append(' ')
                    .append(slo.emptyTimeslices()));
    text.append(" over ").append(slo.periodText());
    slo.parts().forEach(part -> text.append(" (").append(definition(part)).append(')'));
    return text.toString();
  }
}

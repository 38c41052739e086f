package dev.perfkit.compress;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rules that may differ from route to route, and what is done with bodies beside encoding them.
 *
 * @param offered the codings on offer, the best first
 * @param levels the level of a body
 * @param minifiers what makes bodies smaller first
 * @param timed whether {@code Server-Timing} tells what encoding took
 */
record RouteRules(
    RoutePolicy policy,
    List<Coding> offered,
    LevelRule levels,
    List<Minifier> minifiers,
    boolean timed) {

  /** At which level a body is encoded. */
  @FunctionalInterface
  interface LevelRule {

    /**
     * Returns the level.
     *
     * @param given by the route, or null
     * @param type type and subtype in lower case, without parameters
     * @param length of the body in bytes, or -1 if it is not known
     */
    int level(Coding coding, @Nullable Integer given, String type, long length);
  }

  /** Returns the rules where no route has a policy. */
  static RouteRules plain(List<Coding> offered, LevelRule levels) {
    return new RouteRules(RoutePolicy.on(), offered, levels, List.of(), false);
  }

  /** Returns these rules under a policy. */
  RouteRules under(RoutePolicy other) {
    List<Coding> left =
        other.isPadded() ? offered.stream().filter(Padding::fits).toList() : offered;
    return new RouteRules(other, left, levels, minifiers, timed && !other.isPadded());
  }

  int level(Coding coding, Headers response, long length) {
    String type = Fields.first(response, "Content-Type");
    return levels.level(
        coding, policy.level(coding), type == null ? "" : Fields.nameOf(type), length);
  }

  Treatment treatment(Headers response) {
    Minifier minifier = minifier(response);
    return minifier == null && !timed && !policy.isPadded()
        ? Treatment.NONE
        : new Treatment(
            policy.isPadded(), minifier, timed ? Fields.joined(response, "Server-Timing") : null);
  }

  private @Nullable Minifier minifier(Headers response) {
    if (minifiers.isEmpty()) {
      return null;
    }
    String type = Fields.first(response, "Content-Type");
    for (Minifier minifier : minifiers) {
      if (type != null && minifier.accepts(type)) {
        return minifier;
      }
    }
    return null;
  }
}

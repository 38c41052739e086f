package dev.perfkit.pool;

import dev.perfkit.spi.Event;
import java.util.List;

/**
 * Why a node that answers is not used.
 *
 * @param type the event's word
 * @param reason what is wrong and what to check; empty if it is used
 */
record Refusal(String type, Event.Severity severity, String reason) {

  static final Refusal NONE = new Refusal("", Event.Severity.INFO, "");

  boolean isNone() {
    return reason.isEmpty();
  }

  static Refusal foreign(String system, String expected) {
    return new Refusal(
        "foreign-node",
        Event.Severity.CRITICAL,
        "it belongs to another cluster (system identifier "
            + system
            + ", the group's is "
            + expected
            + "): check its address");
  }

  static Refusal stale(long timeline, long highest) {
    return new Refusal(
        "stale-primary",
        Event.Severity.WARNING,
        "it accepts writes on timeline "
            + timeline
            + " but timeline "
            + highest
            + " exists: another server was promoted; stop it or make it a standby");
  }

  static Refusal ambiguous(long timeline, List<String> nodes) {
    return new Refusal(
        "two-primaries",
        Event.Severity.CRITICAL,
        "nodes "
            + nodes
            + " are different servers that accept writes on the same timeline "
            + timeline
            + ": stop all but one");
  }
}

package dev.perfkit.sla;

import dev.perfkit.spi.Beta;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Objects;
import java.util.OptionalDouble;

/**
 * Whether an objective was met in some window, in whole requests.
 *
 * @param objective what was promised
 * @param covered the time that was looked at: the window, or less in a younger process
 * @param good the requests that were good, 0 or more
 * @param bad the requests that were bad, 0 or more
 */
@Beta
public record Compliance(Slo objective, Duration covered, long good, long bad) {

  /** The answer. */
  public enum State {
    /** The share of good requests is the target or more. */
    MET,
    /** The share of good requests is under the target. */
    MISSED,
    /** There were no requests that the objective is about. Neither good nor bad news. */
    NO_DATA
  }

  /** Checks that nothing is null. */
  public Compliance {
    Objects.requireNonNull(objective, "objective");
    Objects.requireNonNull(covered, "covered");
  }

  /** Returns the answer; exact, no matter how many requests there were. */
  public State state() {
    if (total() == 0) {
      return State.NO_DATA;
    }
    boolean met = BigDecimal.valueOf(bad).compareTo(objective.allowed(total())) <= 0;
    return met ? State.MET : State.MISSED;
  }

  /** Returns the requests that the objective is about. */
  public long total() {
    return good + bad;
  }

  /** Returns the share of good requests, 0 to 1; empty without data. */
  public OptionalDouble ratio() {
    return total() == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) good / total());
  }
}

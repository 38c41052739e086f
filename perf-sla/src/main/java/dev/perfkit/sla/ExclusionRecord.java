package dev.perfkit.sla;

import dev.perfkit.spi.Beta;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * What became of an exclusion: enough to check afterwards what was left out, and why. Immutable.
 *
 * @param exclusion what was declared
 * @param declared when it was declared
 * @param cancelled when it was ended early; empty if it was not
 * @param requests how many requests it left out, of all services together
 * @param failures how many of them had failed
 */
@Beta
public record ExclusionRecord(
    Exclusion exclusion,
    Instant declared,
    Optional<Instant> cancelled,
    long requests,
    long failures) {

  /** Checks that nothing is null. */
  public ExclusionRecord {
    Objects.requireNonNull(exclusion, "exclusion");
    Objects.requireNonNull(declared, "declared");
    Objects.requireNonNull(cancelled, "cancelled");
  }

  /** Returns whether it is in force at a moment. */
  public boolean isActive(Instant moment) {
    Instant end = cancelled.filter(it -> it.isBefore(exclusion.to())).orElse(exclusion.to());
    return !moment.isBefore(exclusion.from()) && moment.isBefore(end);
  }
}

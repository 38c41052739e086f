package dev.perfkit.sla;

import dev.perfkit.spi.Beta;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * What became of a silence: enough to check afterwards what was not told, and why. Immutable.
 *
 * @param silence what was declared
 * @param declared when it was declared
 * @param cancelled when it was ended early; empty if it was not
 * @param held how many changes of alerts it kept from being told
 */
@Beta
public record SilenceRecord(
    Silence silence, Instant declared, Optional<Instant> cancelled, long held) {

  /** Checks that nothing is null. */
  public SilenceRecord {
    Objects.requireNonNull(silence, "silence");
    Objects.requireNonNull(declared, "declared");
    Objects.requireNonNull(cancelled, "cancelled");
  }

  /** Returns whether it is in force at a moment. */
  public boolean isActive(Instant moment) {
    return cancelled.isEmpty() && moment.isBefore(silence.until());
  }
}

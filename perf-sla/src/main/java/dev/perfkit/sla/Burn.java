package dev.perfkit.sla;

import dev.perfkit.spi.Beta;
import java.util.Objects;
import java.util.OptionalDouble;

/**
 * How fast a budget burns in the windows of one tier, and what the tier says of it.
 *
 * @param tier which tier
 * @param state what it says; RESOLVED when it is quiet
 * @param longRate the burn rate of the long window, 0 or more; empty without events
 * @param shortRate the burn rate of the short window; empty without events
 */
@Beta
public record Burn(
    BurnTier tier, Alert.State state, OptionalDouble longRate, OptionalDouble shortRate) {

  /** Checks that nothing is null. */
  public Burn {
    Objects.requireNonNull(tier, "tier");
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(longRate, "longRate");
    Objects.requireNonNull(shortRate, "shortRate");
  }
}

package dev.perfkit.testkit.net;

import dev.perfkit.spi.Beta;

/** One of the two ways that bytes take through a {@link FaultProxy}. */
@Beta
public enum Direction {
  /** From clients to the target: requests. */
  TO_TARGET,
  /** From the target to clients: answers. */
  TO_CLIENT
}

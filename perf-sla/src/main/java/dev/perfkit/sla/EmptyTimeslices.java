package dev.perfkit.sla;

import dev.perfkit.spi.Beta;

/** What a timeslice without requests counts as, if time is what an objective counts. */
@Beta
public enum EmptyTimeslices {
  /** Neither good nor bad: the budget does not know of it. */
  EXCLUDED,
  /** Nobody was there to be let down. */
  GOOD,
  /** Silence is a failure. */
  BAD
}

package dev.perfkit.pool;

import dev.perfkit.spi.Beta;

/** How a read of a {@link Session} gets to see what the session has written. */
@Beta
public enum ReadYourWrites {
  /** Not at all: reads go to any replica, and commits cost nothing. */
  NONE,
  /** It goes to a replica that is known to have replayed the write, else to the primary at once. */
  FAST,
  /** It waits a bounded time for a replica to replay the write, then goes to the primary. */
  WAIT,
  /** It goes to the primary. */
  PRIMARY
}

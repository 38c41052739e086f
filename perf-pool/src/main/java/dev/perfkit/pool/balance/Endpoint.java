package dev.perfkit.pool.balance;

import dev.perfkit.spi.Beta;

/**
 * Something that takes work. Its methods are asked often, by any number of threads, and are fast.
 */
@Beta
public interface Endpoint {

  /** Returns whether it can be given work now. */
  boolean eligible();

  /** Returns how many pieces of work it has now, those that wait included. */
  int inFlight();

  /** Returns how much it should get in proportion to the others: over 0, by default 1. */
  default double weight() {
    return 1;
  }

  /**
   * Returns how long it takes for a piece of work, in nanoseconds; 0 if that is not known, as it is
   * by default.
   */
  default double responseNanos() {
    return 0;
  }
}

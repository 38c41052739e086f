package dev.perfkit.cache;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.support.Options;

/**
 * How much the memory tier holds. Immutable.
 *
 * <p>Over the limit the entries that are least likely to be asked again are evicted. Values are
 * held as live objects: callers that change a value change it for everybody.
 */
@Beta
public final class Memory {

  private final long maximumEntries;

  private Memory(long maximumEntries) {
    this.maximumEntries = maximumEntries;
  }

  /**
   * Returns a limit by count.
   *
   * @param maximum the most entries, at least 1
   * @throws IllegalArgumentException if it is under 1
   */
  public static Memory entries(long maximum) {
    return new Memory(Options.atLeast("memory entries", 1, maximum));
  }

  /** Returns the most entries. */
  public long maximumEntries() {
    return maximumEntries;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Memory that && maximumEntries == that.maximumEntries;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(maximumEntries);
  }

  @Override
  public String toString() {
    return "Memory[" + maximumEntries + " entries]";
  }
}

package dev.perfkit.cache;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.support.Options;
import java.time.Duration;

/**
 * How much the memory tier holds. Immutable.
 *
 * <p>Over the limit the entries that are least likely to be asked again are evicted. Values are
 * held as live objects: callers that change a value change it for everybody.
 */
@Beta
public final class Memory {

  private final long maximumEntries;
  private final Duration idle;

  private Memory(long maximumEntries, Duration idle) {
    this.maximumEntries = maximumEntries;
    this.idle = idle;
  }

  /**
   * Returns a limit by count.
   *
   * @param maximum the most entries, at least 1
   * @throws IllegalArgumentException if it is under 1
   */
  public static Memory entries(long maximum) {
    return new Memory(Options.atLeast("memory entries", 1, maximum), Duration.ZERO);
  }

  /**
   * How long a value may be in memory without being read before it stops being a hit there, 1 ms to
   * 365 days; each read begins that time anew, and the time to live still ends it. What Redis holds
   * is not concerned. A read is noted eight times in that time at most, so a value may end an
   * eighth earlier. Without a limit unless set.
   *
   * @throws IllegalArgumentException if it is out of range
   */
  public Memory expireAfterIdle(Duration time) {
    Options.between("expireAfterIdle", Duration.ofMillis(1), Lifetimes.LONGEST, time);
    return new Memory(maximumEntries, time);
  }

  /** Returns the most entries. */
  public long maximumEntries() {
    return maximumEntries;
  }

  /** Returns how long a value may be idle; 0 without a limit. */
  Duration idle() {
    return idle;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Memory that
        && maximumEntries == that.maximumEntries
        && idle.equals(that.idle);
  }

  @Override
  public int hashCode() {
    return Long.hashCode(maximumEntries) * 31 + idle.hashCode();
  }

  @Override
  public String toString() {
    return "Memory[" + maximumEntries + " entries]";
  }
}

package dev.perfkit.sla;

import dev.perfkit.spi.Beta;

/**
 * How many requests took a duration in one range. Its width is at most 1/32 of every duration in
 * it, and each threshold of an objective is an upper edge.
 *
 * @param overNanos all of them took longer than this, in nanoseconds
 * @param upToNanos none of them took longer than this, in nanoseconds
 * @param successes how many succeeded, 0 or more
 * @param failures how many failed, 0 or more
 */
@Beta
public record Bucket(long overNanos, long upToNanos, long successes, long failures) {

  /** Returns how many there were. */
  public long count() {
    return successes + failures;
  }

  /** Returns the duration that stands for all of them, in nanoseconds: the middle of the range. */
  public long middleNanos() {
    return middle(overNanos, upToNanos);
  }

  static long middle(long over, long upTo) {
    return upTo - (upTo - over - 1) / 2;
  }
}

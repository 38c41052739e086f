package dev.perfkit.cache;

import dev.perfkit.spi.Beta;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a cache did since it was built. Counts only grow; taken while the cache is used they may be
 * a few operations apart.
 *
 * @param memory the tier in memory
 * @param loads what the loaders did, and what became of it
 * @param remote the tier behind memory; all zero without one
 */
@Beta
public record Stats(Memory memory, Loads loads, Remote remote) {

  /**
   * The tier in memory.
   *
   * @param hits reads answered with a fresh value
   * @param misses all other reads
   * @param evictions entries dropped for want of room
   * @param entries about how many entries it holds now
   */
  public record Memory(long hits, long misses, long evictions, long entries) {

    /** Returns hits by reads, 0 to 1; 1 if nothing was read. */
    public double hitRate() {
      long reads = hits + misses;
      return reads == 0 ? 1 : (double) hits / reads;
    }
  }

  /**
   * What the loaders did, and what became of it.
   *
   * @param succeeded loads that returned a value
   * @param absent loads that returned null
   * @param failed loads that threw
   * @param joined reads that waited for the work of another thread instead of loading
   * @param staleServed reads answered with a value past its time to live
   * @param voidedFills values that went to their caller alone, as their key was written or removed
   *     meanwhile
   * @param early loads of values that were still fresh ({@link EarlyRefresh})
   * @param timedOut reads that {@link TieredCacheBuilder#hardTimeout} ended
   * @param latency of the loaders
   */
  public record Loads(
      long succeeded,
      long absent,
      long failed,
      long joined,
      long staleServed,
      long voidedFills,
      long early,
      long timedOut,
      Latency latency) {}

  /**
   * How long something took.
   *
   * @param count how often it was done
   * @param total in all
   * @param longest the longest of them
   */
  public record Latency(long count, Duration total, Duration longest) {

    /** Returns the mean; 0 if it was never done. */
    public Duration mean() {
      return count == 0 ? Duration.ZERO : total.dividedBy(count);
    }
  }

  /**
   * The tier behind memory.
   *
   * @param hits look-ups that found a fresh value
   * @param stale look-ups that found a value past its time to live
   * @param misses look-ups that found nothing of use
   * @param failures calls without an answer
   * @param skipped operations that did not ask it: it is known to be away, or still holds what was
   *     removed
   * @param bytesRead bytes of entries read
   * @param bytesWritten bytes of entries written
   * @param pendingRemovals keys whose removal waits for it to come back, as of now
   * @param latency of calls that were answered
   * @param unreadable entries that were misses because they are no value, by reason
   * @param unwritable values kept in memory only because they have no stored form, by reason
   */
  public record Remote(
      long hits,
      long stale,
      long misses,
      long failures,
      long skipped,
      long bytesRead,
      long bytesWritten,
      long pendingRemovals,
      Latency latency,
      Map<String, Long> unreadable,
      Map<String, Long> unwritable) {

    /** Copies the maps. */
    public Remote {
      unreadable = Collections.unmodifiableMap(new TreeMap<>(unreadable));
      unwritable = Collections.unmodifiableMap(new TreeMap<>(unwritable));
    }
  }
}

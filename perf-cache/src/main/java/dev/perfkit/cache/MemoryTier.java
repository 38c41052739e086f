package dev.perfkit.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.perfkit.spi.TimeSource;
import java.time.Duration;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The tier in memory: Caffeine with entries and markers side by side, so that "install if the
 * marker is still there" is one atomic step on one map.
 *
 * <p>A hit must read the clock once, not twice. The reader checks freshness with the real clock;
 * Caffeine, which only has to free memory, gets a clock that stands still between two operations
 * that are no hits. It is never ahead, so nothing is dropped early. One time for all entries will
 * do for that; with a time for each, Caffeine would have to note every read even while there is
 * room.
 */
final class MemoryTier<K, V> {

  private final TimeSource time;
  private final Cache<K, Slot<V>> cache;
  private final ConcurrentMap<K, Slot<V>> map;
  private volatile long lastTick;

  /**
   * @param keep how long anything stays that was not evicted: longer than entries are of use, and
   *     than an operation leaves its marker there
   */
  MemoryTier(Memory size, Duration keep, TimeSource time, Executor executor, Tally evictions) {
    this.time = time;
    this.lastTick = time.nanoTime();
    this.cache =
        Caffeine.newBuilder()
            .executor(executor)
            .ticker(() -> lastTick)
            .maximumWeight(size.maximumEntries())
            .weigher((K key, Slot<V> slot) -> slot.weight())
            .expireAfterWrite(keep)
            .evictionListener((key, slot, cause) -> count(cause, evictions))
            .build();
    this.map = cache.asMap();
  }

  /** Changes how long anything stays that was not evicted. */
  void keepFor(Duration keep) {
    cache.policy().expireAfterWrite().ifPresent(policy -> policy.setExpiresAfter(keep));
  }

  /** Returns what is there, without a look at its times; the only step of a hit. */
  @Nullable Slot<V> slot(K key) {
    return cache.getIfPresent(key);
  }

  /** Returns the time, and lets Caffeine know it. */
  long tick() {
    long now = time.nanoTime();
    lastTick = now;
    return now;
  }

  /** Puts a marker where nothing, or exactly that, was; false if it is not so any more. */
  boolean begin(K key, @Nullable Slot<V> present, Flight<V> flight) {
    return present == null
        ? map.putIfAbsent(key, flight) == null
        : map.replace(key, present, flight);
  }

  /** Puts a marker in place of whatever is there, and so voids an operation under way. */
  void seize(K key, Flight<V> flight) {
    map.put(key, flight);
  }

  /** Replaces a marker by its result; false if the marker was taken away. */
  boolean install(K key, Flight<V> flight, Entry<V> entry) {
    return map.replace(key, flight, entry);
  }

  /** Takes a marker away, and leaves what it took the place of if that is still of use. */
  void abandon(K key, Flight<V> flight) {
    Entry<V> fallback = flight.fallback();
    if (fallback == null || !fallback.isServable(tick()) || !install(key, flight, fallback)) {
      map.remove(key, flight);
    }
  }

  /** Takes a marker away, and with it what it took the place of. */
  void drop(K key, Flight<V> flight) {
    map.remove(key, flight);
  }

  boolean holds(K key, Flight<V> flight) {
    return map.get(key) == flight;
  }

  /** Drops whatever is there, and so voids an operation under way. */
  void remove(K key) {
    map.remove(key);
  }

  void clear() {
    cache.invalidateAll();
  }

  long size() {
    return cache.estimatedSize();
  }

  private static void count(RemovalCause cause, Tally evictions) {
    if (cause == RemovalCause.SIZE) {
      evictions.increment();
    }
  }
}

package dev.perfkit.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.perfkit.spi.Knob;
import dev.perfkit.spi.TimeSource;
import java.time.Duration;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Function;
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
  private final Marks marks;
  private final @Nullable Function<? super K, String> toText;
  private final Cache<Object, Slot<V>> cache;
  private final ConcurrentMap<Object, Slot<V>> map;
  private final Upkeep upkeep = new Upkeep(ForkJoinPool.commonPool());
  private volatile long lastTick;

  /**
   * @param keep how long anything stays that was not evicted: longer than entries are of use, and
   *     than an operation leaves its marker there
   * @param toText how to write a key as text, if that cannot be undone: then texts stand for keys
   */
  MemoryTier(
      Memory size,
      Duration keep,
      @Nullable Function<? super K, String> toText,
      Marks marks,
      TimeSource time,
      Tally evictions) {
    this.time = time;
    this.marks = marks;
    this.toText = toText;
    this.lastTick = time.nanoTime();
    this.cache =
        Caffeine.newBuilder()
            .executor(upkeep)
            .ticker(() -> lastTick)
            .maximumWeight(size.maximum())
            .weigher((Object key, Slot<V> slot) -> weigh(size, slot))
            .expireAfterWrite(keep)
            .evictionListener((key, slot, cause) -> count(cause, evictions))
            .build();
    this.map = cache.asMap();
  }

  /** Has the upkeep of many steps done at their end, by {@link #endOfMany}. */
  void beginMany() {
    upkeep.begin();
  }

  void endOfMany() {
    upkeep.end();
  }

  /** Returns the knob for how much it holds. */
  Knob knob() {
    double size = capacity();
    return Knob.of(
        "memory-size",
        "",
        Math.max(1, Math.floor(size / 10)),
        size * 10,
        Math.max(1, Math.floor(size / 10)),
        this::capacity,
        entries -> resize((long) entries));
  }

  private void resize(long entries) {
    cache
        .policy()
        .eviction()
        .ifPresent(
            policy -> {
              policy.setMaximum(entries);
              cache.cleanUp();
            });
  }

  private long capacity() {
    return cache.policy().eviction().map(policy -> policy.getMaximum()).orElse(0L);
  }

  /** Changes how long anything stays that was not evicted. */
  void keepFor(Duration keep) {
    cache.policy().expireAfterWrite().ifPresent(policy -> policy.setExpiresAfter(keep));
  }

  /** Returns what is there, without a look at its times; the only step of a hit. */
  @Nullable Slot<V> slot(K key) {
    return cache.getIfPresent(at(key));
  }

  /** Returns a hit, or null; the only step of one. */
  @Nullable Entry<V> hit(K key) {
    return slot(key) instanceof Entry<V> entry && entry.isHit(time.nanoTime(), marks.version())
        ? entry
        : null;
  }

  /** Returns the time, and lets Caffeine know it. */
  long tick() {
    long now = time.nanoTime();
    lastTick = now;
    return now;
  }

  /** Puts a marker where nothing, or exactly that, was; false if it is not so any more. */
  boolean begin(K key, @Nullable Slot<V> present, Flight<V> flight) {
    Object at = at(key);
    return present == null
        ? changed().putIfAbsent(at, flight) == null
        : changed().replace(at, present, flight);
  }

  /** Puts a marker in place of whatever is there, and so voids an operation under way. */
  void seize(K key, Flight<V> flight) {
    changed().put(at(key), flight);
  }

  /** Replaces a marker, or an entry that it renews, by an entry; false if that was taken away. */
  boolean install(K key, Slot<V> place, Entry<V> entry) {
    return entry.origin().generation() == entry.origin().shard().generation()
        && changed().replace(at(key), place, entry);
  }

  /** Takes the marker away if it is still there, and wakes those who wait if nobody did. */
  void leave(K key, Flight<V> flight) {
    leave(key, flight, new Outcome.Retry<>());
  }

  /** The same, telling them how it ended. */
  void leave(K key, Flight<V> flight, Outcome<V> outcome) {
    if (holds(key, flight)) {
      abandon(key, flight);
    }
    flight.land(outcome);
  }

  /** Takes a marker away, and leaves what it took the place of if that is still of use. */
  private void abandon(K key, Flight<V> flight) {
    Entry<V> fallback = flight.fallback();
    long now = tick();
    if (fallback == null
        || !(fallback.isServable(now, marks) || fallback.isFresh(now, marks))
        || !install(key, flight, fallback)) {
      changed().remove(at(key), flight);
    }
  }

  /** Takes a marker or an entry away, and with a marker what it took the place of. */
  void drop(K key, Slot<V> place) {
    changed().remove(at(key), place);
  }

  boolean holds(K key, Flight<V> flight) {
    return map.get(at(key)) == flight;
  }

  /** Drops whatever is there, and so voids an operation under way. */
  void remove(K key) {
    changed().remove(at(key));
  }

  /** Drops, or has void, what was read before an invalidation with that number. */
  void invalidate(K key, long sequence) {
    invalidateAt(at(key), sequence);
  }

  /** The same, for what {@link KeyLayout#memoryKey} gave. */
  void invalidateAt(Object key, long sequence) {
    boolean done = false;
    while (!done) {
      Slot<V> slot = map.get(key);
      done = slot == null || outlives(slot, sequence) || changed().remove(key, slot);
    }
  }

  /** Wakes the operation under way that waits for another node, if there is one. */
  void wakeAt(Object key) {
    if (map.get(key) instanceof Flight<V> flight) {
      flight.wake();
    }
  }

  private boolean outlives(Slot<V> slot, long sequence) {
    return slot instanceof Entry<V> entry
        ? entry.origin().sequence() >= sequence
        : ((Flight<V>) slot).survives(sequence);
  }

  /** What weighs nothing is never evicted: a marker must stay. */
  private static int weigh(Memory size, Slot<?> slot) {
    return slot instanceof Entry<?> entry ? size.weigh(entry.value(), entry.birth().bytes()) : 0;
  }

  private Object at(K key) {
    return toText == null ? key : toText.apply(key);
  }

  /** Returns the map for a change to it. */
  private ConcurrentMap<Object, Slot<V>> changed() {
    upkeep.write();
    return map;
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

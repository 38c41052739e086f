package dev.perfkit.cache;

import dev.perfkit.spi.TimeSource;

/**
 * Writes and removals: the tier behind memory first, then memory, so that no reader between the two
 * brings the old value back.
 */
final class Writes<K, V> {

  private final MemoryTier<K, V> memory;
  private final Remote<K, V> remote;
  private final Lifetimes lifetimes;
  private final TimeSource time;
  private final Tallies tallies;

  Writes(
      MemoryTier<K, V> memory,
      Remote<K, V> remote,
      Lifetimes lifetimes,
      TimeSource time,
      Tallies tallies) {
    this.memory = memory;
    this.remote = remote;
    this.lifetimes = lifetimes;
    this.time = time;
    this.tallies = tallies;
  }

  /**
   * Stores a value. Of two writes of one key at a time the tiers might see a different one last;
   * whoever finds that it was not alone removes the key from both, which is always safe.
   */
  void put(K key, V value) {
    Visit<V> visit = remote.visit(key);
    Flight<V> flight = Flight.writing(value);
    memory.seize(key, flight);
    boolean kept = false;
    try {
      kept = store(key, value, visit, flight);
    } finally {
      if (!kept) {
        visit.remove();
        memory.remove(key);
        tallies.voidedFills.increment();
      }
    }
  }

  private boolean store(K key, V value, Visit<V> visit, Flight<V> flight) {
    Stamp stamp = new Stamp(time.currentTimeMillis(), lifetimes.draw(), 0);
    if (visit.write(value, stamp) == Visit.Fill.VOIDED) {
      return false;
    }
    long now = memory.tick();
    Entry<V> entry = lifetimes.entry(value, now, stamp.freshNanos(), visit.missedTier());
    return memory.install(key, flight, entry);
  }

  void remove(K key) {
    memory.tick();
    remote.visit(key).remove();
    memory.remove(key);
  }
}

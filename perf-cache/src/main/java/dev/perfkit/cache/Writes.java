package dev.perfkit.cache;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes and removals: the tier behind memory first, then memory, so that no reader between the two
 * brings the old value back.
 */
final class Writes<K, V> {

  private final MemoryTier<K, V> memory;
  private final Remote<K, V> remote;
  private final Marks marks;
  private final Fills<K, V> fills;
  private final @Nullable SourceOfTruth<K, V> source;
  private final Freshness freshness;
  private final Tallies tallies;

  Writes(
      MemoryTier<K, V> memory,
      Remote<K, V> remote,
      Marks marks,
      Fills<K, V> fills,
      @Nullable SourceOfTruth<K, V> source,
      Freshness freshness,
      Tallies tallies) {
    this.memory = memory;
    this.remote = remote;
    this.marks = marks;
    this.fills = fills;
    this.source = source;
    this.freshness = freshness;
    this.tallies = tallies;
  }

  /**
   * Stores a value: drops the older one and takes the lease, stores in the source if there is one,
   * then fills under the lease. Two steps, the second sent only after the answer to the first: one
   * that is stuck on its way and arrives after a later write has lost its lease, and stores
   * nothing.
   *
   * <p>Of two writes of one key at a time the tiers and the source might see a different one last;
   * whoever finds that it was not alone removes the key from both, which is always safe.
   */
  void put(K key, Loaded<V> loaded, V value) {
    Visit<V> visit = remote.visit(key);
    Flight<V> flight =
        source == null ? Flight.writing(value, visit) : Flight.inPlaceOf(null, visit);
    memory.seize(key, flight);
    boolean kept = false;
    try {
      boolean begun = visit.begin();
      flight.saw(visit.sequence());
      Fills.Start start = fills.start();
      if (source != null) {
        source.store(key, value);
      }
      kept = keep(key, visit, flight, loaded, start, begun);
      flight.land(new Outcome.Value<>(value, false, null));
    } finally {
      if (!kept) {
        boolean unused = visit.remove(List.of());
        memory.remove(key);
        tallies.voidedFills.increment();
      }
      flight.land(new Outcome.Retry<>());
    }
  }

  /**
   * Keeps a value that was stored. If Redis missed a step, somebody may have loaded before the
   * source was changed and filled after it; so the key is removed again. Without a source the value
   * is the truth itself, and stays in memory.
   */
  private boolean keep(
      K key, Visit<V> visit, Flight<V> flight, Loaded<V> loaded, Fills.Start start, boolean begun) {
    Stamp stamp = fills.stamp(loaded, start, 0);
    Visit.Fill fill = visit.fill(loaded.value(), stamp);
    if (fill == Visit.Fill.VOIDED || (visit.missedTier() && source != null)) {
      return false;
    }
    if (visit.missedTier() && begun) {
      boolean unused = visit.remove(List.of());
    }
    return fills.install(Fills.Place.of(key, flight), visit, loaded.value(), stamp, start);
  }

  /** Stores a value, which this node's memory may be told not to keep. */
  void put(K key, V value, CallOptions options) {
    put(key, options.with(Loaded.of(value)), value);
    if (options.skipsMemory()) {
      memory.remove(key);
    }
  }

  /**
   * Removes a value.
   *
   * @param tokens for the loads after it
   */
  void remove(K key, List<String> tokens) {
    memory.tick();
    Visit<V> visit = remote.visit(key);
    freshness.note(new Freshness.OfKey(key), tokens);
    if (visit.remove(tokens)) {
      memory.invalidate(key, visit.sequence());
    } else {
      memory.remove(key);
    }
  }

  /** Invalidates a tag, with tokens likewise. */
  void invalidate(Tag tag, List<String> tokens) {
    freshness.note(new Freshness.OfTag(tag.name()), tokens);
    if (!remote.mark(tag, tokens)) {
      marks.markHere(tag.name(), tag.hard());
    }
  }
}

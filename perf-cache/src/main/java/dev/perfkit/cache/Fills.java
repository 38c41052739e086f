package dev.perfkit.cache;

import dev.perfkit.spi.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Keeps what was loaded: in the tier behind memory first, then in memory. */
final class Fills<K, V> {

  /** Later than any value lives. */
  private static final Instant FAR = Instant.parse("9999-01-01T00:00:00Z");

  private final MemoryTier<K, V> memory;
  private final Remote<K, V> remote;
  private final Marks marks;
  private final Lifetimes lifetimes;
  private final TimeSource time;
  private final Tallies tallies;

  Fills(
      MemoryTier<K, V> memory,
      Remote<K, V> remote,
      Marks marks,
      Lifetimes lifetimes,
      TimeSource time,
      Tallies tallies) {
    this.memory = memory;
    this.remote = remote;
    this.marks = marks;
    this.lifetimes = lifetimes;
    this.time = time;
    this.tallies = tallies;
  }

  /**
   * What was known before a load began. What is invalidated after it, by a mark that this does not
   * have, invalidates what was loaded.
   */
  record Start(Marks.Reading then, long nanos, long millis) {}

  Start start() {
    return new Start(marks.reading(), time.nanoTime(), time.currentTimeMillis());
  }

  /**
   * Where a value goes in memory.
   *
   * @param slot the marker, or the entry that is renewed, whose place it takes if that is still
   *     there
   * @param generation of the shard when the operation began
   */
  record Place<K, V>(K key, Slot<V> slot, Shard shard, long generation) {

    static <K, V> Place<K, V> of(K key, Flight<V> flight) {
      return new Place<>(key, flight, flight.shard(), flight.generation());
    }
  }

  /** Keeps what was loaded, and returns how that ended for those who wait for it. */
  Outcome<V> keep(Place<K, V> place, Visit<V> visit, Loaded<V> loaded, Start start) {
    Stamp stamp = stamp(loaded, start, time.nanoTime() - start.nanos());
    V value = loaded.value();
    Visit.Fill fill = Visit.Fill.NOT_STORED;
    if (stamp.freshNanos() == 0) {
      visit.absent();
    } else {
      fill = visit.fill(value, stamp);
    }
    return settle(place, new Remote.Store<>(visit, value, stamp), fill, start);
  }

  /** Keeps many values that were loaded together; the outcomes are in their order. */
  List<Outcome<V>> keepAll(
      List<Place<K, V>> places, List<Visit<V>> visits, List<Loaded<V>> loaded, Start start) {
    long cost = time.nanoTime() - start.nanos();
    List<Remote.Store<V>> stores = new ArrayList<>();
    for (int i = 0; i < places.size(); i++) {
      Loaded<V> each = loaded.get(i);
      stores.add(new Remote.Store<>(visits.get(i), each.value(), stamp(each, start, cost)));
    }
    List<Visit.Fill> fills = remote.fillAll(stores);
    List<Outcome<V>> outcomes = new ArrayList<>();
    for (int i = 0; i < places.size(); i++) {
      outcomes.add(settle(places.get(i), stores.get(i), fills.get(i), start));
    }
    return outcomes;
  }

  /** Keeps in memory what the tier behind it was offered. */
  private Outcome<V> settle(
      Place<K, V> place, Remote.Store<V> store, Visit.Fill fill, Start start) {
    Visit<V> visit = store.visit();
    Stamp stamp = store.stamp();
    V value = store.value();
    if (stamp.freshNanos() == 0) {
      memory.drop(place.key(), place.slot());
    } else if (fill == Visit.Fill.VOIDED) {
      memory.drop(place.key(), place.slot());
      tallies.voidedFills.increment();
    } else if (!install(place, visit, value, stamp, start)) {
      tallies.voidedFills.increment();
    }
    return Outcome.of(value, origin(place, visit, stamp));
  }

  /** Installs a value in memory; false if what it was to replace was taken away. */
  boolean install(Place<K, V> place, Visit<V> visit, @Nullable V value, Stamp stamp, Start start) {
    boolean alone = visit.missedTier() || visit.waitNanos() > 0;
    Entry.Life life = lifetimes.life(start.nanos(), stamp, alone);
    memory.tick();
    Birth birth =
        new Birth(
            stamp.createdMillis(), stamp.freshNanos(), stamp.costNanos(), visit.storedBytes());
    return memory.install(
        place.key(), place.slot(), Entry.of(value, life, birth, origin(place, visit, stamp)));
  }

  /** Returns the entry of a value that was found behind memory by a look-up that began then. */
  Entry<V> found(Place<K, V> place, Visit<V> visit, Found<V> found, long began) {
    return found(place.shard(), place.generation(), visit, found, began);
  }

  /** The same, for one that is not going to be installed. */
  Entry<V> found(Shard shard, long generation, Visit<V> visit, Found<V> found, long began) {
    Marks.Reading then =
        new Marks.Reading(found.then().genesis(), found.then().clock(), visit.localThen());
    return Entry.of(
        found.value(),
        lifetimes.life(began, memory.tick(), found),
        found.birth(),
        new Origin(shard, generation, visit.sequence(), then, found.tags()));
  }

  private static Origin origin(Place<?, ?> place, Visit<?> visit, Stamp stamp) {
    return new Origin(
        place.shard(), place.generation(), visit.sequence(), stamp.then(), stamp.tags());
  }

  /** Returns the stamp of what was loaded; fresh for 0 if it is not to be kept. */
  Stamp stamp(Loaded<V> loaded, Start start, long cost) {
    boolean absent = loaded.kind() == Loaded.Kind.ABSENT;
    Duration own = loaded.timeToLive();
    long fresh;
    if (own != null) {
      fresh = lifetimes.draw(own.toNanos());
    } else {
      fresh = absent ? lifetimes.drawAbsent() : lifetimes.draw();
    }
    Duration ownStale = loaded.serveStaleFor();
    long stale = ownStale == null ? lifetimes.serveStaleFor() : ownStale.toNanos();
    long millis = time.currentTimeMillis();
    long left = left(loaded.notAfter(), millis);
    fresh = Math.min(fresh, left);
    stale = absent ? 0 : Math.min(stale, left - fresh);
    return new Stamp(
        time.nanoTime(), millis, start.millis(), fresh, stale, cost, start.then(), loaded.tags());
  }

  /** Returns how long a value may be of any use that must not be used after a time. */
  private static long left(@Nullable Instant notAfter, long nowMillis) {
    if (notAfter == null || notAfter.isAfter(FAR)) {
      return Long.MAX_VALUE;
    }
    long end = notAfter.isBefore(Instant.EPOCH) ? 0 : notAfter.toEpochMilli();
    return Math.max(0, TimeUnit.MILLISECONDS.toNanos(end - nowMillis));
  }
}

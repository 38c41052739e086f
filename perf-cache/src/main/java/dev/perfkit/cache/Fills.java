package dev.perfkit.cache;

import dev.perfkit.spi.TimeSource;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Keeps what was loaded: in the tier behind memory first, then in memory. */
final class Fills<K, V> {

  private final MemoryTier<K, V> memory;
  private final Marks marks;
  private final Lifetimes lifetimes;
  private final TimeSource time;
  private final Tallies tallies;

  Fills(
      MemoryTier<K, V> memory, Marks marks, Lifetimes lifetimes, TimeSource time, Tallies tallies) {
    this.memory = memory;
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

  /** Keeps what was loaded, wakes those who wait for it, and returns it. */
  @Nullable V keep(K key, Flight<V> flight, Visit<V> visit, Loaded<V> loaded, Start start) {
    Stamp stamp = stamp(loaded, start, time.nanoTime() - start.nanos());
    V value = loaded.value();
    if (stamp.freshNanos() == 0) {
      visit.absent();
      memory.drop(key, flight);
    } else if (visit.fill(value, stamp) == Visit.Fill.VOIDED) {
      memory.drop(key, flight);
      tallies.voidedFills.increment();
    } else if (!install(key, flight, visit, value, stamp, start)) {
      tallies.voidedFills.increment();
    }
    flight.land(Outcome.of(value, origin(flight, visit, stamp)));
    return value;
  }

  /** Installs a value in memory; false if its marker was taken away. */
  boolean install(
      K key, Flight<V> flight, Visit<V> visit, @Nullable V value, Stamp stamp, Start start) {
    long now = memory.tick();
    boolean alone = visit.missedTier() || visit.waitNanos() > 0;
    Entry.Life life =
        lifetimes.life(start.nanos(), now, stamp.freshNanos(), stamp.staleNanos(), alone);
    return memory.install(key, flight, Entry.of(value, life, origin(flight, visit, stamp)));
  }

  private static Origin origin(Flight<?> flight, Visit<?> visit, Stamp stamp) {
    return new Origin(
        flight.shard(), flight.generation(), visit.sequence(), stamp.then(), stamp.tags());
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
    return new Stamp(start.millis(), fresh, absent ? 0 : stale, cost, start.then(), loaded.tags());
  }
}

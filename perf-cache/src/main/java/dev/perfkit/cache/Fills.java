package dev.perfkit.cache;

import dev.perfkit.spi.TimeSource;
import java.time.Duration;
import java.util.List;
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
    flight.land(value == null ? new Outcome.Absent<>() : new Outcome.Value<>(value, false));
    return value;
  }

  /** Installs a value in memory; false if its marker was taken away. */
  boolean install(
      K key, Flight<V> flight, Visit<V> visit, @Nullable V value, Stamp stamp, Start start) {
    long now = memory.tick();
    boolean alone = visit.missedTier() || visit.waitNanos() > 0;
    Entry.Life life =
        lifetimes.life(start.nanos(), now, stamp.freshNanos(), stamp.staleNanos(), alone);
    Origin origin =
        new Origin(
            flight.shard(), flight.generation(), visit.sequence(), stamp.then(), stamp.tags());
    return memory.install(key, flight, Entry.of(value, life, origin));
  }

  /** Returns the stamp of a value that was given by the host. */
  Stamp stamp(List<String> tags, @Nullable Duration timeToLive, Start start) {
    long fresh = timeToLive == null ? lifetimes.draw() : lifetimes.draw(timeToLive.toNanos());
    return new Stamp(start.millis(), fresh, lifetimes.serveStaleFor(), 0, start.then(), tags);
  }

  /** Returns the stamp of what was loaded; fresh for 0 if it is not to be kept. */
  private Stamp stamp(Loaded<V> loaded, Start start, long cost) {
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

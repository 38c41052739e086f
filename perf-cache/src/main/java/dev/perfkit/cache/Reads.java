package dev.perfkit.cache;

import dev.perfkit.spi.TimeSource;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads that memory does not answer at once.
 *
 * <p>The thread that puts its marker into memory leads: it asks the tier behind, then the loader,
 * and installs what it got by replacing its own marker. The others wait for it. A removal or write
 * takes the marker away; then the leader's value goes to those who waited, and is kept nowhere.
 *
 * <p>Nothing is locked while anybody's code runs, and the markers are the only bookkeeping: none is
 * left behind, as the leader takes its own away whatever happens.
 */
final class Reads<K, V> {

  private final String cache;
  private final MemoryTier<K, V> memory;
  private final Remote<K, V> remote;
  private final Lifetimes lifetimes;
  private final TimeSource time;
  private final Tallies tallies;
  private final Notices notices;
  private final long waitNanos;
  private volatile boolean closed;

  Reads(
      String cache,
      MemoryTier<K, V> memory,
      Remote<K, V> remote,
      Lifetimes lifetimes,
      TimeSource time,
      Tallies tallies,
      Notices notices,
      long waitNanos) {
    this.cache = cache;
    this.memory = memory;
    this.remote = remote;
    this.lifetimes = lifetimes;
    this.time = time;
    this.tallies = tallies;
    this.notices = notices;
    this.waitNanos = waitNanos;
  }

  /** Ends use; what is under way goes on, but keeps nothing. */
  void close() {
    closed = true;
  }

  void requireOpen() {
    if (closed) {
      throw new IllegalStateException("cache '" + cache + "' is closed");
    }
  }

  <X extends Exception> @Nullable V get(K key, Loader<? super K, ? extends V, X> loader) throws X {
    Objects.requireNonNull(loader, "loader");
    requireOpen();
    tallies.memoryMisses.increment();
    // Waiting is for other threads of this machine, so it is measured by the machine's own clock.
    long deadline = System.nanoTime() + waitNanos;
    while (true) {
      Slot<V> slot = memory.slot(key);
      if (slot instanceof Flight<V> other) {
        Outcome<V> outcome = join(other, deadline);
        if (outcome == null) {
          return afterWaiting(key, other, loader);
        }
        if (!(outcome instanceof Outcome.Retry)) {
          return share(outcome, loader);
        }
      } else {
        Entry<V> present = (Entry<V>) slot;
        long now = memory.tick();
        if (present != null && (present.isFresh(now) || present.isThrottled(now))) {
          return serve(present, now);
        }
        Flight<V> flight = Flight.inPlaceOf(present);
        if (memory.begin(key, present, flight)) {
          return lead(key, flight, loader);
        }
      }
    }
  }

  /** Returns the fresh value that memory or the tier behind it has; waits for no load. */
  @Nullable V getIfPresent(K key) {
    requireOpen();
    tallies.memoryMisses.increment();
    if (!remote.exists()) {
      return null;
    }
    Slot<V> slot = memory.slot(key);
    if (slot instanceof Flight<V> other) {
      return whileLoading(key, other);
    }
    Entry<V> present = (Entry<V>) slot;
    if (present != null && present.isFresh(memory.tick())) {
      return present.value();
    }
    Flight<V> flight = Flight.inPlaceOf(present);
    return memory.begin(key, present, flight) ? lookUp(key, flight) : find(key);
  }

  private @Nullable V whileLoading(K key, Flight<V> other) {
    if (other.landed() instanceof Outcome.Value<V> value && !value.stale()) {
      return value.value();
    }
    return find(key);
  }

  /** Looks up without a marker, and so installs nothing. */
  private @Nullable V find(K key) {
    Found<V> found = remote.visit(key).find();
    return found != null && found.isFresh() ? found.value() : null;
  }

  private @Nullable V lookUp(K key, Flight<V> flight) {
    try {
      Found<V> found = remote.visit(key).find();
      if (found == null || !found.isFresh()) {
        return null;
      }
      return found(key, flight, found);
    } finally {
      leave(key, flight);
    }
  }

  private <X extends Exception> @Nullable V lead(
      K key, Flight<V> flight, Loader<? super K, ? extends V, X> loader) throws X {
    try {
      Visit<V> visit = remote.visit(key);
      Found<V> found = visit.find();
      return found != null && found.isFresh()
          ? found(key, flight, found)
          : load(key, flight, visit, fallback(flight, found), loader);
    } finally {
      leave(key, flight);
    }
  }

  /** Takes the marker away if it is still there, and wakes those who wait if nobody did. */
  private void leave(K key, Flight<V> flight) {
    if (memory.holds(key, flight)) {
      memory.abandon(key, flight);
    }
    flight.land(new Outcome.Retry<>());
  }

  private V found(K key, Flight<V> flight, Found<V> found) {
    install(key, flight, lifetimes.entry(found.value(), memory.tick(), found.freshNanos()));
    flight.land(new Outcome.Value<>(found.value(), false));
    return found.value();
  }

  /** Returns the newer of what memory and the tier behind it had. */
  private @Nullable Entry<V> fallback(Flight<V> flight, @Nullable Found<V> found) {
    Entry<V> mine = flight.fallback();
    if (found == null) {
      return mine;
    }
    Entry<V> theirs = lifetimes.entry(found.value(), memory.tick(), found.freshNanos());
    return mine == null || theirs.isNewerThan(mine) ? theirs : mine;
  }

  private <X extends Exception> @Nullable V load(
      K key,
      Flight<V> flight,
      Visit<V> visit,
      @Nullable Entry<V> fallback,
      Loader<? super K, ? extends V, X> loader)
      throws X {
    visit.lease();
    long created = time.currentTimeMillis();
    long started = time.nanoTime();
    V value;
    try {
      value = call(loader, key);
    } catch (Throwable failure) {
      visit.release();
      if (!replace(key, flight, fallback, failure)) {
        flight.land(outcomeOf(failure, loader));
        throw failure;
      }
      return fallback == null ? null : fallback.value();
    }
    if (value == null) {
      return absent(key, flight, visit);
    }
    return keep(key, flight, visit, value, created, time.nanoTime() - started);
  }

  private V keep(K key, Flight<V> flight, Visit<V> visit, V value, long created, long cost) {
    Stamp stamp = new Stamp(created, lifetimes.draw(), cost);
    if (visit.fill(value, stamp) == Visit.Fill.VOIDED) {
      memory.drop(key, flight);
      tallies.voidedFills.increment();
    } else {
      long now = memory.tick();
      install(key, flight, lifetimes.entry(value, now, stamp.freshNanos(), visit.missedTier()));
    }
    flight.land(new Outcome.Value<>(value, false));
    return value;
  }

  private @Nullable V absent(K key, Flight<V> flight, Visit<V> visit) {
    visit.absent();
    memory.drop(key, flight);
    flight.land(new Outcome.Absent<>());
    return null;
  }

  private void install(K key, Flight<V> flight, Entry<V> entry) {
    if (!memory.install(key, flight, entry)) {
      tallies.voidedFills.increment();
    }
  }

  /**
   * Serves the fallback in place of a failure. Not if the caller is told to stop, nor if the key
   * was written or removed meanwhile: then the fallback is no longer true.
   */
  private boolean replace(K key, Flight<V> flight, @Nullable Entry<V> fallback, Throwable failure) {
    long now = memory.tick();
    if (fallback == null
        || !fallback.isServable(now)
        || !(failure instanceof Exception)
        || isInterrupt(failure)
        || !memory.install(key, flight, lifetimes.throttled(fallback, now))) {
      return false;
    }
    notices.failed("a load failed; an older value is served", failure);
    tallies.staleServed.increment();
    flight.land(new Outcome.Value<>(fallback.value(), true));
    return true;
  }

  /** An interrupt is meant for one thread: the others try again. */
  private Outcome<V> outcomeOf(Throwable failure, Loader<?, ?, ?> loader) {
    return isInterrupt(failure)
        ? new Outcome.Retry<>()
        : new Outcome.Failed<>(failure, loader.getClass());
  }

  private static boolean isInterrupt(Throwable failure) {
    return failure instanceof InterruptedException || Thread.currentThread().isInterrupted();
  }

  private <X extends Exception> @Nullable V call(Loader<? super K, ? extends V, X> loader, K key)
      throws X {
    long start = time.nanoTime();
    V value;
    try {
      value = loader.load(key);
    } catch (Throwable failure) {
      tallies.failedLoads.increment();
      throw failure;
    } finally {
      tallies.loadTime.record(time.nanoTime() - start);
    }
    (value == null ? tallies.absentLoads : tallies.loads).increment();
    return value;
  }

  private V serve(Entry<V> entry, long now) {
    if (!entry.isFresh(now)) {
      tallies.staleServed.increment();
    }
    return entry.value();
  }

  // Waiting for the load of another thread.

  /** Returns null if the time was not enough. */
  private @Nullable Outcome<V> join(Flight<V> flight, long deadline) {
    if (flight.isMine() && !flight.hasLanded()) {
      throw new CacheException(
          "a loader of cache '"
              + cache
              + "' asked it for the very key that it loads; load the value from its source instead",
          null);
    }
    tallies.joined.increment();
    try {
      return flight.await(Math.max(0, deadline - System.nanoTime()));
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
      throw new CacheException(
          "interrupted while waiting for another thread to load a key of cache '" + cache + "'",
          interrupt);
    }
  }

  private <X extends Exception> @Nullable V share(
      Outcome<V> outcome, Loader<? super K, ? extends V, X> loader) throws X {
    if (outcome instanceof Outcome.Value<V> value) {
      if (value.stale()) {
        tallies.staleServed.increment();
      }
      return value.value();
    }
    if (outcome instanceof Outcome.Failed<V> failed) {
      throw this.<X>failureFor(loader, failed);
    }
    return null;
  }

  /** A loader of the same class throws the same exceptions, so its failure can be passed on. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private <X extends Exception> X failureFor(
      Loader<? super K, ? extends V, X> loader, Outcome.Failed<V> failed) {
    Throwable failure = failed.failure();
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure instanceof RuntimeException || failed.loader() == loader.getClass()) {
      return (X) failure;
    }
    throw new CacheException(
        "the load by another thread, with another loader, failed for a key of cache '"
            + cache
            + "'",
        failure);
  }

  /**
   * The leader takes longer than anybody waits. Serves an older value if there is one; otherwise
   * takes the lead from it, or, when another one did so first, loads for this caller alone.
   */
  private <X extends Exception> @Nullable V afterWaiting(
      K key, Flight<V> other, Loader<? super K, ? extends V, X> loader) throws X {
    Entry<V> fallback = other.fallback();
    if (fallback != null && fallback.isServable(memory.tick()) && memory.holds(key, other)) {
      tallies.staleServed.increment();
      return fallback.value();
    }
    Flight<V> mine = Flight.inPlaceOf(null);
    return memory.begin(key, other, mine) ? lead(key, mine, loader) : call(loader, key);
  }
}

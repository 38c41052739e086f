package dev.perfkit.cache;

import dev.perfkit.spi.TimeSource;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Loads, and what becomes of those that fail or take long.
 *
 * <p>Where the caller's patience may end before the load, the load gets a thread of its own, which
 * takes over the marker and the lease, keeps what comes, and gives both back. The caller waits for
 * the marker then, like everybody else.
 */
final class Loads<K, V> {

  private final String cache;
  private final MemoryTier<K, V> memory;
  private final Marks marks;
  private final Fills<K, V> fills;
  private final Lifetimes lifetimes;
  private final Patience patience;
  private final Background background;
  private final Freshness freshness;
  private final TimeSource time;
  private final Tallies tallies;
  private final Notices notices;

  Loads(
      String cache,
      MemoryTier<K, V> memory,
      Marks marks,
      Fills<K, V> fills,
      Lifetimes lifetimes,
      Patience patience,
      Background background,
      Freshness freshness,
      TimeSource time,
      Tallies tallies,
      Notices notices) {
    this.cache = cache;
    this.memory = memory;
    this.marks = marks;
    this.fills = fills;
    this.lifetimes = lifetimes;
    this.patience = patience;
    this.background = background;
    this.freshness = freshness;
    this.time = time;
    this.tallies = tallies;
    this.notices = notices;
  }

  Patience patience() {
    return patience;
  }

  /** Loads and keeps; an end of the caller's patience is not the end of the load. */
  <X extends Exception> Outcome<V> load(
      Question<K, V, X> question, Flight<V> flight, @Nullable Entry<V> fallback) throws X {
    boolean soft = patience.hasSoft() && isServable(fallback);
    if (question.async() || (!soft && !patience.hasHard())) {
      return loadAndKeep(question, flight, fallback);
    }
    flight.handOver();
    if (!background.run(() -> takeOver(question, flight, fallback))) {
      flight.takeBack();
      return instead(fallback);
    }
    return awaitOwn(flight, question.limits());
  }

  /** Has a load done in the background; returns false if there is no thread for it. */
  boolean inBackground(Runnable load) {
    return background.run(load);
  }

  /** Waits for an operation that was handed over, for as long as the caller's patience lasts. */
  Outcome<V> awaitOwn(Flight<V> flight, Patience.Limits limits) {
    Outcome<V> outcome = null;
    if (patience.hasSoft() && isServable(flight.fallback())) {
      outcome = await(flight, limits.softEnd());
      Entry<V> fallback = flight.fallback();
      if (outcome == null && fallback != null && isServable(fallback)) {
        return Outcome.stale(fallback);
      }
    }
    if (outcome == null) {
      outcome = await(flight, limits.hardEnd());
    }
    return outcome == null ? instead(flight.fallback()) : outcome;
  }

  /** The end of the patience. */
  Outcome<V> instead(@Nullable Entry<V> fallback) {
    if (fallback != null && isServable(fallback)) {
      return Outcome.stale(fallback);
    }
    throw timedOut();
  }

  LoadTimeoutException timedOut() {
    tallies.timedOut.increment();
    return new LoadTimeoutException(
        "a load for cache '"
            + cache
            + "' took longer than hardTimeout, "
            + patience.hardNanos() / 1_000_000
            + " ms, or found no free thread, and there is no older value; a load that has begun"
            + " goes on in the background");
  }

  private void takeOver(Question<K, V, ?> question, Flight<V> flight, @Nullable Entry<V> fallback) {
    flight.adopt();
    try {
      Outcome<V> unused = loadAndKeep(question, flight, fallback);
    } catch (Throwable failure) {
      failedUnseen(failure); // whoever waits has it as well
    } finally {
      question.visit().release();
      memory.leave(question.key(), flight);
    }
  }

  private <X extends Exception> Outcome<V> loadAndKeep(
      Question<K, V, X> question, Flight<V> flight, @Nullable Entry<V> fallback) throws X {
    K key = question.key();
    Visit<V> visit = question.visit();
    Fills.Start start = fills.start();
    Loaded<V> loaded;
    try {
      loaded = call(key, question.fetcher(), fallback, visit);
    } catch (Throwable failure) {
      visit.release();
      if (!replace(key, flight, fallback, failure)) {
        memory.leave(key, flight, outcomeOf(failure, question.source()));
        throw failure;
      }
      return Outcome.stale(Objects.requireNonNull(fallback));
    }
    Outcome<V> outcome = fills.keep(Fills.Place.of(key, flight), visit, loaded, start);
    flight.land(outcome);
    return outcome;
  }

  /**
   * Calls a fetcher; a value that is unchanged is the older one, whose life begins anew.
   *
   * @param older what there was, for the fetcher to see if it is fresh or may be served
   * @param visit what was asked before
   */
  <X extends Exception> Loaded<V> call(
      K key, Fetcher<? super K, V, X> fetcher, @Nullable Entry<V> older, Visit<V> visit) throws X {
    long start = time.nanoTime();
    Loaded<V> loaded;
    try {
      V value = older != null && isOfUse(older) ? older.value() : null;
      loaded =
          fetcher instanceof FreshFetcher<? super K, V, X> fresh
              ? freshness.fetch(fresh, key, value, freshness.before(key, visit, older))
              : Objects.requireNonNull(fetcher.fetch(key, value), "Loaded");
      loaded = resolve(loaded, value);
    } catch (Throwable failure) {
      tallies.failedLoads.increment();
      throw failure;
    } finally {
      tallies.loadTime.record(time.nanoTime() - start);
    }
    (loaded.kind() == Loaded.Kind.ABSENT ? tallies.absentLoads : tallies.loads).increment();
    return loaded;
  }

  private boolean isOfUse(Entry<V> older) {
    return isServable(older) || older.isFresh(memory.tick(), marks);
  }

  /** Returns the tokens of what a load of a key must not miss; for {@link #callAll}. */
  Set<String> freshnessOf(K key, Visit<V> visit, @Nullable Entry<V> older) {
    return freshness.before(key, visit, older);
  }

  /** Calls a fetcher of many. */
  <X extends Exception> Map<K, Loaded<V>> callAll(
      Set<K> keys, BulkFetcher<K, V, X> fetcher, Set<String> tokens) throws X {
    long start = time.nanoTime();
    try {
      return fetcher instanceof FreshBulkFetcher<K, V, X> fresh
          ? freshness.fetchAll(fresh, keys, tokens)
          : Objects.requireNonNull(fetcher.fetchAll(keys), "values");
    } catch (Throwable failure) {
      tallies.failedLoads.add(keys.size());
      throw failure;
    } finally {
      tallies.loadTime.record(time.nanoTime() - start);
    }
  }

  /** Counts what came, and returns why it is no value; null if it is one, or says none. */
  @Nullable Exception failureOf(Loaded<V> loaded) {
    Exception failure = wrong(loaded);
    Tally tally = loaded.kind() == Loaded.Kind.ABSENT ? tallies.absentLoads : tallies.loads;
    (failure == null ? tally : tallies.failedLoads).increment();
    return failure;
  }

  /** Returns why something that came with others is no value; null if it is one, or says none. */
  private @Nullable Exception wrong(Loaded<V> loaded) {
    return loaded.kind() == Loaded.Kind.UNCHANGED
        ? new CacheException(
            "a bulk fetcher of cache '" + cache + "' said unchanged; it is given no older values",
            null)
        : loaded.failure();
  }

  /** Tells of a failure that nobody may be waiting for. */
  void failedUnseen(Throwable failure) {
    notices.failed("a load in the background failed", failure);
  }

  private Loaded<V> resolve(Loaded<V> loaded, @Nullable V older) {
    if (loaded.failure() != null) {
      throw new CacheException("a fetcher of cache '" + cache + "' failed", loaded.failure());
    }
    if (loaded.kind() != Loaded.Kind.UNCHANGED) {
      return loaded;
    }
    if (older == null) {
      throw new CacheException(
          "a fetcher of cache '" + cache + "' said unchanged but was given no older value", null);
    }
    return loaded.withValue(older);
  }

  /**
   * Serves the fallback in place of a failure. Not if the caller is told to stop, nor if the key
   * was written or removed meanwhile: then the fallback is no longer true.
   */
  boolean replace(K key, Flight<V> flight, @Nullable Entry<V> fallback, Throwable failure) {
    long now = memory.tick();
    if (fallback == null
        || !fallback.isServable(now, marks)
        || !(failure instanceof Exception)
        || isInterrupt(failure)
        || !memory.install(key, flight, lifetimes.throttled(fallback, now))) {
      return false;
    }
    notices.failed("a load failed; an older value is served", failure);
    flight.land(Outcome.stale(fallback));
    return true;
  }

  boolean isServable(@Nullable Entry<V> fallback) {
    return fallback != null && fallback.isServable(memory.tick(), marks);
  }

  /** An interrupt is meant for one thread: the others try again. */
  Outcome<V> outcomeOf(Throwable failure, Class<?> source) {
    return isInterrupt(failure) ? new Outcome.Retry<>() : new Outcome.Failed<>(failure, source);
  }

  private static boolean isInterrupt(Throwable failure) {
    return failure instanceof InterruptedException || Thread.currentThread().isInterrupted();
  }

  // Waiting for the load of another thread.

  /** Waits for an operation of another thread; returns null if the time was not enough. */
  @Nullable Outcome<V> join(Flight<V> flight, Patience.Limits limits) {
    joins(flight);
    long left = limits.leftForOthers(false);
    if (patience.hasSoft() && isServable(flight.fallback())) {
      left = Math.min(left, Patience.left(flight.began() + patience.softNanos()));
    }
    return await(flight, System.nanoTime() + left);
  }

  /** Notes that somebody is going to wait for an operation, which must not be its own. */
  void joins(Flight<V> flight) {
    if (flight.isMine() && !flight.hasLanded()) {
      throw new CacheException(
          "a loader of cache '"
              + cache
              + "' asked it for the very key that it loads; load the value from its source instead",
          null);
    }
    tallies.joined.increment();
  }

  private @Nullable Outcome<V> await(Flight<V> flight, long end) {
    try {
      return flight.await(Math.max(0, Patience.left(end)));
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
      throw interrupted(interrupt);
    }
  }

  void requireNotInterrupted() {
    if (Thread.currentThread().isInterrupted()) {
      throw interrupted(null);
    }
  }

  /** Returns whether an older value would be served, and when, rather than waiting longer. */
  long patienceFor(Flight<V> flight) {
    boolean soft = patience.hasSoft() && isServable(flight.fallback());
    return Math.min(soft ? patience.softNanos() : Long.MAX_VALUE, patience.hardNanos());
  }

  private CacheException interrupted(@Nullable InterruptedException interrupt) {
    return new CacheException(
        "interrupted while waiting for another one to load a key of cache '" + cache + "'",
        interrupt);
  }

  /** Gives a caller what an operation ended with. */
  <X extends Exception> @Nullable V share(Outcome<V> outcome, Class<?> source) throws X {
    if (outcome instanceof Outcome.Value<V> value) {
      if (value.stale()) {
        tallies.staleServed.increment();
      }
      return value.value();
    }
    if (outcome instanceof Outcome.Failed<V> failed) {
      throw this.<X>failureFor(source, failed);
    }
    return null;
  }

  /** A loader of the same class throws the same exceptions, so its failure can be passed on. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private <X extends Exception> X failureFor(Class<?> source, Outcome.Failed<V> failed) {
    Throwable failure = failed.failure();
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure instanceof RuntimeException || failed.loader() == source) {
      return (X) failure;
    }
    throw new CacheException(
        "the load by another thread, with another loader, failed for a key of cache '"
            + cache
            + "'",
        failure);
  }
}

package dev.perfkit.cache;

import dev.perfkit.spi.TimeSource;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
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

  /** After so long the leader asks again even if nobody woke it, as a message may be lost. */
  private static final long LONGEST_NAP = TimeUnit.MILLISECONDS.toNanos(500);

  /** How often a look-up is repeated that an invalidation overtook. */
  private static final int OVERTAKEN = 3;

  private final String cache;
  private final MemoryTier<K, V> memory;
  private final Remote<K, V> remote;
  private final Marks marks;
  private final Fills<K, V> fills;
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
      Marks marks,
      Fills<K, V> fills,
      Lifetimes lifetimes,
      TimeSource time,
      Tallies tallies,
      Notices notices,
      long waitNanos) {
    this.cache = cache;
    this.memory = memory;
    this.remote = remote;
    this.marks = marks;
    this.fills = fills;
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
    return fetch(key, (k, older) -> loaded(loader.load(k)), loader.getClass());
  }

  private Loaded<V> loaded(@Nullable V value) {
    return value == null ? Loaded.absent() : Loaded.of(value);
  }

  /**
   * Returns the value of a key.
   *
   * @param source tells what a failure may be
   */
  <X extends Exception> @Nullable V fetch(K key, Fetcher<? super K, V, X> fetcher, Class<?> source)
      throws X {
    requireOpen();
    if (memory.slot(key) instanceof Entry<V> entry && entry.isFresh(memory.tick(), marks)) {
      tallies.memoryHits.increment();
      return entry.value();
    }
    tallies.memoryMisses.increment();
    return miss(new Question<>(key, fetcher, source, remote.visit(key)), deadline());
  }

  /** Waiting is for other threads and machines, so it is measured by the machine's own clock. */
  long deadline() {
    return System.nanoTime() + waitNanos;
  }

  <X extends Exception> @Nullable V miss(Question<K, V, X> question, long deadline) throws X {
    K key = question.key();
    while (true) {
      Slot<V> slot = memory.slot(key);
      if (slot instanceof Flight<V> other) {
        Outcome<V> outcome = join(other, deadline);
        if (outcome == null) {
          return afterWaiting(question, other);
        }
        if (isForAll(outcome)) {
          return share(outcome, question);
        }
      } else {
        Entry<V> present = (Entry<V>) slot;
        long now = memory.tick();
        if (present != null && (present.isFresh(now, marks) || present.isThrottled(now, marks))) {
          return serve(present, now);
        }
        Flight<V> flight = Flight.inPlaceOf(present, question.visit().shard());
        if (memory.begin(key, present, flight)) {
          return lead(question, flight, deadline);
        }
      }
    }
  }

  /** What a caller wants to know, and how to find out. */
  record Question<K, V, X extends Exception>(
      K key, Fetcher<? super K, V, X> fetcher, Class<?> source, Visit<V> visit) {}

  /** Returns the fresh value that memory or the tier behind it has; waits for no load. */
  @Nullable V getIfPresent(K key) {
    requireOpen();
    Slot<V> slot = memory.slot(key);
    if (slot instanceof Entry<V> entry && entry.isFresh(memory.tick(), marks)) {
      tallies.memoryHits.increment();
      return entry.value();
    }
    tallies.memoryMisses.increment();
    if (!remote.exists()) {
      return null;
    }
    Visit<V> visit = remote.visit(key);
    if (slot instanceof Flight<V> other) {
      return whileLoading(visit, other);
    }
    Flight<V> flight = Flight.inPlaceOf((Entry<V>) slot, visit.shard());
    return memory.begin(key, slot, flight) ? lookUp(key, visit, flight) : find(visit);
  }

  private @Nullable V whileLoading(Visit<V> visit, Flight<V> other) {
    if (other.landed() instanceof Outcome.Value<V> value && !value.stale() && isForAll(value)) {
      return value.value();
    }
    return find(visit);
  }

  /** Looks up without a marker, and so installs nothing. */
  private @Nullable V find(Visit<V> visit) {
    Found<V> found = visit.find(false);
    return found != null && found.isFresh() ? found.value() : null;
  }

  private @Nullable V lookUp(K key, Visit<V> visit, Flight<V> flight) {
    try {
      long began = time.nanoTime();
      Found<V> found = look(key, flight, visit, false);
      return found != null && found.isFresh() ? found(key, flight, visit, found, began) : null;
    } finally {
      leave(key, flight);
    }
  }

  private <X extends Exception> @Nullable V lead(
      Question<K, V, X> question, Flight<V> flight, long deadline) throws X {
    K key = question.key();
    Visit<V> visit = question.visit();
    try {
      boolean waited = false;
      while (true) {
        long wakes = flight.wakes();
        long began = time.nanoTime();
        Found<V> found = look(key, flight, visit, true);
        if (found != null && found.isFresh()) {
          return found(key, flight, visit, found, began);
        }
        Entry<V> fallback = fallback(flight, visit, found, began);
        long left = deadline - System.nanoTime();
        if (visit.waitNanos() == 0 || left <= 0) {
          return loadOrServe(question, flight, fallback);
        }
        if (!waited) {
          waited = true;
          tallies.waited.increment();
        }
        flight.awaitWake(wakes, Math.min(left, Math.min(visit.waitNanos(), LONGEST_NAP)));
        requireNotInterrupted();
      }
    } finally {
      visit.release();
      leave(key, flight);
    }
  }

  /** Another node loads for longer than anybody waits: an older value does better than a load. */
  private <X extends Exception> @Nullable V loadOrServe(
      Question<K, V, X> question, Flight<V> flight, @Nullable Entry<V> fallback) throws X {
    if (question.visit().waitNanos() > 0
        && fallback != null
        && fallback.isServable(memory.tick(), marks)) {
      tallies.staleServed.increment();
      flight.land(Outcome.stale(fallback));
      return fallback.value();
    }
    return load(question, flight, fallback);
  }

  /**
   * Looks the key up until the answer is later than every invalidation that is known by then. One
   * that keeps being overtaken goes on without its marker, and so installs nothing.
   */
  @Nullable Found<V> look(K key, Flight<V> flight, Visit<V> visit, boolean toLoad) {
    for (int attempt = 0; ; attempt++) {
      flight.forget();
      Found<V> found = visit.find(toLoad);
      if (flight.saw(visit.sequence()) || visit.missedTier()) {
        return found;
      }
      visit.release();
      if (attempt == OVERTAKEN) {
        memory.drop(key, flight);
        return null;
      }
    }
  }

  /** Takes the marker away if it is still there, and wakes those who wait if nobody did. */
  void leave(K key, Flight<V> flight) {
    if (memory.holds(key, flight)) {
      memory.abandon(key, flight);
    }
    flight.land(new Outcome.Retry<>());
  }

  @Nullable V found(K key, Flight<V> flight, Visit<V> visit, Found<V> found, long began) {
    Entry<V> entry = entry(flight, visit, found, began);
    install(key, flight, entry);
    flight.land(Outcome.of(entry.value(), entry.origin()));
    return entry.value();
  }

  private Entry<V> entry(Flight<V> flight, Visit<V> visit, Found<V> found, long began) {
    Marks.Reading then =
        new Marks.Reading(found.then().genesis(), found.then().clock(), visit.localThen());
    return Entry.of(
        found.value(),
        lifetimes.life(began, memory.tick(), found),
        new Origin(flight.shard(), flight.generation(), visit.sequence(), then, found.tags()));
  }

  /** Returns the newer of what memory and the tier behind it had. */
  @Nullable Entry<V> fallback(
      Flight<V> flight, Visit<V> visit, @Nullable Found<V> found, long began) {
    Entry<V> mine = flight.fallback();
    if (found == null) {
      return mine;
    }
    Entry<V> theirs = entry(flight, visit, found, began);
    return mine == null || theirs.isNewerThan(mine) ? theirs : mine;
  }

  private <X extends Exception> @Nullable V load(
      Question<K, V, X> question, Flight<V> flight, @Nullable Entry<V> fallback) throws X {
    K key = question.key();
    Visit<V> visit = question.visit();
    Fills.Start start = fills.start();
    Loaded<V> loaded;
    try {
      loaded = call(question, older(fallback));
    } catch (Throwable failure) {
      visit.release();
      if (!replace(key, flight, fallback, failure)) {
        flight.land(outcomeOf(failure, question.source()));
        throw failure;
      }
      return fallback == null ? null : fallback.value();
    }
    return fills.keep(key, flight, visit, resolve(loaded, fallback), start);
  }

  private @Nullable V older(@Nullable Entry<V> fallback) {
    return fallback != null && fallback.isServable(memory.tick(), marks) ? fallback.value() : null;
  }

  /** A value that is unchanged is the older one, whose life begins anew. */
  private Loaded<V> resolve(Loaded<V> loaded, @Nullable Entry<V> fallback) {
    if (loaded.kind() != Loaded.Kind.UNCHANGED) {
      return loaded;
    }
    V value = fallback == null ? null : fallback.value();
    if (value == null) {
      throw new CacheException(
          "a fetcher of cache '" + cache + "' said unchanged but was given no older value", null);
    }
    return loaded.withValue(value);
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
    tallies.staleServed.increment();
    flight.land(Outcome.stale(fallback));
    return true;
  }

  /** An interrupt is meant for one thread: the others try again. */
  Outcome<V> outcomeOf(Throwable failure, Class<?> source) {
    return isInterrupt(failure) ? new Outcome.Retry<>() : new Outcome.Failed<>(failure, source);
  }

  private static boolean isInterrupt(Throwable failure) {
    return failure instanceof InterruptedException || Thread.currentThread().isInterrupted();
  }

  private <X extends Exception> Loaded<V> call(Question<K, V, X> question, @Nullable V older)
      throws X {
    long start = time.nanoTime();
    Loaded<V> loaded;
    try {
      loaded = Objects.requireNonNull(question.fetcher().fetch(question.key(), older), "Loaded");
    } catch (Throwable failure) {
      tallies.failedLoads.increment();
      throw failure;
    } finally {
      tallies.loadTime.record(time.nanoTime() - start);
    }
    (loaded.kind() == Loaded.Kind.ABSENT ? tallies.absentLoads : tallies.loads).increment();
    return loaded;
  }

  private @Nullable V serve(Entry<V> entry, long now) {
    if (!entry.isFresh(now, marks)) {
      tallies.staleServed.increment();
    }
    return entry.value();
  }

  // Waiting for the load of another thread.

  /** Returns false if it was invalidated: who came after that must not get it, so nobody does. */
  private boolean isForAll(Outcome<V> outcome) {
    Origin origin = outcome.origin();
    return !(outcome instanceof Outcome.Retry)
        && (origin == null || origin.judge(marks) != Marks.Verdict.DEAD);
  }

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
      throw interrupted(interrupt);
    }
  }

  private void requireNotInterrupted() {
    if (Thread.currentThread().isInterrupted()) {
      throw interrupted(null);
    }
  }

  private CacheException interrupted(@Nullable InterruptedException interrupt) {
    return new CacheException(
        "interrupted while waiting for another one to load a key of cache '" + cache + "'",
        interrupt);
  }

  private <X extends Exception> @Nullable V share(Outcome<V> outcome, Question<K, V, X> question)
      throws X {
    if (outcome instanceof Outcome.Value<V> value) {
      if (value.stale()) {
        tallies.staleServed.increment();
      }
      return value.value();
    }
    if (outcome instanceof Outcome.Failed<V> failed) {
      throw this.<X>failureFor(question, failed);
    }
    return null;
  }

  /** A loader of the same class throws the same exceptions, so its failure can be passed on. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private <X extends Exception> X failureFor(Question<K, V, X> question, Outcome.Failed<V> failed) {
    Throwable failure = failed.failure();
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure instanceof RuntimeException || failed.loader() == question.source()) {
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
      Question<K, V, X> question, Flight<V> other) throws X {
    K key = question.key();
    Entry<V> fallback = other.fallback();
    if (fallback != null && fallback.isServable(memory.tick(), marks) && memory.holds(key, other)) {
      tallies.staleServed.increment();
      return fallback.value();
    }
    Flight<V> mine = Flight.inPlaceOf(null, question.visit().shard());
    return memory.begin(key, other, mine)
        ? lead(question, mine, System.nanoTime())
        : call(question, null).value();
  }
}

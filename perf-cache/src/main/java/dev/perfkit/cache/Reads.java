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
  private final Loads<K, V> loads;
  private final Refreshes<K, V> refreshes;
  private final TimeSource time;
  private final Tallies tallies;
  private volatile boolean closed;

  Reads(
      String cache,
      MemoryTier<K, V> memory,
      Remote<K, V> remote,
      Marks marks,
      Fills<K, V> fills,
      Loads<K, V> loads,
      Refreshes<K, V> refreshes,
      TimeSource time,
      Tallies tallies) {
    this.cache = cache;
    this.memory = memory;
    this.remote = remote;
    this.marks = marks;
    this.fills = fills;
    this.loads = loads;
    this.refreshes = refreshes;
    this.time = time;
    this.tallies = tallies;
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

  <X extends Exception> @Nullable V get(
      K key, Loader<? super K, ? extends V, X> loader, CallOptions options) throws X {
    return fetch(key, fetcher(loader, options), loader.getClass(), options);
  }

  static <K, V, X extends Exception> Fetcher<K, V, X> fetcher(
      Loader<? super K, ? extends V, X> loader, CallOptions options) {
    Objects.requireNonNull(loader, "loader");
    return (key, older) -> options.loaded(loader.load(key));
  }

  /**
   * Returns the value of a key.
   *
   * @param source tells what a failure may be
   */
  <X extends Exception> @Nullable V fetch(
      K key, Fetcher<? super K, V, X> fetcher, Class<?> source, CallOptions options) throws X {
    Entry<V> hit = hit(key, fetcher, options);
    return hit == null ? miss(ask(key, fetcher, source, options, false)) : hit.value();
  }

  /** Returns a fresh entry in memory, or null; counts either. */
  @Nullable Entry<V> hit(K key, Fetcher<? super K, V, ?> fetcher, CallOptions options) {
    requireOpen();
    long now = memory.tick();
    if (!options.skipsMemory()
        && memory.slot(key) instanceof Entry<V> entry
        && entry.isFresh(now, marks)) {
      tallies.memoryHits.increment();
      entry.use(now);
      refreshes.consider(key, entry, fetcher, now);
      return entry;
    }
    tallies.memoryMisses.increment();
    return null;
  }

  <X extends Exception> Question<K, V, X> ask(
      K key,
      Fetcher<? super K, V, X> fetcher,
      Class<?> source,
      CallOptions options,
      boolean async) {
    return new Question<>(
        key, fetcher, source, visit(key, options), loads.patience().begin(), options, async);
  }

  Visit<V> visit(K key, CallOptions options) {
    Visit<V> visit = remote.visit(key);
    if (options.skipsRemote()) {
      visit.skip();
    }
    return visit;
  }

  <X extends Exception> @Nullable V miss(Question<K, V, X> asked) throws X {
    Question<K, V, X> question = asked;
    K key = question.key();
    while (true) {
      Slot<V> slot = memory.slot(key);
      if (slot instanceof Flight<V> other) {
        Outcome<V> outcome = loads.join(other, question.limits());
        if (outcome == null) {
          outcome = afterWaiting(question, other);
        }
        if (isForAll(outcome)) {
          return loads.share(outcome, question.source());
        }
        question = question.again(visit(key, question.options()));
      } else {
        Entry<V> present = (Entry<V>) slot;
        long now = memory.tick();
        if (present != null
            && !question.options().skipsMemory()
            && (present.isFresh(now, marks) || present.isThrottled(now, marks))) {
          return serve(present, now);
        }
        Flight<V> flight = Flight.inPlaceOf(present, question.visit());
        if (memory.begin(key, present, flight)) {
          Outcome<V> outcome = lead(question, flight);
          if (!(outcome instanceof Outcome.Retry)) {
            return loads.share(outcome, question.source());
          }
          question = question.again(visit(key, question.options()));
        }
      }
    }
  }

  /** Returns the fresh value that memory or the tier behind it has; waits for no load. */
  @Nullable V getIfPresent(K key, CallOptions options) {
    requireOpen();
    Slot<V> slot = memory.slot(key);
    long now = memory.tick();
    if (!options.skipsMemory() && slot instanceof Entry<V> entry && entry.isFresh(now, marks)) {
      tallies.memoryHits.increment();
      entry.use(now);
      return entry.value();
    }
    tallies.memoryMisses.increment();
    if (!remote.exists() || options.skipsRemote()) {
      return null;
    }
    Visit<V> visit = remote.visit(key);
    if (slot instanceof Flight<V> other) {
      return whileLoading(visit, other);
    }
    Flight<V> flight = Flight.inPlaceOf((Entry<V>) slot, visit);
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
      return found != null && found.isFresh()
          ? found(key, flight, visit, found, began).value()
          : null;
    } finally {
      memory.leave(key, flight);
    }
  }

  /** Answers the question; says to ask it again if its load was interrupted in the background. */
  <X extends Exception> Outcome<V> lead(Question<K, V, X> question, Flight<V> flight) throws X {
    K key = question.key();
    Visit<V> visit = question.visit();
    try {
      boolean waited = false;
      while (true) {
        long wakes = flight.wakes();
        long began = time.nanoTime();
        Found<V> found = look(key, flight, visit, true);
        if (found != null && found.isFresh()) {
          Entry<V> entry = found(key, flight, visit, found, began);
          refreshes.consider(key, entry, question.fetcher(), memory.tick());
          return Outcome.of(entry.value(), entry.origin());
        }
        Entry<V> fallback = fallback(flight, visit, found, began);
        long left = question.limits().leftForOthers(loads.isServable(fallback));
        if (visit.waitNanos() == 0 || left <= 0) {
          return loadOrServe(question, flight, fallback);
        }
        if (!waited) {
          waited = true;
          tallies.waited.increment();
        }
        flight.awaitWake(wakes, Math.min(left, Math.min(visit.waitNanos(), LONGEST_NAP)));
        loads.requireNotInterrupted();
      }
    } finally {
      if (!flight.isHandedOver()) {
        visit.release();
        memory.leave(key, flight);
      }
    }
  }

  /** Another node loads for longer than anybody waits: an older value does better than a load. */
  private <X extends Exception> Outcome<V> loadOrServe(
      Question<K, V, X> question, Flight<V> flight, @Nullable Entry<V> fallback) throws X {
    if (question.visit().waitNanos() > 0) {
      if (fallback != null && loads.isServable(fallback)) {
        Outcome<V> stale = Outcome.stale(fallback);
        flight.land(stale);
        return stale;
      }
      if (question.limits().isOver()) {
        throw loads.timedOut();
      }
    }
    return loads.load(question, flight, fallback);
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

  /** Keeps in memory what the tier behind it had. */
  Entry<V> found(K key, Flight<V> flight, Visit<V> visit, Found<V> found, long began) {
    Entry<V> entry = fills.found(Fills.Place.of(key, flight), visit, found, began);
    if (!memory.install(key, flight, entry)) {
      tallies.voidedFills.increment();
    }
    flight.land(Outcome.of(entry.value(), entry.origin()));
    return entry;
  }

  /** Returns the newer of what memory and the tier behind it had. */
  @Nullable Entry<V> fallback(
      Flight<V> flight, Visit<V> visit, @Nullable Found<V> found, long began) {
    Entry<V> mine = flight.fallback();
    if (found == null) {
      return mine;
    }
    Entry<V> theirs = fills.found(flight.shard(), flight.generation(), visit, found, began);
    Entry<V> newer = mine == null || theirs.isNewerThan(mine) ? theirs : mine;
    flight.fallBackOn(newer);
    return newer;
  }

  private @Nullable V serve(Entry<V> entry, long now) {
    if (!entry.isFresh(now, marks)) {
      tallies.staleServed.increment();
    }
    return entry.value();
  }

  /** Returns false if it was invalidated: who came after that must not get it, so nobody does. */
  boolean isForAll(Outcome<V> outcome) {
    Origin origin = outcome.origin();
    return !(outcome instanceof Outcome.Retry)
        && (origin == null || origin.judge(marks) != Marks.Verdict.DEAD);
  }

  /**
   * The leader takes longer than this one waits. Serves an older value if there is one; otherwise,
   * when the time is up, takes the lead from it, or, when another one did so first, loads for this
   * caller alone.
   */
  private <X extends Exception> Outcome<V> afterWaiting(Question<K, V, X> question, Flight<V> other)
      throws X {
    K key = question.key();
    Entry<V> fallback = other.fallback();
    if (fallback != null && loads.isServable(fallback) && memory.holds(key, other)) {
      return Outcome.stale(fallback);
    }
    if (question.limits().isOver()) {
      throw loads.timedOut();
    }
    if (!question.limits().isOverForOthers()) {
      return new Outcome.Retry<>();
    }
    Flight<V> mine = Flight.inPlaceOf(null, question.visit());
    if (memory.begin(key, other, mine)) {
      return lead(question, mine);
    }
    Loaded<V> loaded = loads.call(key, question.fetcher(), null, question.visit());
    return loaded.value() == null
        ? new Outcome.Absent<>(null)
        : new Outcome.Value<>(loaded.value(), false, null);
  }
}

package dev.perfkit.cache;

import dev.perfkit.spi.TimeSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads of many keys: one pass over memory, one look-up in the tier behind it, one round trip for
 * the leases of what is left, one load, one round trip to store it. What others are loading is
 * waited for last, when this one's own loads have ended and its leases are given back; so two that
 * load each other's keys cannot wait for each other.
 */
final class BulkReads<K, V> {

  private final String cache;
  private final MemoryTier<K, V> memory;
  private final Remote<K, V> remote;
  private final Marks marks;
  private final Reads<K, V> reads;
  private final Loads<K, V> loads;
  private final Fills<K, V> fills;
  private final Refreshes<K, V> refreshes;
  private final TimeSource time;
  private final Tallies tallies;

  BulkReads(
      String cache,
      MemoryTier<K, V> memory,
      Remote<K, V> remote,
      Marks marks,
      Reads<K, V> reads,
      Loads<K, V> loads,
      Fills<K, V> fills,
      Refreshes<K, V> refreshes,
      TimeSource time,
      Tallies tallies) {
    this.cache = cache;
    this.memory = memory;
    this.remote = remote;
    this.marks = marks;
    this.reads = reads;
    this.loads = loads;
    this.fills = fills;
    this.refreshes = refreshes;
    this.time = time;
    this.tallies = tallies;
  }

  <X extends Exception> Map<K, V> getAll(
      Collection<? extends K> keys, BulkLoader<K, V, X> loader, CallOptions options) throws X {
    return fetchAll(
        keys, asked -> loaded(loader.loadAll(asked), options), loader.getClass(), options);
  }

  private static <K, V> Map<K, Loaded<V>> loaded(Map<K, V> values, CallOptions options) {
    Map<K, Loaded<V>> loaded = new HashMap<>();
    Objects.requireNonNull(values, "values")
        .forEach((key, value) -> loaded.put(key, options.loaded(value)));
    return loaded;
  }

  private static <K, V> Loaded<V> orAbsent(Map<K, Loaded<V>> loaded, K key) {
    Loaded<V> each = loaded.get(key);
    return each == null ? Loaded.absent() : each;
  }

  <X extends Exception> Map<K, V> fetchAll(
      Collection<? extends K> keys,
      BulkFetcher<K, V, X> fetcher,
      Class<?> source,
      CallOptions options)
      throws X {
    reads.requireOpen();
    Work<X> work = new Work<>(new LinkedHashSet<>(keys), fetcher, source, options);
    try {
      work.run();
    } finally {
      work.refresh();
    }
    return work.result();
  }

  /** A key that this read leads. */
  private final class Lead {
    final K key;
    final Flight<V> flight;
    final Visit<V> visit;

    Lead(K key, Flight<V> flight, Visit<V> visit) {
      this.key = key;
      this.flight = flight;
      this.visit = visit;
    }
  }

  /** One read of many keys. For one thread, unless its load is handed over. */
  private final class Work<X extends Exception> {
    private final Set<K> keys;
    private final BulkFetcher<K, V, X> fetcher;
    private final Class<?> source;
    private final CallOptions options;
    private final Patience.Limits limits = loads.patience().begin();
    private final Map<K, V> found;
    private final Map<K, Exception> single = new ConcurrentHashMap<>();
    private final Map<K, Entry<V>> due = new LinkedHashMap<>();
    private final List<K> ofOthers = new ArrayList<>();
    private final List<Lead> leads = new ArrayList<>();
    private List<Lead> toLoad = new ArrayList<>();
    private boolean handedOver;

    Work(Set<K> keys, BulkFetcher<K, V, X> fetcher, Class<?> source, CallOptions options) {
      this.options = options;
      this.keys = keys;
      this.found = new HashMap<>(2 * keys.size());
      this.fetcher = fetcher;
      this.source = source;
    }

    void run() throws X {
      try {
        look();
        takeLeases();
        load();
      } finally {
        leave();
      }
      waitForOthers();
    }

    /** One pass over memory, and one trip to the tier behind it. */
    private void look() {
      memory.beginMany();
      try {
        lookIntoMemory();
        lookBehindMemory();
      } finally {
        memory.endOfMany();
      }
    }

    private void lookIntoMemory() {
      List<K> missing = new ArrayList<>();
      List<@Nullable Slot<V>> slots = new ArrayList<>();
      long now = memory.tick();
      for (K key : keys) {
        Slot<V> slot = memory.slot(Objects.requireNonNull(key, "key"));
        if (options.skipsMemory()) {
          missing.add(key);
          slots.add(slot);
        } else if (slot instanceof Entry<V> entry && entry.isFresh(now, marks)) {
          tallies.memoryHits.increment();
          entry.use(now);
          hit(key, entry, now);
        } else if (slot instanceof Entry<V> entry && entry.isThrottled(now, marks)) {
          tallies.memoryMisses.increment();
          tallies.staleServed.increment();
          keep(key, entry.value());
        } else {
          missing.add(key);
          slots.add(slot);
        }
      }
      tallies.memoryMisses.add(missing.size());
      for (int i = 0; i < missing.size(); i++) {
        begin(missing.get(i), slots.get(i));
      }
    }

    private void begin(K key, @Nullable Slot<V> slot) {
      if (slot instanceof Flight) {
        ofOthers.add(key);
        return;
      }
      Visit<V> visit = reads.visit(key, options);
      Flight<V> flight = Flight.inPlaceOf((Entry<V>) slot, visit);
      if (memory.begin(key, slot, flight)) {
        leads.add(new Lead(key, flight, visit));
      } else {
        ofOthers.add(key);
      }
    }

    private void lookBehindMemory() {
      toLoad = new ArrayList<>(leads);
      if (leads.isEmpty()) {
        return;
      }
      Set<Lead> done = new LinkedHashSet<>();
      long began = time.nanoTime();
      remote.findAll(
          visits(leads),
          (value, place) -> {
            Lead lead = leads.get(place);
            if (lead.flight.saw(lead.visit.sequence())) {
              Entry<V> entry = reads.found(lead.key, lead.flight, lead.visit, value, began);
              hit(lead.key, entry, entry.life().now());
              done.add(lead);
            }
          });
      toLoad.removeIf(done::contains);
    }

    private void takeLeases() {
      List<Lead> leased = new ArrayList<>();
      long began = time.nanoTime();
      toLoad.forEach(lead -> lead.flight.forget());
      List<@Nullable Found<V>> answers = remote.leaseAll(visits(toLoad));
      for (int i = 0; i < toLoad.size(); i++) {
        Lead lead = toLoad.get(i);
        Found<V> value = answers.get(i);
        if (!lead.flight.saw(lead.visit.sequence()) && !lead.visit.missedTier()) {
          lead.visit.release(); // an invalidation was faster: ask for this one again
          value = reads.look(lead.key, lead.flight, lead.visit, true);
        }
        if (value != null && value.isFresh()) {
          Entry<V> entry = reads.found(lead.key, lead.flight, lead.visit, value, began);
          hit(lead.key, entry, entry.life().now());
        } else if (lead.visit.waitNanos() > 0) {
          ofOthers.add(lead.key);
        } else {
          Entry<V> unused = reads.fallback(lead.flight, lead.visit, value, began);
          leased.add(lead);
        }
      }
      toLoad = leased;
    }

    private void load() throws X {
      if (toLoad.isEmpty()) {
        return;
      }
      boolean soft =
          loads.patience().hasSoft()
              && toLoad.stream().anyMatch(lead -> loads.isServable(lead.flight.fallback()));
      if (soft || loads.patience().hasHard()) {
        handOver();
      } else {
        loadAndKeep();
        takeOutcomes();
      }
    }

    private void handOver() throws X {
      List<Lead> rest = leads.stream().filter(lead -> !toLoad.contains(lead)).toList();
      remote.releaseAll(visits(rest));
      rest.forEach(lead -> memory.leave(lead.key, lead.flight));
      toLoad.forEach(lead -> lead.flight.handOver());
      handedOver = loads.inBackground(this::takeOver);
      if (!handedOver) {
        toLoad.forEach(lead -> lead.flight.takeBack());
      }
      for (Lead lead : toLoad) {
        Outcome<V> outcome =
            handedOver
                ? loads.awaitOwn(lead.flight, limits)
                : loads.instead(lead.flight.fallback());
        take(lead, outcome);
      }
    }

    private void takeOver() {
      toLoad.forEach(lead -> lead.flight.adopt());
      try {
        loadAndKeep();
      } catch (Throwable failure) {
        loads.failedUnseen(failure); // whoever waits has it as well
      } finally {
        remote.releaseAll(visits(toLoad));
        toLoad.forEach(lead -> memory.leave(lead.key, lead.flight));
      }
    }

    /** Loads and keeps; afterwards each flight has landed. */
    private void loadAndKeep() throws X {
      Set<K> asked = new LinkedHashSet<>();
      Set<String> tokens = new LinkedHashSet<>();
      for (Lead lead : toLoad) {
        asked.add(lead.key);
        tokens.addAll(loads.freshnessOf(lead.key, lead.visit, lead.flight.fallback()));
      }
      Fills.Start start = fills.start();
      Map<K, Loaded<V>> loaded;
      try {
        loaded = loads.callAll(Set.copyOf(asked), fetcher, tokens);
      } catch (Throwable failure) {
        remote.releaseAll(visits(toLoad));
        boolean all = true;
        for (Lead lead : toLoad) {
          all &= replaced(lead, failure);
        }
        if (!all) {
          throw failure;
        }
        return;
      }
      keepLoaded(loaded, start);
    }

    private void keepLoaded(Map<K, Loaded<V>> loaded, Fills.Start start) {
      List<Lead> kept = new ArrayList<>();
      List<Loaded<V>> values = new ArrayList<>();
      for (Lead lead : toLoad) {
        Loaded<V> each = orAbsent(loaded, lead.key);
        Exception failure = loads.failureOf(each);
        if (failure == null) {
          kept.add(lead);
          values.add(each);
        } else {
          lead.visit.release();
          if (!loads.replace(lead.key, lead.flight, lead.flight.fallback(), failure)) {
            single.put(lead.key, failure);
            memory.leave(lead.key, lead.flight, loads.outcomeOf(failure, Loaded.class));
          }
        }
      }
      List<Outcome<V>> outcomes =
          fills.keepAll(
              kept.stream().map(lead -> Fills.Place.of(lead.key, lead.flight)).toList(),
              visits(kept),
              values,
              start);
      for (int i = 0; i < kept.size(); i++) {
        kept.get(i).flight.land(outcomes.get(i));
      }
    }

    private boolean replaced(Lead lead, Throwable failure) {
      boolean replaced = loads.replace(lead.key, lead.flight, lead.flight.fallback(), failure);
      if (!replaced) {
        memory.leave(lead.key, lead.flight, loads.outcomeOf(failure, source));
      }
      return replaced;
    }

    private void takeOutcomes() throws X {
      for (Lead lead : toLoad) {
        Outcome<V> outcome = lead.flight.landed();
        if (outcome != null) {
          take(lead, outcome);
        }
      }
    }

    private void take(Lead lead, Outcome<V> outcome) throws X {
      if (outcome instanceof Outcome.Retry) {
        ofOthers.add(lead.key);
      } else if (!single.containsKey(lead.key)) {
        keep(lead.key, loads.share(outcome, source));
      }
    }

    private void leave() {
      if (!handedOver) {
        remote.releaseAll(visits(leads));
        leads.forEach(lead -> memory.leave(lead.key, lead.flight));
      }
    }

    private void waitForOthers() throws X {
      for (K key : ofOthers) {
        keep(key, reads.miss(question(key, reads.visit(key, options))));
      }
    }

    private Question<K, V, X> question(K key, Visit<V> visit) {
      Fetcher<K, V, X> single = (k, older) -> orAbsent(fetcher.fetchAll(Set.of(k)), k);
      if (fetcher instanceof FreshBulkFetcher<K, V, X> fresh) {
        FreshFetcher<K, V, X> told = (k, older, all) -> orAbsent(fresh.fetchAll(Set.of(k), all), k);
        single = told;
      }
      return new Question<>(key, single, source, visit, limits, options, false);
    }

    void refresh() {
      refreshes.all(due, fetcher);
    }

    private List<Visit<V>> visits(List<Lead> of) {
      return of.stream().map(lead -> lead.visit).toList();
    }

    private void hit(K key, Entry<V> entry, long now) {
      keep(key, entry.value());
      if (refreshes.isClaimed(entry, now)) {
        due.put(key, entry);
      }
    }

    private void keep(K key, @Nullable V value) {
      if (value != null) {
        found.put(key, value);
      }
    }

    /** Returns the values in the order of the keys. */
    Map<K, V> result() {
      Map<K, V> inOrder = new LinkedHashMap<>(2 * keys.size());
      for (K key : keys) {
        V value = found.get(key);
        if (value != null) {
          inOrder.put(key, value);
        }
      }
      if (!single.isEmpty()) {
        throw new BulkLoadException(cache, inOrder, single);
      }
      return inOrder;
    }
  }
}

package dev.perfkit.cache;

import dev.perfkit.spi.TimeSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads of many keys: one pass over memory, one look-up in the tier behind it, one load of what is
 * left. What others are loading is waited for last, when this one's own loads have ended and its
 * leases are given back; so two that load each other's keys cannot wait for each other.
 */
final class BulkReads<K, V> {

  private final MemoryTier<K, V> memory;
  private final Remote<K, V> remote;
  private final Marks marks;
  private final Reads<K, V> reads;
  private final Fills<K, V> fills;
  private final TimeSource time;
  private final Tallies tallies;

  BulkReads(
      MemoryTier<K, V> memory,
      Remote<K, V> remote,
      Marks marks,
      Reads<K, V> reads,
      Fills<K, V> fills,
      TimeSource time,
      Tallies tallies) {
    this.memory = memory;
    this.remote = remote;
    this.marks = marks;
    this.reads = reads;
    this.fills = fills;
    this.time = time;
    this.tallies = tallies;
  }

  <X extends Exception> Map<K, V> getAll(Collection<? extends K> keys, BulkLoader<K, V, X> loader)
      throws X {
    reads.requireOpen();
    long deadline = reads.deadline();
    Work work = new Work(new LinkedHashSet<>(keys));
    try {
      work.lookIntoMemory();
      work.lookBehindMemory();
      work.takeLeases();
      work.load(loader);
    } finally {
      work.leave();
    }
    work.waitForOthers(loader, deadline);
    return work.result();
  }

  /** A key that this read leads. */
  private final class Lead {
    final K key;
    final Flight<V> flight;
    final Visit<V> visit;
    @Nullable Entry<V> fallback;

    Lead(K key, Flight<V> flight, Visit<V> visit) {
      this.key = key;
      this.flight = flight;
      this.visit = visit;
    }
  }

  /** One read of many keys. For one thread. */
  private final class Work {
    private final Set<K> keys;
    private final Map<K, V> found = new LinkedHashMap<>();
    private final List<K> ofOthers = new ArrayList<>();
    private final List<Lead> leads = new ArrayList<>();
    private List<Lead> toLoad = new ArrayList<>();

    Work(Set<K> keys) {
      this.keys = keys;
    }

    void lookIntoMemory() {
      Map<K, Slot<V>> missing = new LinkedHashMap<>();
      long now = memory.tick();
      for (K key : keys) {
        Slot<V> slot = memory.slot(Objects.requireNonNull(key, "key"));
        if (slot instanceof Entry<V> entry && entry.isFresh(now, marks)) {
          tallies.memoryHits.increment();
          keep(key, entry.value());
        } else if (slot instanceof Entry<V> entry && entry.isThrottled(now, marks)) {
          tallies.memoryMisses.increment();
          tallies.staleServed.increment();
          keep(key, entry.value());
        } else {
          tallies.memoryMisses.increment();
          missing.put(key, slot);
        }
      }
      missing.forEach(this::begin);
    }

    private void begin(K key, @Nullable Slot<V> slot) {
      Visit<V> visit = remote.visit(key);
      if (slot instanceof Flight) {
        ofOthers.add(key);
        return;
      }
      Flight<V> flight = Flight.inPlaceOf((Entry<V>) slot, visit.shard());
      if (memory.begin(key, slot, flight)) {
        leads.add(new Lead(key, flight, visit));
      } else {
        ofOthers.add(key);
      }
    }

    void lookBehindMemory() {
      toLoad = new ArrayList<>(leads);
      if (leads.isEmpty()) {
        return;
      }
      List<Lead> done = new ArrayList<>();
      long began = time.nanoTime();
      remote.findAll(
          leads.stream().map(lead -> lead.visit).toList(),
          (value, place) -> {
            Lead lead = leads.get(place);
            if (lead.flight.saw(lead.visit.sequence())) {
              keep(lead.key, reads.found(lead.key, lead.flight, lead.visit, value, began));
              done.add(lead);
            }
          });
      toLoad.removeAll(done);
    }

    void takeLeases() {
      List<Lead> leased = new ArrayList<>();
      for (Lead lead : toLoad) {
        long began = time.nanoTime();
        Found<V> value = reads.look(lead.key, lead.flight, lead.visit, true);
        if (value != null && value.isFresh()) {
          keep(lead.key, reads.found(lead.key, lead.flight, lead.visit, value, began));
        } else if (lead.visit.waitNanos() > 0) {
          ofOthers.add(lead.key);
        } else {
          lead.fallback = reads.fallback(lead.flight, lead.visit, value, began);
          leased.add(lead);
        }
      }
      toLoad = leased;
    }

    <X extends Exception> void load(BulkLoader<K, V, X> loader) throws X {
      if (toLoad.isEmpty()) {
        return;
      }
      Set<K> asked = new LinkedHashSet<>();
      toLoad.forEach(lead -> asked.add(lead.key));
      Fills.Start start = fills.start();
      Map<K, V> loaded;
      try {
        loaded = Objects.requireNonNull(loader.loadAll(Set.copyOf(asked)), "values");
      } catch (Throwable failure) {
        tallies.failedLoads.add(toLoad.size());
        if (!replaceAll(failure, loader.getClass())) {
          throw failure;
        }
        return;
      } finally {
        tallies.loadTime.record(time.nanoTime() - start.nanos());
      }
      for (Lead lead : toLoad) {
        V value = loaded.get(lead.key);
        (value == null ? tallies.absentLoads : tallies.loads).increment();
        Loaded<V> each = value == null ? Loaded.absent() : Loaded.of(value);
        keep(lead.key, fills.keep(lead.key, lead.flight, lead.visit, each, start));
      }
    }

    /** Serves fallbacks in place of a failure; returns whether there was one for each key. */
    private boolean replaceAll(Throwable failure, Class<?> source) {
      boolean all = true;
      for (Lead lead : toLoad) {
        lead.visit.release();
        Entry<V> fallback = lead.fallback;
        if (fallback != null && reads.replace(lead.key, lead.flight, fallback, failure)) {
          keep(lead.key, fallback.value());
        } else {
          lead.flight.land(reads.outcomeOf(failure, source));
          all = false;
        }
      }
      return all;
    }

    void leave() {
      for (Lead lead : leads) {
        lead.visit.release();
        reads.leave(lead.key, lead.flight);
      }
    }

    <X extends Exception> void waitForOthers(BulkLoader<K, V, X> loader, long deadline) throws X {
      for (K key : ofOthers) {
        Fetcher<K, V, X> single = (k, older) -> only(k, loader.loadAll(Set.of(k)));
        keep(
            key,
            reads.miss(
                new Reads.Question<>(key, single, loader.getClass(), remote.visit(key)), deadline));
      }
    }

    private Loaded<V> only(K key, Map<K, V> loaded) {
      V value = loaded.get(key);
      return value == null ? Loaded.absent() : Loaded.of(value);
    }

    private void keep(K key, @Nullable V value) {
      if (value != null) {
        found.put(key, value);
      }
    }

    /** Returns the values in the order of the keys. */
    Map<K, V> result() {
      Map<K, V> inOrder = new LinkedHashMap<>();
      for (K key : keys) {
        V value = found.get(key);
        if (value != null) {
          inOrder.put(key, value);
        }
      }
      return inOrder;
    }
  }
}

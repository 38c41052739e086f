package dev.perfkit.cache;

import dev.perfkit.spi.TimeSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Loads of values that are still fresh.
 *
 * <p>The entry that is refreshed is the marker of its own refresh: the new one replaces exactly it.
 * Whatever happens to the key takes the entry away, and so voids the refresh; an invalidated tag
 * has a mark that is later than the refresh began.
 */
final class Refreshes<K, V> {

  /** When to ask again for a value that another node is refreshing. */
  private static final long SOON = TimeUnit.MILLISECONDS.toNanos(200);

  private final MemoryTier<K, V> memory;
  private final Remote<K, V> remote;
  private final Fills<K, V> fills;
  private final Loads<K, V> loads;
  private final Lifetimes lifetimes;
  private final Background background;
  private final TimeSource time;
  private final Tallies tallies;
  private final Notices notices;

  Refreshes(
      MemoryTier<K, V> memory,
      Remote<K, V> remote,
      Fills<K, V> fills,
      Loads<K, V> loads,
      Lifetimes lifetimes,
      Background background,
      TimeSource time,
      Tallies tallies,
      Notices notices) {
    this.memory = memory;
    this.remote = remote;
    this.fills = fills;
    this.loads = loads;
    this.lifetimes = lifetimes;
    this.background = background;
    this.time = time;
    this.tallies = tallies;
    this.notices = notices;
  }

  /** Begins a refresh of a fresh entry if one is due and nobody is at it. */
  void consider(K key, Entry<V> entry, Fetcher<? super K, V, ?> fetcher, long now) {
    if (!isClaimed(entry, now)) {
      return;
    }
    Fills.Place<K, V> place = place(key, entry);
    if (!background.run(() -> refresh(place, entry, fetcher))) {
      entry.endRefresh(now + SOON);
    }
  }

  private Fills.Place<K, V> place(K key, Entry<V> entry) {
    Shard shard = entry.origin().shard();
    return new Fills.Place<>(key, entry, shard, shard.standing().generation());
  }

  /** Returns whether a refresh is due that the caller is to carry out. */
  boolean isClaimed(Entry<V> entry, long now) {
    return lifetimes.isRefreshDue(entry, now) && entry.beginRefresh(now);
  }

  private void refresh(Fills.Place<K, V> place, Entry<V> entry, Fetcher<? super K, V, ?> fetcher) {
    Visit<V> visit = remote.visit(place.key());
    long pause = SOON;
    try {
      if (isLeftToLoad(place, visit, entry)) {
        load(place, visit, entry, fetcher);
      }
    } catch (Throwable failure) {
      pause = lifetimes.retryLoadAfter();
      notices.failed("an early refresh failed; the value at hand is served on", failure);
    } finally {
      visit.release();
      entry.endRefresh(time.nanoTime() + pause);
    }
  }

  /** Returns false if another node is at it, or has done it: then its value is taken. */
  private boolean isLeftToLoad(Fills.Place<K, V> place, Visit<V> visit, Entry<V> entry) {
    long began = time.nanoTime();
    Found<V> newer = visit.findNewer(entry.birth(), entry.freshUntil() - began);
    if (newer != null) {
      memory.install(place.key(), entry, fills.found(place, visit, newer, began));
    }
    return newer == null && (visit.isLeased() || !remote.exists());
  }

  private <X extends Exception> void load(
      Fills.Place<K, V> place, Visit<V> visit, Entry<V> entry, Fetcher<? super K, V, X> fetcher)
      throws X {
    tallies.refreshes.increment();
    Fills.Start start = fills.start();
    Loaded<V> loaded = loads.call(place.key(), fetcher, entry, visit);
    Outcome<V> unused = fills.keep(place, visit, loaded, start);
  }

  // Many at once.

  /**
   * Refreshes entries that were claimed, with one load for those of them that nobody else is at.
   */
  void all(Map<K, Entry<V>> claimed, BulkFetcher<K, V, ?> fetcher) {
    if (!claimed.isEmpty() && !background.run(() -> refreshAll(claimed, fetcher))) {
      end(claimed.values(), SOON);
    }
  }

  private void end(Collection<Entry<V>> entries, long pause) {
    long next = time.nanoTime() + pause;
    entries.forEach(entry -> entry.endRefresh(next));
  }

  private void refreshAll(Map<K, Entry<V>> claimed, BulkFetcher<K, V, ?> fetcher) {
    long pause = SOON;
    List<Fills.Place<K, V>> places = new ArrayList<>();
    List<Visit<V>> visits = new ArrayList<>();
    try {
      claimed.forEach((key, entry) -> lookUp(key, entry, places, visits));
      if (!places.isEmpty()) {
        loadAll(places, visits, fetcher);
      }
    } catch (Throwable failure) {
      pause = lifetimes.retryLoadAfter();
      notices.failed("an early refresh failed; the values at hand are served on", failure);
    } finally {
      remote.releaseAll(visits);
      end(claimed.values(), pause);
    }
  }

  private void lookUp(
      K key, Entry<V> entry, List<Fills.Place<K, V>> places, List<Visit<V>> visits) {
    Fills.Place<K, V> place = place(key, entry);
    Visit<V> visit = remote.visit(key);
    if (isLeftToLoad(place, visit, entry)) {
      places.add(place);
      visits.add(visit);
    }
  }

  private <X extends Exception> void loadAll(
      List<Fills.Place<K, V>> places, List<Visit<V>> visits, BulkFetcher<K, V, X> fetcher)
      throws X {
    tallies.refreshes.add(places.size());
    Set<K> keys = places.stream().map(Fills.Place::key).collect(Collectors.toUnmodifiableSet());
    Fills.Start start = fills.start();
    Set<String> tokens = new LinkedHashSet<>();
    for (int i = 0; i < places.size(); i++) {
      Entry<V> older = (Entry<V>) places.get(i).slot();
      tokens.addAll(loads.freshnessOf(places.get(i).key(), visits.get(i), older));
    }
    Map<K, Loaded<V>> loaded = loads.callAll(keys, fetcher, tokens);
    List<Fills.Place<K, V>> kept = new ArrayList<>();
    List<Visit<V>> keptVisits = new ArrayList<>();
    List<Loaded<V>> values = new ArrayList<>();
    for (int i = 0; i < places.size(); i++) {
      Loaded<V> each = loaded.getOrDefault(places.get(i).key(), Loaded.absent());
      if (loads.failureOf(each) == null) {
        kept.add(places.get(i));
        keptVisits.add(visits.get(i));
        values.add(each);
      }
    }
    List<Outcome<V>> unused = fills.keepAll(kept, keptVisits, values, start);
  }
}

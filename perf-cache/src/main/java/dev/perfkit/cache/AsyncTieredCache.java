package dev.perfkit.cache;

import dev.perfkit.spi.Beta;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A {@link TieredCache} whose operations return futures; {@link TieredCache#async} returns it.
 *
 * <p>What memory holds is there at once. A read of what it lacks takes one thread of {@link
 * TieredCacheBuilder#executor} for the trip to Redis and the load; the other reads of the key wait
 * for that without a thread. All other operations take a thread while they last. If none is free
 * and too many wait for one, the future fails with a {@link CacheException}.
 *
 * <p>Cancelling a future, or completing it, ends that future alone: the load goes on for the others
 * and is kept. A future fails with what the operation of the same name throws, the loader's own
 * exceptions included; null arguments, keys that are refused and a closed cache are exceptions at
 * once. Dependents run on the thread that ends the operation unless they are given an executor.
 *
 * <p>Safe for use by any number of threads. Lives as long as its cache.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
@Beta
public final class AsyncTieredCache<K, V> {

  private static final long LONGEST_PATIENCE = TimeUnit.DAYS.toNanos(1);

  private final TieredCache<K, V> cache;
  private final MemoryTier<K, V> memory;
  private final Remote<K, V> remote;
  private final Reads<K, V> reads;
  private final Loads<K, V> loads;
  private final Background background;
  private final Copies<V> copies;

  AsyncTieredCache(
      TieredCache<K, V> cache,
      MemoryTier<K, V> memory,
      Remote<K, V> remote,
      Reads<K, V> reads,
      Loads<K, V> loads,
      Background background,
      Copies<V> copies) {
    this.cache = cache;
    this.memory = memory;
    this.remote = remote;
    this.reads = reads;
    this.loads = loads;
    this.background = background;
    this.copies = copies;
  }

  /**
   * As {@link TieredCache#get(Object, Loader)}; the future has null if the loader returned null.
   */
  public CompletableFuture<@Nullable V> get(K key, Loader<? super K, ? extends V, ?> loader) {
    return get(key, loader, CallOptions.none());
  }

  /** As {@link TieredCache#get(Object, Loader, CallOptions)}. */
  public CompletableFuture<@Nullable V> get(
      K key, Loader<? super K, ? extends V, ?> loader, CallOptions options) {
    return read(key, Reads.fetcher(loader, options), loader.getClass(), options);
  }

  /** As {@link TieredCache#get(Object)}. */
  public CompletableFuture<@Nullable V> get(K key) {
    SourceOfTruth<K, V> source = cache.source();
    return get(key, (Loader<K, V, RuntimeException>) source::load);
  }

  /** As {@link TieredCache#fetch}. */
  public CompletableFuture<@Nullable V> fetch(K key, Fetcher<? super K, V, ?> fetcher) {
    Objects.requireNonNull(fetcher, "fetcher");
    return read(key, fetcher, fetcher.getClass(), CallOptions.none());
  }

  /** As {@link TieredCache#getIfPresent(Object)}. */
  public CompletableFuture<@Nullable V> getIfPresent(K key) {
    V value = cache.getIfPresent(key, CallOptions.none().skipRemote());
    return value != null || !remote.exists()
        ? CompletableFuture.completedFuture(value)
        : supply(() -> cache.getIfPresent(key, CallOptions.none().skipMemory()));
  }

  /** As {@link TieredCache#getAll(Collection, BulkLoader)}. */
  public CompletableFuture<Map<K, V>> getAll(
      Collection<? extends K> keys, BulkLoader<K, V, ? extends Exception> loader) {
    return supply(() -> cache.getAll(keys, loader));
  }

  /** As {@link TieredCache#fetchAll}. */
  public CompletableFuture<Map<K, V>> fetchAll(
      Collection<? extends K> keys, BulkFetcher<K, V, ? extends Exception> fetcher) {
    return supply(() -> cache.fetchAll(keys, fetcher));
  }

  /** As {@link TieredCache#put(Object, Object)}. */
  public CompletableFuture<@Nullable Void> put(K key, V value) {
    return run(() -> cache.put(key, value));
  }

  /** As {@link TieredCache#putLoaded}. */
  public CompletableFuture<@Nullable Void> putLoaded(K key, Loaded<V> loaded) {
    return run(() -> cache.putLoaded(key, loaded));
  }

  /** As {@link TieredCache#putAll}. */
  public CompletableFuture<@Nullable Void> putAll(Map<? extends K, ? extends V> values) {
    return run(() -> cache.putAll(values));
  }

  /** As {@link TieredCache#remove(Object)}. */
  public CompletableFuture<@Nullable Void> remove(K key) {
    return run(() -> cache.remove(key));
  }

  /** As {@link TieredCache#remove(Object, String)}. */
  public CompletableFuture<@Nullable Void> remove(K key, String freshness) {
    return run(() -> cache.remove(key, freshness));
  }

  /** As {@link TieredCache#invalidateTag(String, String)}. */
  public CompletableFuture<@Nullable Void> invalidateTag(String tag, String freshness) {
    return run(() -> cache.invalidateTag(tag, freshness));
  }

  /** As {@link TieredCache#invalidateTag(String)}. */
  public CompletableFuture<@Nullable Void> invalidateTag(String tag) {
    return run(() -> cache.invalidateTag(tag));
  }

  /** As {@link TieredCache#expireTag}. */
  public CompletableFuture<@Nullable Void> expireTag(String tag) {
    return run(() -> cache.expireTag(tag));
  }

  /** As {@link TieredCache#clear}. */
  public CompletableFuture<@Nullable Void> clear() {
    return run(cache::clear);
  }

  /** As {@link TieredCache#expireAll}. */
  public CompletableFuture<@Nullable Void> expireAll() {
    return run(cache::expireAll);
  }

  private CompletableFuture<@Nullable Void> run(Runnable operation) {
    return supply(
        () -> {
          operation.run();
          return null;
        });
  }

  private <T> CompletableFuture<T> supply(Callable<T> operation) {
    CompletableFuture<T> result = new CompletableFuture<>();
    if (!background.run(() -> complete(result, operation))) {
      result.completeExceptionally(busy());
    }
    return result;
  }

  private static <T> void complete(CompletableFuture<T> result, Callable<T> operation) {
    try {
      result.complete(operation.call());
    } catch (Throwable failure) {
      result.completeExceptionally(failure);
    }
  }

  private CacheException busy() {
    return new CacheException(
        "no thread of "
            + cache
            + " is free for another operation; use a larger executor(...), or fewer at a time",
        null);
  }

  // Reads.

  private <X extends Exception> CompletableFuture<@Nullable V> read(
      K key, Fetcher<? super K, V, X> fetcher, Class<?> source, CallOptions options) {
    Entry<V> hit = reads.hit(Objects.requireNonNull(key, "key"), fetcher, options);
    return hit == null
        ? miss(new Read<>(key, fetcher, source, options))
        : CompletableFuture.completedFuture(copies.of(hit.value()));
  }

  private record Read<K, V, X extends Exception>(
      K key, Fetcher<? super K, V, X> fetcher, Class<?> source, CallOptions options) {}

  private <X extends Exception> CompletableFuture<@Nullable V> miss(Read<K, V, X> read) {
    while (true) {
      Slot<V> slot = memory.slot(read.key());
      if (slot instanceof Flight<V> other && !other.hasLanded()) {
        return join(read, other);
      }
      if (slot instanceof Flight) {
        return supply(() -> block(read)); // about to go
      }
      Entry<V> present = (Entry<V>) slot;
      Flight<V> flight = Flight.inPlaceOf(present, remote.shard(read.key()));
      if (memory.begin(read.key(), present, flight)) {
        return lead(read, flight);
      }
    }
  }

  /** Waits on the thread it is called on. */
  private <X extends Exception> @Nullable V block(Read<K, V, X> read) throws X {
    return copies.of(
        reads.miss(reads.ask(read.key(), read.fetcher(), read.source(), read.options(), false)));
  }

  private <X extends Exception> CompletableFuture<@Nullable V> lead(
      Read<K, V, X> read, Flight<V> flight) {
    CompletableFuture<@Nullable V> result = new CompletableFuture<>();
    flight.handOver();
    if (background.run(() -> complete(result, () -> lookUpAndLoad(read, flight)))) {
      limit(result, flight);
    } else {
      memory.leave(read.key(), flight);
      result.completeExceptionally(busy());
    }
    return result;
  }

  private <X extends Exception> @Nullable V lookUpAndLoad(Read<K, V, X> read, Flight<V> flight)
      throws X {
    flight.takeBack();
    try {
      Question<K, V, X> question =
          reads.ask(read.key(), read.fetcher(), read.source(), read.options(), true);
      return copies.of(loads.share(reads.lead(question, flight), question.source()));
    } finally {
      memory.leave(read.key(), flight);
    }
  }

  /** The patience of the caller ends the future, not the load. */
  private void limit(CompletableFuture<@Nullable V> result, Flight<V> flight) {
    long nanos = loads.patienceFor(flight);
    if (nanos < LONGEST_PATIENCE && !result.isDone()) {
      CompletableFuture.delayedExecutor(nanos, TimeUnit.NANOSECONDS, Runnable::run)
          .execute(() -> giveUp(result, flight));
    }
  }

  private void giveUp(CompletableFuture<@Nullable V> result, Flight<V> flight) {
    Entry<V> fallback = flight.fallback();
    if (result.isDone()) {
      return;
    }
    if (fallback != null && loads.isServable(fallback)) {
      complete(result, () -> copies.of(loads.share(Outcome.stale(fallback), Loaded.class)));
    } else if (loads.patience().hasHard()) {
      result.completeExceptionally(loads.timedOut());
    }
  }

  /** Waits for another operation without a thread; only if that takes too long with one. */
  private <X extends Exception> CompletableFuture<@Nullable V> join(
      Read<K, V, X> read, Flight<V> other) {
    loads.joins(other);
    CompletableFuture<@Nullable V> result = new CompletableFuture<>();
    long nanos = Math.min(loads.patienceFor(other), loads.patience().othersNanos());
    var unused =
        other
            .landing()
            .completeOnTimeout(new Outcome.Retry<>(), nanos, TimeUnit.NANOSECONDS)
            .thenAccept(outcome -> share(read, result, outcome));
    return result;
  }

  private <X extends Exception> void share(
      Read<K, V, X> read, CompletableFuture<@Nullable V> result, Outcome<V> outcome) {
    if (reads.isForAll(outcome)) {
      complete(result, () -> copies.of(loads.share(outcome, read.source())));
    } else if (!background.run(() -> complete(result, () -> block(read)))) {
      result.completeExceptionally(busy());
    }
  }
}

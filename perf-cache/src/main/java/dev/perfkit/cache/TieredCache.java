package dev.perfkit.cache;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.Component;
import dev.perfkit.spi.Health;
import dev.perfkit.spi.Knob;
import dev.perfkit.spi.Telemetry;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A cache in tiers: memory, behind it Redis if configured, behind that the loader of the caller.
 *
 * <pre>{@code
 * TieredCache<String, User> users = TieredCache.<String, User>named("users")
 *     .memory(Memory.entries(10_000))
 *     .remote(RedisTier.at("redis://localhost:6379"), JsonSerializer.of(User.class))
 *     .timeToLive(Duration.ofMinutes(5))
 *     .serveStaleFor(Duration.ofHours(1))
 *     .build();
 * User user = users.get("42", id -> repository.find(id));
 * }</pre>
 *
 * <p><b>One load.</b> Of the threads that miss a key at a time, one loads and the others wait for
 * it. A load that began before a {@link #put} or {@link #remove} of its key does not replace what
 * these left: its value goes to those who waited for it, and is kept nowhere.
 *
 * <p><b>Faults.</b> When Redis is away, slow or holds nonsense, reads go on without it and values
 * live shorter. When a loader fails, a value past its time to live is served if {@link
 * TieredCacheBuilder#serveStaleFor} allows; otherwise the caller gets the loader's own exception.
 *
 * <p><b>Sharing.</b> Several processes, the nodes, may share the entries of one name in one Redis.
 * Misses of one key load once among all of them. An invalidation reaches Redis and this node before
 * it returns, and the memory of the others by a message. A node that may have missed a message asks
 * what it missed, and does not use its memory for longer than {@link RedisTier#timeToLiveWhileAway}
 * without an answer.
 *
 * <p>Safe for use by any number of threads. Keys need {@code equals} and {@code hashCode}; keys and
 * values are held as given and must not be changed. The cache owns its connections and threads;
 * {@link #close} it.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
@Beta
public final class TieredCache<K, V> implements Component {

  private final Parts<K, V> parts;
  private final MemoryTier<K, V> memory;
  private final Reads<K, V> reads;
  private final Writes<K, V> writes;
  private final Copies<V> copies;
  private final AsyncTieredCache<K, V> async;
  private final Tally hits;
  private final AtomicBoolean closed = new AtomicBoolean();

  TieredCache(Parts<K, V> parts) {
    this.parts = parts;
    this.memory = parts.memory();
    this.reads = parts.reads();
    this.writes = parts.writes();
    this.hits = parts.tallies().memoryHits;
    this.copies = parts.copies();
    this.async =
        new AsyncTieredCache<>(
            this, memory, parts.remote(), reads, parts.loads(), parts.background(), copies);
  }

  /**
   * Returns a builder.
   *
   * @param name unique in the process and, with Redis, the same in all processes that share the
   *     entries: 1 to 64 letters, digits, {@code .}, {@code _} and {@code -}, the first a letter or
   *     digit
   * @throws IllegalArgumentException if the name has another form
   */
  public static <K, V> TieredCacheBuilder<K, V> named(String name) {
    return new TieredCacheBuilder<>(name);
  }

  /**
   * Returns the value of a key, loading it if no tier has a fresh one.
   *
   * <p>The loader runs on this thread, unless another thread is at it already: then this thread
   * waits for that one, at most {@link TieredCacheBuilder#waitForLoadAtMost}. After that it gets an
   * older value if one may be served, and otherwise loads itself. What the other loader throws is
   * thrown here as well; as the cause of a {@link CacheException} if it is checked and came from
   * another loader, whose exceptions this caller may not know. If the other thread was interrupted,
   * this one takes over.
   *
   * @return null only if the loader returned null; nothing is cached then
   * @throws X what the loader throws, if no older value may be served; an interrupt is always
   *     passed on
   * @throws CacheException if the loader asks this cache for the key it is loading, or the thread
   *     is interrupted while it waits for another one; the interrupt is kept
   * @throws IllegalArgumentException if the key cannot be a Redis key (see {@link
   *     TieredCacheBuilder#keys})
   * @throws IllegalStateException if the cache is closed
   */
  public <X extends Exception> @Nullable V get(K key, Loader<? super K, ? extends V, X> loader)
      throws X {
    Entry<V> hit = memory.hit(Objects.requireNonNull(key, "key"));
    if (hit != null) {
      hits.increment();
      return copies.of(hit.value());
    }
    return copies.of(reads.get(key, loader, CallOptions.none()));
  }

  /**
   * Returns the value of a key as {@link #get(Object, Loader)} does, with something different for
   * this call.
   *
   * @return null only if the loader returned null; nothing is cached then
   * @throws X what the loader throws, if no older value may be served
   * @throws CacheException as {@link #get(Object, Loader)}
   * @throws IllegalArgumentException if the key cannot be a Redis key
   * @throws IllegalStateException if the cache is closed
   */
  public <X extends Exception> @Nullable V get(
      K key, Loader<? super K, ? extends V, X> loader, CallOptions options) throws X {
    Objects.requireNonNull(key, "key");
    return copies.of(reads.get(key, loader, Objects.requireNonNull(options, "options")));
  }

  /**
   * Returns the value of a key, loading it from the {@link TieredCacheBuilder#source} if no tier
   * has a fresh one; otherwise as {@link #get(Object, Loader)}.
   *
   * @throws IllegalStateException if the cache was built without a source, or is closed
   */
  public @Nullable V get(K key) {
    SourceOfTruth<K, V> from = source();
    Loader<K, V, RuntimeException> loader = from::load;
    return get(key, loader);
  }

  SourceOfTruth<K, V> source() {
    SourceOfTruth<K, V> from = parts.source();
    if (from == null) {
      throw new IllegalStateException(
          "cache '" + name() + "' has no source: build it with source(...), or give a loader");
    }
    return from;
  }

  /**
   * Returns the value of a key as {@link #get(Object, Loader)} does, by a fetcher that also says by
   * which tags the value is invalidated, how long it lives, or that there is none.
   *
   * @return null only if the source has no value
   * @throws X what the fetcher throws, if no older value may be served
   * @throws CacheException as {@link #get(Object, Loader)}, or if the fetcher says that a value is
   *     unchanged without having been given one
   * @throws IllegalArgumentException if the key cannot be a Redis key
   * @throws IllegalStateException if the cache is closed
   */
  public <X extends Exception> @Nullable V fetch(K key, Fetcher<? super K, V, X> fetcher) throws X {
    Entry<V> hit = memory.hit(Objects.requireNonNull(key, "key"));
    if (hit != null) {
      hits.increment();
      return copies.of(hit.value());
    }
    Objects.requireNonNull(fetcher, "fetcher");
    return copies.of(reads.fetch(key, fetcher, fetcher.getClass(), CallOptions.none()));
  }

  /**
   * Returns the value of a key if memory or Redis has a fresh one; loads nothing and waits for no
   * load.
   *
   * @throws IllegalArgumentException if the key cannot be a Redis key
   * @throws IllegalStateException if the cache is closed
   */
  public @Nullable V getIfPresent(K key) {
    Entry<V> hit = memory.hit(Objects.requireNonNull(key, "key"));
    if (hit != null) {
      hits.increment();
      return copies.of(hit.value());
    }
    return copies.of(reads.getIfPresent(key, CallOptions.none()));
  }

  /**
   * Returns the value of a key as {@link #getIfPresent(Object)} does, without the tiers that are to
   * be skipped: without Redis it is a look into memory alone.
   *
   * @throws IllegalArgumentException if the key cannot be a Redis key
   * @throws IllegalStateException if the cache is closed
   */
  public @Nullable V getIfPresent(K key, CallOptions options) {
    return copies.of(reads.getIfPresent(Objects.requireNonNull(key, "key"), options));
  }

  /**
   * Returns the values of several keys, loading at once those that no tier has fresh: one pass over
   * memory, one round trip to Redis for what memory lacks, and one load for what Redis lacks. Keys
   * that others are loading are waited for after that, all of them together for no longer than
   * {@link TieredCacheBuilder#waitForLoadAtMost}, and then loaded one by one.
   *
   * @param keys each counts once
   * @return the values that there are, in the order of the keys; not backed by the cache
   * @throws X what the loader throws, if there is a key for which no older value may be served;
   *     what was found for the others stays cached
   * @throws CacheException as {@link #get(Object, Loader)}
   * @throws IllegalArgumentException if a key cannot be a Redis key
   * @throws IllegalStateException if the cache is closed
   */
  public <X extends Exception> Map<K, V> getAll(
      Collection<? extends K> keys, BulkLoader<K, V, X> loader) throws X {
    return getAll(keys, loader, CallOptions.none());
  }

  /**
   * Returns the values of several keys as {@link #getAll(Collection, BulkLoader)} does, with
   * something different for this call.
   *
   * @return the values that there are, in the order of the keys; not backed by the cache
   * @throws X what the loader throws, if there is a key for which no older value may be served
   * @throws CacheException as {@link #get(Object, Loader)}
   * @throws IllegalArgumentException if a key cannot be a Redis key
   * @throws IllegalStateException if the cache is closed
   */
  public <X extends Exception> Map<K, V> getAll(
      Collection<? extends K> keys, BulkLoader<K, V, X> loader, CallOptions options) throws X {
    Objects.requireNonNull(loader, "loader");
    Objects.requireNonNull(options, "options");
    return copies.ofAll(parts.bulk().getAll(keys, loader, options));
  }

  /**
   * Returns the values of several keys as {@link #getAll} does, by a fetcher that also says tags
   * and times to live, or that single ones could not be had.
   *
   * @return the values that there are, in the order of the keys; not backed by the cache
   * @throws X what the fetcher throws, if there is a key for which no older value may be served
   * @throws BulkLoadException if the fetcher says that single ones could not be had and no older
   *     value may be served; it has the values of the others
   * @throws CacheException as {@link #get(Object, Loader)}
   * @throws IllegalArgumentException if a key cannot be a Redis key
   * @throws IllegalStateException if the cache is closed
   */
  public <X extends Exception> Map<K, V> fetchAll(
      Collection<? extends K> keys, BulkFetcher<K, V, X> fetcher) throws X {
    Class<?> type = Objects.requireNonNull(fetcher, "fetcher").getClass();
    return copies.ofAll(parts.bulk().fetchAll(keys, fetcher, type, CallOptions.none()));
  }

  /**
   * Stores several values, each as {@link #put(Object, Object)} does. If one fails, those before it
   * are stored and those after it are not.
   *
   * @throws IllegalArgumentException if a key cannot be a Redis key
   * @throws IllegalStateException if the cache is closed
   */
  public void putAll(Map<? extends K, ? extends V> values) {
    values.forEach(this::put);
  }

  /**
   * Stores a value in the {@link TieredCacheBuilder#source} if there is one, in Redis, then in
   * memory. What the memory of other nodes holds for the key is dropped. If Redis does not answer,
   * what it holds for the key is not read until it has been removed. Two puts of one key at the
   * same time may end with neither value cached.
   *
   * <p>After a change in a database, prefer {@link #remove}, after the commit: two writers may
   * reach the cache in another order than the database.
   *
   * @throws IllegalArgumentException if the key cannot be a Redis key
   * @throws IllegalStateException if the cache is closed
   */
  public void put(K key, V value) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    reads.requireOpen();
    V kept = copies.kept(value);
    writes.put(key, Loaded.of(kept), kept);
  }

  /**
   * Stores a value as {@link #put(Object, Object)} does, with something different for this call.
   *
   * @throws IllegalArgumentException if the key cannot be a Redis key, or the options skip Redis,
   *     which would keep the older value
   * @throws IllegalStateException if the cache is closed
   */
  public void put(K key, V value, CallOptions options) {
    Objects.requireNonNull(key, "key");
    V kept = copies.kept(Objects.requireNonNull(value, "value"));
    options.requireRemote(name());
    reads.requireOpen();
    writes.put(key, kept, options);
  }

  /**
   * Stores a value as {@link #put(Object, Object)} does, with tags and a time to live of its own.
   *
   * @param loaded {@link Loaded#of} a value
   * @throws IllegalArgumentException if the key cannot be a Redis key, or {@code loaded} is no
   *     value
   * @throws IllegalStateException if the cache is closed
   */
  public void putLoaded(K key, Loaded<V> loaded) {
    Objects.requireNonNull(key, "key");
    V value = loaded.requireValue();
    reads.requireOpen();
    V kept = copies.kept(value);
    writes.put(key, loaded.withValue(kept), kept);
  }

  /**
   * Invalidates the values that were loaded with a tag, in Redis and in the memory of all nodes, in
   * one step whose cost does not depend on their number. A load that is under way, and began before
   * this, is kept nowhere if its value turns out to have the tag. If Redis does not answer, this
   * node does without the values at once, and the others as soon as Redis is back.
   *
   * @param tag 1 to 255 bytes of well-formed UTF-8, not {@code *}
   * @throws IllegalArgumentException if the tag has another form
   * @throws IllegalStateException if the cache is closed
   */
  public void invalidateTag(String tag) {
    invalidate(Tag.checked(tag), true, List.of());
  }

  /**
   * As {@link #invalidateTag(String)}, and has loads by a {@link FreshFetcher} know what the values
   * with this tag must not miss, as {@link #remove(Object, String)} does for a key.
   *
   * @param tag 1 to 255 bytes of well-formed UTF-8, not {@code *}
   * @param freshness 1 to 255 visible ASCII characters
   * @throws IllegalArgumentException if one of them has another form
   * @throws IllegalStateException if the cache is closed
   */
  public void invalidateTag(String tag, String freshness) {
    invalidate(Tag.checked(tag), true, List.of(Freshness.checked(freshness)));
  }

  /**
   * As {@link #invalidateTag}, but the values are only no longer fresh: one may still take the
   * place of a load that fails, as {@link TieredCacheBuilder#serveStaleFor} allows.
   *
   * @throws IllegalArgumentException if the tag has another form
   * @throws IllegalStateException if the cache is closed
   */
  public void expireTag(String tag) {
    invalidate(Tag.checked(tag), false, List.of());
  }

  /**
   * Invalidates all values of this cache, in Redis and in the memory of all nodes, in one step, as
   * {@link #invalidateTag} does those of a tag.
   *
   * @throws IllegalStateException if the cache is closed
   */
  public void clear() {
    invalidate(Marks.ALL, true, List.of());
  }

  /**
   * As {@link #clear}, but the values are only no longer fresh, as after {@link #expireTag}.
   *
   * @throws IllegalStateException if the cache is closed
   */
  public void expireAll() {
    invalidate(Marks.ALL, false, List.of());
  }

  private void invalidate(String tag, boolean hard, List<String> freshness) {
    reads.requireOpen();
    writes.invalidate(new Tag(tag, hard), freshness);
  }

  /**
   * Removes a value from Redis, from memory, and then from the memory of the other nodes. If Redis
   * does not answer, the removal is made up for when it is back, and until then what it holds for
   * the key is not read here. A process that ends before leaves the entry to its time to live.
   *
   * @throws IllegalArgumentException if the key cannot be a Redis key
   * @throws IllegalStateException if the cache is closed
   */
  public void remove(K key) {
    Objects.requireNonNull(key, "key");
    reads.requireOpen();
    writes.remove(key, List.of());
  }

  /**
   * Removes a value as {@link #remove(Object)} does, and has loads by a {@link FreshFetcher}, on
   * all nodes, know for ten minutes what they must not miss: for copies that lag, such as replicas.
   *
   * @param freshness what stands for the change, in the words of whoever reads the copies, such as
   *     the token of a database session: 1 to 255 visible ASCII characters. Redis holds it in clear
   * @throws IllegalArgumentException if it has another form, or the key cannot be a Redis key
   * @throws IllegalStateException if the cache is closed
   */
  public void remove(K key, String freshness) {
    Objects.requireNonNull(key, "key");
    List<String> tokens = List.of(Freshness.checked(freshness));
    reads.requireOpen();
    writes.remove(key, tokens);
  }

  /** Returns a view of this cache whose operations return futures. */
  public AsyncTieredCache<K, V> async() {
    return async;
  }

  /**
   * Returns what memory and Redis hold for a key, and why it is not used if it is not; changes and
   * counts nothing, and takes one round trip.
   *
   * @throws IllegalArgumentException if the key cannot be a Redis key
   * @throws IllegalStateException if the cache is closed
   */
  public Inspection inspect(K key) {
    reads.requireOpen();
    return parts.inspections().inspect(Objects.requireNonNull(key, "key"));
  }

  /**
   * Leaves Redis alone until {@link #resumeRemote}, as if it were away: values live in memory, and
   * invalidations wait. For work on Redis that would otherwise show as failures.
   */
  public void pauseRemote() {
    parts.remote().pause();
  }

  /**
   * Ends what {@link #pauseRemote} began: Redis is used again, in the background, once the
   * invalidations that waited are delivered.
   */
  public void resumeRemote() {
    parts.remote().resume();
  }

  /** Returns what the cache did since it was built; stays valid after {@link #close}. */
  public Stats stats() {
    return parts.tallies().stats(memory.size(), parts.remote().pendingRemovals());
  }

  /** Returns {@code cache}. */
  @Override
  public String kind() {
    return "cache";
  }

  @Override
  public String name() {
    return parts.name();
  }

  /**
   * Returns, with the staleness bound as {@code stalenessBound} (see {@link
   * RedisTier#timeToLiveWhileAway}) where there is Redis, {@link Health.Status#DEGRADED} while
   * Redis is away, has removals to make up for, or may evict the state of the cache ({@code
   * maxmemory-policy allkeys-*}, as of the first use), and {@link Health.Status#DOWN} after {@link
   * #close}.
   */
  @Override
  public Health health() {
    return closed.get() ? Health.of(Health.Status.DOWN, "closed") : parts.remote().health();
  }

  /**
   * Returns {@code ttl-factor}, 0.1 to 10: times to live of values stored from now on are
   * multiplied by it; and {@code memory-size}, a tenth to ten times what {@link Memory} says: what
   * is too much then is evicted at once.
   */
  @Override
  public List<Knob> knobs() {
    return parts.knobs();
  }

  /**
   * Empties memory and closes the connections; what Redis holds stays. Loads under way go on, but
   * what they return is not kept. Removals that Redis has not acknowledged are tried once more.
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    reads.close();
    memory.clear();
    parts.gauges().forEach(Telemetry.Registration::close);
    parts.stopThreads().run();
    parts.remote().close();
  }

  @Override
  public String toString() {
    return "TieredCache[" + name() + "]";
  }
}

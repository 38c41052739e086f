package dev.perfkit.cache;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.Component;
import dev.perfkit.spi.Health;
import dev.perfkit.spi.Knob;
import dev.perfkit.spi.Telemetry;
import dev.perfkit.spi.TimeSource;
import java.util.List;
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
 * <p><b>Sharing.</b> Several processes may share the entries of one name in one Redis. A removal
 * reaches Redis and this process; the memory of others keeps its copy until its time to live ends.
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

  private final String name;
  private final MemoryTier<K, V> memory;
  private final Remote<K, V> remote;
  private final Reads<K, V> reads;
  private final Writes<K, V> writes;
  private final TimeSource time;
  private final Tallies tallies;
  private final Tally hits;
  private final List<Knob> knobs;
  private final List<Telemetry.Registration> gauges;
  private final Runnable stopThreads;
  private final AtomicBoolean closed = new AtomicBoolean();

  TieredCache(TieredCacheBuilder.Parts<K, V> parts) {
    this.name = parts.name();
    this.memory = parts.memory();
    this.remote = parts.remote();
    this.reads = parts.reads();
    this.writes = parts.writes();
    this.time = parts.time();
    this.tallies = parts.tallies();
    this.hits = parts.tallies().memoryHits;
    this.knobs = List.of(parts.timeToLiveFactor());
    this.gauges = parts.gauges();
    this.stopThreads = parts.stopThreads();
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
    Slot<V> slot = memory.slot(Objects.requireNonNull(key, "key"));
    if (slot instanceof Entry<V> entry && entry.isFresh(time.nanoTime())) {
      hits.increment();
      return entry.value();
    }
    return reads.get(key, loader);
  }

  /**
   * Returns the value of a key if memory or Redis has a fresh one; loads nothing and waits for no
   * load.
   *
   * @throws IllegalArgumentException if the key cannot be a Redis key
   * @throws IllegalStateException if the cache is closed
   */
  public @Nullable V getIfPresent(K key) {
    Slot<V> slot = memory.slot(Objects.requireNonNull(key, "key"));
    if (slot instanceof Entry<V> entry && entry.isFresh(time.nanoTime())) {
      hits.increment();
      return entry.value();
    }
    return reads.getIfPresent(key);
  }

  /**
   * Stores a value in Redis, then in memory. If Redis does not answer, what it holds for the key is
   * not read until it has been removed. Two puts of one key at the same time may end with neither
   * value cached.
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
    writes.put(key, value);
  }

  /**
   * Removes a value from Redis, then from memory. If Redis does not answer, the removal is made up
   * for when it is back, and until then what it holds for the key is not read here. A process that
   * ends before that leaves the entry to its time to live.
   *
   * @throws IllegalArgumentException if the key cannot be a Redis key
   * @throws IllegalStateException if the cache is closed
   */
  public void remove(K key) {
    Objects.requireNonNull(key, "key");
    reads.requireOpen();
    writes.remove(key);
  }

  /** Returns what the cache did since it was built; stays valid after {@link #close}. */
  public Stats stats() {
    return tallies.stats(memory.size(), remote.pendingRemovals());
  }

  /** Returns {@code cache}. */
  @Override
  public String kind() {
    return "cache";
  }

  @Override
  public String name() {
    return name;
  }

  /**
   * Returns {@link Health.Status#DEGRADED} while Redis is away or has removals to make up for, and
   * {@link Health.Status#DOWN} after {@link #close}.
   */
  @Override
  public Health health() {
    return closed.get() ? Health.of(Health.Status.DOWN, "closed") : remote.health();
  }

  /**
   * Returns {@code ttl-factor}, 0.1 to 10: times to live of values stored from now on are
   * multiplied by it.
   */
  @Override
  public List<Knob> knobs() {
    return knobs;
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
    gauges.forEach(Telemetry.Registration::close);
    stopThreads.run();
    remote.close();
  }

  @Override
  public String toString() {
    return "TieredCache[" + name + "]";
  }
}

package dev.perfkit.cache;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.Component;
import dev.perfkit.spi.Components;
import dev.perfkit.spi.Health;
import dev.perfkit.spi.Knob;
import dev.perfkit.spi.support.WorkerThreads;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Several caches on one Redis that share its connections, one thread that listens and one for
 * heartbeats and recovery.
 *
 * <pre>{@code
 * TieredCaches caches = TieredCaches.named("shop", RedisTier.at("redis://localhost:6379"));
 * TieredCache<String, User> users =
 *     caches.add(TieredCache.named("users"), JsonSerializer.of(User.class));
 * }</pre>
 *
 * <p>Each cache is otherwise as if built alone, with a breaker and a queue of its own. Safe for use
 * by any number of threads. It owns its caches: {@link #close} closes them.
 */
@Beta
public final class TieredCaches implements Component {

  private static final Logger LOG = LoggerFactory.getLogger(TieredCaches.class);
  private static final Duration STOP_WITHIN = Duration.ofSeconds(2);

  private final String name;
  private final RedisTier tier;
  private final Components caches;
  private final RedisConnection connection;
  private final ScheduledExecutorService scheduler;
  private final AtomicBoolean closed = new AtomicBoolean();

  private TieredCaches(String name, RedisTier tier) {
    this.name = name;
    this.tier = tier;
    this.caches = Components.named(name);
    this.connection = new RedisConnection(tier.settings(), name);
    this.scheduler = WorkerThreads.scheduler("cache", name, 1);
  }

  /**
   * Returns an empty group; nothing is connected before the first use of a cache.
   *
   * @throws IllegalArgumentException if the name is blank
   */
  public static TieredCaches named(String name, RedisTier tier) {
    return new TieredCaches(name, Objects.requireNonNull(tier, "tier"));
  }

  /**
   * Builds a cache that keeps its values in the Redis of this group, and holds it. A scheduler that
   * the builder was given is used; otherwise the one of this group.
   *
   * @throws IllegalArgumentException if a cache of that name is held already, or options contradict
   *     each other
   * @throws IllegalStateException if this group is closed
   */
  public <K, V> TieredCache<K, V> add(TieredCacheBuilder<K, V> builder, Serializer<V> serializer) {
    builder.remote(tier, serializer);
    if (!builder.hasScheduler()) {
      builder.scheduler(scheduler);
    }
    TieredCache<K, V> cache = builder.build(connection);
    boolean held = false;
    try {
      caches.add(cache);
      held = true;
      return cache;
    } finally {
      if (!held) {
        cache.close();
      }
    }
  }

  /** Returns {@code caches}. */
  @Override
  public String kind() {
    return "caches";
  }

  @Override
  public String name() {
    return name;
  }

  /**
   * Returns the worst health of all caches, and {@link Health.Status#DOWN} after {@link #close}.
   */
  @Override
  public Health health() {
    return caches.health();
  }

  /** Returns the knobs of all caches, their names led by {@code cache/} and the cache's name. */
  @Override
  public List<Knob> knobs() {
    return caches.knobs();
  }

  /** Closes all caches, the last added first, then the connections. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    try {
      caches.close();
    } finally {
      connection.close();
      if (!WorkerThreads.stop(scheduler, STOP_WITHIN)) {
        LOG.warn("caches '{}': their heartbeats did not stop in {}", name, STOP_WITHIN);
      }
    }
  }

  @Override
  public String toString() {
    return "TieredCaches[" + name + "]";
  }
}

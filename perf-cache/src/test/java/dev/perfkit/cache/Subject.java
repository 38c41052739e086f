package dev.perfkit.cache;

import dev.perfkit.spi.Health;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the checker checks: a cache of versions by number, of one of several processes. */
interface Subject extends AutoCloseable {

  Duration TRUST = Duration.ofMillis(600);
  Duration HEARTBEAT = Duration.ofMillis(50);

  @Nullable Long get(int key);

  @Nullable Long peek(int key);

  /** Returns what this process holds itself and would use. */
  @Nullable Long memory(int key);

  /** Writes through. */
  void put(int key, long version);

  /**
   * Removes a value.
   *
   * @param freshness what loads must not miss; null if they read the truth anyway
   */
  void remove(int key, @Nullable String freshness);

  void removeTagOf(int key, @Nullable String freshness);

  void clear();

  /** Returns whether Redis answers about a key. */
  boolean answers(int key);

  /** Returns whether Redis has acknowledged all that was removed. */
  boolean isSettled();

  boolean isUp();

  @Override
  void close();

  /** Where the versions really are. */
  interface Truth {
    long load(int key, List<String> freshness);

    void store(int key, long version);
  }

  /**
   * Returns the cache of this module.
   *
   * @param timeout of commands
   */
  static Subject tiered(List<String> uris, Duration timeout, Truth truth) {
    RedisTier tier =
        uris.size() == 1
            ? RedisTier.at(uris.get(0))
            : RedisTier.cluster(uris.toArray(String[]::new));
    TieredCache<Integer, Long> cache =
        TieredCache.<Integer, Long>named("checked")
            .remote(
                tier.connectTimeout(Duration.ofMillis(100))
                    .commandTimeout(timeout)
                    .retryAfter(Duration.ofMillis(30))
                    .heartbeat(HEARTBEAT)
                    .timeToLiveWhileAway(TRUST),
                JsonSerializer.of(Long.class))
            .source(
                new SourceOfTruth<Integer, Long>() {
                  @Override
                  public Long load(Integer key) {
                    return truth.load(key, List.of());
                  }

                  @Override
                  public void store(Integer key, Long version) {
                    truth.store(key, version);
                  }
                })
            .timeToLive(Duration.ofDays(365)) // nothing ends by itself
            .timeToLiveJitter(0)
            .waitForLoadAtMost(Duration.ofMillis(500))
            .build();
    return new Tiered(cache, truth);
  }

  /** The cache of this module. */
  record Tiered(TieredCache<Integer, Long> cache, Truth truth) implements Subject {

    private static String tag(int key) {
      return "tag" + key % 2;
    }

    @Override
    public @Nullable Long get(int key) {
      FreshFetcher<Integer, Long, RuntimeException> fetcher =
          (k, older, freshness) -> Loaded.of(truth.load(k, freshness)).tags(tag(k));
      return cache.fetch(key, fetcher);
    }

    @Override
    public @Nullable Long peek(int key) {
      return cache.getIfPresent(key);
    }

    @Override
    public @Nullable Long memory(int key) {
      return cache.getIfPresent(key, CallOptions.none().skipRemote());
    }

    @Override
    public void put(int key, long version) {
      cache.putLoaded(key, Loaded.of(version).tags(tag(key)));
    }

    @Override
    public void remove(int key, @Nullable String freshness) {
      if (freshness == null) {
        cache.remove(key);
      } else {
        cache.remove(key, freshness);
      }
    }

    @Override
    public void removeTagOf(int key, @Nullable String freshness) {
      if (freshness == null) {
        cache.invalidateTag(tag(key));
      } else {
        cache.invalidateTag(tag(key), freshness);
      }
    }

    @Override
    public void clear() {
      cache.clear();
    }

    @Override
    public boolean answers(int key) {
      return cache.inspect(key).remoteAnswered();
    }

    @Override
    public boolean isSettled() {
      return cache.stats().remote().pendingRemovals() == 0;
    }

    @Override
    public boolean isUp() {
      return cache.health().status() == Health.Status.UP;
    }

    @Override
    public void close() {
      cache.close();
    }
  }
}

package dev.perfkit.cache;

import dev.perfkit.spi.Health;
import java.time.Duration;
import java.util.List;
import java.util.function.IntToLongFunction;
import org.jspecify.annotations.Nullable;

/** What the checker checks: a cache of versions by number, of one of several processes. */
interface Subject extends AutoCloseable {

  Duration TRUST = Duration.ofMillis(600);
  Duration HEARTBEAT = Duration.ofMillis(50);

  @Nullable Long get(int key);

  @Nullable Long peek(int key);

  /** Writes through. */
  void put(int key, long version);

  void remove(int key);

  void removeTagOf(int key);

  void clear();

  /** Returns whether Redis has acknowledged all that was removed. */
  boolean isSettled();

  boolean isUp();

  @Override
  void close();

  /** Where the versions really are. */
  interface Truth {
    long load(int key);

    void store(int key, long version);
  }

  static Subject tiered(List<String> uris, Truth truth) {
    RedisTier tier =
        uris.size() == 1
            ? RedisTier.at(uris.get(0))
            : RedisTier.cluster(uris.toArray(String[]::new));
    TieredCache<Integer, Long> cache =
        TieredCache.<Integer, Long>named("checked")
            .remote(
                tier.connectTimeout(Duration.ofMillis(100))
                    .commandTimeout(Duration.ofMillis(100))
                    .retryAfter(Duration.ofMillis(30))
                    .heartbeat(HEARTBEAT)
                    .timeToLiveWhileAway(TRUST),
                JsonSerializer.of(Long.class))
            .source(
                new SourceOfTruth<Integer, Long>() {
                  @Override
                  public Long load(Integer key) {
                    return truth.load(key);
                  }

                  @Override
                  public void store(Integer key, Long version) {
                    truth.store(key, version);
                  }
                })
            .waitForLoadAtMost(Duration.ofMillis(500))
            .build();
    return new Tiered(cache, truth::load);
  }

  /** The cache of this module. */
  record Tiered(TieredCache<Integer, Long> cache, IntToLongFunction loader) implements Subject {

    private static String tag(int key) {
      return "tag" + key % 2;
    }

    @Override
    public @Nullable Long get(int key) {
      return cache.fetch(key, (k, older) -> Loaded.of(loader.applyAsLong(k)).tags(tag(k)));
    }

    @Override
    public @Nullable Long peek(int key) {
      return cache.getIfPresent(key);
    }

    @Override
    public void put(int key, long version) {
      cache.putLoaded(key, Loaded.of(version).tags(tag(key)));
    }

    @Override
    public void remove(int key) {
      cache.remove(key);
    }

    @Override
    public void removeTagOf(int key) {
      cache.invalidateTag(tag(key));
    }

    @Override
    public void clear() {
      cache.clear();
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

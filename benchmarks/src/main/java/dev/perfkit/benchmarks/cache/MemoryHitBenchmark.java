package dev.perfkit.benchmarks.cache;

import com.alicp.jetcache.embedded.CaffeineCacheBuilder;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.perfkit.cache.Loader;
import dev.perfkit.cache.Memory;
import dev.perfkit.cache.TieredCache;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A hit in memory. Bar: at most 1.25 times bare Caffeine's {@code get} with statistics and expiry,
 * 0 bytes allocated, and at least 3 times faster than JetCache.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MemoryHitBenchmark {

  private static final int KEYS = 1024;

  /** Room for ten times the keys, or barely for all: then every read is noted for eviction. */
  @Param({"10000", "1500"})
  public int room;

  private static final Duration TTL = Duration.ofHours(1);

  private final String[] keys = new String[KEYS];
  private final Loader<String, String, RuntimeException> loader = key -> key;
  private TieredCache<String, String> tiered;
  private Cache<String, String> caffeine;
  private com.alicp.jetcache.Cache<String, String> jetCache;

  /** Walks the keys, each thread from a place of its own. */
  @State(Scope.Thread)
  public static class Walk {
    private int at = ThreadLocalRandom.current().nextInt(KEYS);

    int next() {
      at = (at + 1) & (KEYS - 1);
      return at;
    }
  }

  /** Fills all three. */
  @Setup
  public void fill() {
    tiered =
        TieredCache.<String, String>named("benchmark")
            .memory(Memory.entries(room))
            .timeToLive(TTL)
            .build();
    caffeine = Caffeine.newBuilder().maximumSize(room).expireAfterWrite(TTL).recordStats().build();
    jetCache =
        CaffeineCacheBuilder.createCaffeineCacheBuilder()
            .limit(room)
            .expireAfterWrite(TTL.toMillis(), TimeUnit.MILLISECONDS)
            .buildCache();
    for (int i = 0; i < KEYS; i++) {
      keys[i] = "key-" + i;
      tiered.put(keys[i], keys[i]);
      caffeine.put(keys[i], keys[i]);
      jetCache.put(keys[i], keys[i]);
    }
  }

  /** Ends the cache. */
  @TearDown
  public void close() {
    tiered.close();
    jetCache.close();
  }

  /** The subject. */
  @Benchmark
  public @Nullable String tieredCache(Walk walk) {
    return tiered.get(keys[walk.next()], loader);
  }

  /** The yardstick. */
  @Benchmark
  public @Nullable String bareCaffeine(Walk walk) {
    return caffeine.get(keys[walk.next()], key -> key);
  }

  /** The peer. */
  @Benchmark
  public String jetCache(Walk walk) {
    return jetCache.computeIfAbsent(keys[walk.next()], key -> key);
  }
}

package dev.perfkit.benchmarks.cache;

import com.alicp.jetcache.Cache;
import com.alicp.jetcache.CacheValueHolder;
import com.alicp.jetcache.MultiLevelCacheBuilder;
import com.alicp.jetcache.embedded.CaffeineCacheBuilder;
import com.alicp.jetcache.redis.lettuce.RedisLettuceCacheBuilder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.perfkit.benchmarks.cache.RedisHitBenchmark.User;
import dev.perfkit.cache.JsonSerializer;
import dev.perfkit.cache.Memory;
import dev.perfkit.cache.RedisTier;
import dev.perfkit.cache.TieredCache;
import dev.perfkit.testkit.redis.RedisFixture;
import io.lettuce.core.RedisClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.redisson.Redisson;
import org.redisson.api.RLocalCachedMap;
import org.redisson.api.RedissonClient;
import org.redisson.api.options.LocalCachedMapOptions;
import org.redisson.codec.TypedJsonJacksonCodec;
import org.redisson.config.Config;

/**
 * Reads of 5,000 keys, evenly, of which memory holds a tenth and Redis all: JetCache in two levels,
 * Redisson's local cached map and bare Jedis on the same Redis, with the same JSON.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class TwoLevelBenchmark {

  private static final int KEYS = 5_000;
  private static final int IN_MEMORY = KEYS / 10;
  private static final Duration TTL = Duration.ofHours(1);

  private final String[] keys = new String[KEYS];
  private final JsonMapper json = JsonMapper.builder().build();
  private final ObjectReader reader = RedisHitBenchmark.userReader();
  private final ObjectReader holderReader =
      json.readerFor(
          json.getTypeFactory().constructParametricType(CacheValueHolder.class, User.class));
  private RedisFixture redis;
  private TieredCache<String, User> tiered;
  private RedisClient lettuce;
  private Cache<String, User> jetCache;
  private RedissonClient redisson;
  private RLocalCachedMap<String, User> redissonMap;
  private redis.clients.jedis.RedisClient jedis;

  /** Fills all four. */
  @Setup
  public void fill() throws IOException {
    redis = RedisFixture.start();
    jedis = RedisHitBenchmark.bareClient(redis);
    tiered =
        TieredCache.<String, User>named("levels")
            .memory(Memory.entries(IN_MEMORY))
            .remote(RedisTier.at(redis.uri()), JsonSerializer.of(User.class))
            .timeToLive(TTL)
            .build();
    lettuce = RedisClient.create(redis.uri());
    jetCache = jetCache();
    Config config = new Config();
    config.useSingleServer().setAddress(redis.uri());
    redisson = Redisson.create(config);
    redissonMap = redissonMap();
    for (int i = 0; i < KEYS; i++) {
      User user = RedisHitBenchmark.user(i);
      keys[i] = "key-" + i;
      tiered.put(keys[i], user);
      jetCache.put(keys[i], user);
      redissonMap.fastPut(keys[i], user);
      jedis.set(RedisHitBenchmark.bytes(keys[i]), json.writeValueAsBytes(user));
    }
  }

  private Cache<String, User> jetCache() {
    Cache<String, User> memory =
        CaffeineCacheBuilder.createCaffeineCacheBuilder()
            .limit(IN_MEMORY)
            .expireAfterWrite(TTL.toMillis(), TimeUnit.MILLISECONDS)
            .buildCache();
    Cache<String, User> remote =
        RedisLettuceCacheBuilder.createRedisLettuceCacheBuilder()
            .redisClient(lettuce)
            .keyPrefix("jet:")
            .valueEncoder(this::encode)
            .valueDecoder(this::decode)
            .expireAfterWrite(TTL.toMillis(), TimeUnit.MILLISECONDS)
            .buildCache();
    return MultiLevelCacheBuilder.createMultiLevelCacheBuilder()
        .addCache(memory, remote)
        .expireAfterWrite(TTL.toMillis(), TimeUnit.MILLISECONDS)
        .buildCache();
  }

  private byte[] encode(Object holder) {
    try {
      return json.writeValueAsBytes(holder);
    } catch (JsonProcessingException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  private Object decode(byte[] bytes) {
    try {
      return holderReader.readValue(bytes);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  private RLocalCachedMap<String, User> redissonMap() {
    return redisson.getLocalCachedMap(
        LocalCachedMapOptions.<String, User>name("redisson")
            .codec(new TypedJsonJacksonCodec(String.class, User.class))
            .cacheSize(IN_MEMORY)
            .evictionPolicy(LocalCachedMapOptions.EvictionPolicy.LRU)
            .timeToLive(TTL));
  }

  /** Ends all. */
  @TearDown
  public void stop() {
    tiered.close();
    jetCache.close();
    lettuce.shutdown();
    redisson.shutdown();
    jedis.close();
    redis.close();
  }

  private String next() {
    return keys[ThreadLocalRandom.current().nextInt(KEYS)];
  }

  /** The subject. */
  @Benchmark
  public User tieredCache() {
    return Objects.requireNonNull(tiered.get(next(), key -> RedisHitBenchmark.user(0)));
  }

  /** A peer. */
  @Benchmark
  public User jetCacheTwoLevels() {
    return jetCache.computeIfAbsent(next(), key -> RedisHitBenchmark.user(0));
  }

  /** A peer. */
  @Benchmark
  public User redissonLocalCachedMap() {
    return Objects.requireNonNull(redissonMap.get(next()));
  }

  /** No memory at all: each read is a trip. */
  @Benchmark
  public User bareJedis() throws IOException {
    return reader.readValue(jedis.get(RedisHitBenchmark.bytes(next())));
  }
}

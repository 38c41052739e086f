package dev.perfkit.benchmarks.cache;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.perfkit.cache.JsonSerializer;
import dev.perfkit.cache.Memory;
import dev.perfkit.cache.RedisTier;
import dev.perfkit.cache.Stats;
import dev.perfkit.cache.TieredCache;
import dev.perfkit.testkit.redis.RedisFixture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.RedisClient;

/**
 * A hit in Redis: memory does not have the value. Bar: at most 1.15 times a bare GET by Jedis with
 * the same decoding.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class RedisHitBenchmark {

  private static final int KEYS = 20_000;
  private static final Duration TTL = Duration.ofHours(1);

  /** A value of about 300 bytes of JSON. */
  public record User(String id, String name, String mail, List<String> roles, String note) {}

  private final ObjectReader reader = userReader();
  private RedisFixture redis;
  private RedisClient jedis;
  private TieredCache<String, User> tiered;
  private int at;

  /** Fills Redis by way of another cache of the same name. */
  @Setup
  public void fill() throws IOException {
    redis = RedisFixture.start();
    jedis = bareClient(redis);
    JsonMapper writer = JsonMapper.builder().build();
    try (TieredCache<String, User> filler = cache()) {
      for (int i = 0; i < KEYS; i++) {
        User user = user(i);
        filler.put("key-" + i, user);
        jedis.set(bytes("bare-" + i), writer.writeValueAsBytes(user));
      }
    }
  }

  /** An empty memory for each iteration. */
  @Setup(Level.Iteration)
  public void forget() {
    tiered = cache();
  }

  /** Ends that cache; fails if it did not hit Redis. */
  @TearDown(Level.Iteration)
  public void check() {
    Stats stats = tiered.stats();
    if (stats.loads().succeeded() > 0 || stats.memory().hits() > 0) {
      throw new IllegalStateException("not only hits in Redis: " + stats);
    }
    tiered.close();
  }

  /** Ends Redis. */
  @TearDown
  public void stop() {
    jedis.close();
    redis.close();
  }

  /** Set up as the cache sets up its own. */
  static ObjectReader userReader() {
    return JsonMapper.builder()
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .build()
        .readerFor(User.class);
  }

  private TieredCache<String, User> cache() {
    return TieredCache.<String, User>named("benchmark")
        .memory(Memory.entries(1))
        .remote(RedisTier.at(redis.uri()), JsonSerializer.of(User.class))
        .timeToLive(TTL)
        .build();
  }

  /** Set up as the cache sets up its own, so that only what the cache adds is measured. */
  static RedisClient bareClient(RedisFixture redis) {
    ConnectionPoolConfig pool = new ConnectionPoolConfig();
    pool.setJmxEnabled(false);
    pool.setTestWhileIdle(false);
    pool.setTimeBetweenEvictionRuns(Duration.ofMillis(-1));
    return RedisClient.builder()
        .hostAndPort(redis.host(), redis.port())
        .clientConfig(
            DefaultJedisClientConfig.builder()
                .resp2()
                .clientSetInfoConfig(ClientSetInfoConfig.DISABLED)
                .build())
        .poolConfig(pool)
        .build();
  }

  static User user(int i) {
    return new User(
        "key-" + i, "Ada " + i, i + "@example.org", List.of("reader", "writer"), "x".repeat(200));
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private int next() {
    at = (at + 1) % KEYS;
    return at;
  }

  /** The subject. */
  @Benchmark
  public User tieredCache() {
    return Objects.requireNonNull(tiered.get("key-" + next(), key -> user(0)));
  }

  /** The yardstick. */
  @Benchmark
  public User bareJedis() throws IOException {
    return reader.readValue(jedis.get(bytes("bare-" + next())));
  }
}

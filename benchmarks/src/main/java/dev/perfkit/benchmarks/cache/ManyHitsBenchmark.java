package dev.perfkit.benchmarks.cache;

import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.perfkit.benchmarks.cache.RedisHitBenchmark.User;
import dev.perfkit.cache.JsonSerializer;
import dev.perfkit.cache.Memory;
import dev.perfkit.cache.RedisTier;
import dev.perfkit.cache.TieredCache;
import dev.perfkit.testkit.redis.RedisFixture;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import redis.clients.jedis.RedisClient;

/**
 * A hundred hits in Redis at once. Bar: at most 1.3 times a bare MGET by Jedis with the same
 * decoding.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ManyHitsBenchmark {

  private static final int AT_ONCE = 100;
  private static final int GROUPS = 50;

  private final ObjectReader reader = RedisHitBenchmark.userReader();
  private final List<List<String>> groups = new ArrayList<>();
  private final List<byte[][]> bareGroups = new ArrayList<>();
  private RedisFixture redis;
  private RedisClient jedis;
  private TieredCache<String, User> tiered;
  private int at;

  /** Fills Redis; memory holds one entry. */
  @Setup
  public void fill() throws IOException {
    redis = RedisFixture.start();
    jedis = RedisHitBenchmark.bareClient(redis);
    tiered =
        TieredCache.<String, User>named("many")
            .memory(Memory.entries(1))
            .remote(RedisTier.at(redis.uri()), JsonSerializer.of(User.class))
            .timeToLive(Duration.ofHours(1))
            .build();
    JsonMapper writer = JsonMapper.builder().build();
    for (int group = 0; group < GROUPS; group++) {
      List<String> keys = new ArrayList<>();
      for (int i = group * AT_ONCE; i < (group + 1) * AT_ONCE; i++) {
        User user = RedisHitBenchmark.user(i);
        keys.add("key-" + i);
        tiered.put("key-" + i, user);
        jedis.set(RedisHitBenchmark.bytes("key-" + i), writer.writeValueAsBytes(user));
      }
      groups.add(keys);
      bareGroups.add(keys.stream().map(RedisHitBenchmark::bytes).toArray(byte[][]::new));
    }
  }

  /** Ends both; fails if there was a load. */
  @TearDown
  public void stop() {
    long loads = tiered.stats().loads().succeeded();
    tiered.close();
    jedis.close();
    redis.close();
    if (loads > 0) {
      throw new IllegalStateException("not only hits in Redis: " + loads + " loads");
    }
  }

  private int next() {
    at = (at + 1) % GROUPS;
    return at;
  }

  /** The subject. */
  @Benchmark
  public Map<String, User> tieredCache() {
    return tiered.getAll(groups.get(next()), keys -> Map.of());
  }

  /** The yardstick: the same map, in one command. */
  @Benchmark
  public Map<String, User> bareMget() throws IOException {
    int group = next();
    List<byte[]> found = jedis.mget(bareGroups.get(group));
    Map<String, User> users = new HashMap<>();
    for (int i : IntStream.range(0, AT_ONCE).toArray()) {
      users.put(groups.get(group).get(i), reader.readValue(found.get(i)));
    }
    return users;
  }
}

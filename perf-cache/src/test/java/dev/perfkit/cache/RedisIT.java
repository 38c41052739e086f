package dev.perfkit.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perfkit.spi.ByteSize;
import dev.perfkit.testkit.FakeTimeSource;
import dev.perfkit.testkit.RecordingTelemetry;
import dev.perfkit.testkit.redis.RedisFixture;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;

/**
 * Proves, on a real Redis, what nodes share, in what form, and that nonsense in it harms nobody.
 */
class RedisIT {

  private static final Duration TTL = Duration.ofMinutes(1);
  private static final Duration STALE = Duration.ofMinutes(10);

  private static RedisFixture redis;
  private static RedisClient client;

  private final FakeTimeSource time = FakeTimeSource.create();
  private final List<TieredCache<String, String>> caches = new ArrayList<>();
  private int loads;

  @BeforeAll
  static void start() {
    redis = RedisFixture.start();
    client = RedisClient.create(redis.host(), redis.port());
  }

  @AfterAll
  static void stop() {
    client.close();
    redis.close();
  }

  @BeforeEach
  void flush() {
    client.flushAll();
  }

  @AfterEach
  void close() {
    caches.forEach(TieredCache::close);
  }

  private TieredCacheBuilder<String, String> builder() {
    return builder(RedisTier.at(redis.uri()));
  }

  private TieredCacheBuilder<String, String> builder(RedisTier tier) {
    return TieredCache.<String, String>named("users")
        .remote(tier.commandTimeout(Duration.ofSeconds(5)), StringSerializer.create())
        .timeToLive(TTL)
        .timeToLiveJitter(0)
        .serveStaleFor(STALE)
        .timeSource(time);
  }

  private TieredCache<String, String> node() {
    return node(builder());
  }

  private TieredCache<String, String> node(TieredCacheBuilder<String, String> builder) {
    TieredCache<String, String> cache = builder.build();
    caches.add(cache);
    return cache;
  }

  private String load(String key) {
    return key + ++loads;
  }

  private static String fail(String key) throws IOException {
    throw new IOException("the source is away");
  }

  /** Returns the Redis keys of entries and leases. */
  private static List<String> held() {
    return client.keys("*").stream().filter(key -> key.matches("\\{.*}:[vl]:.*")).toList();
  }

  @Test
  void get_onASecondNode_isAHit() {
    node().get("a", this::load);
    TieredCache<String, String> second = node();
    assertThat(second.get("a", this::load)).isEqualTo("a1");
    assertThat(second.stats().remote().hits()).isEqualTo(1);
    assertThat(second.stats().remote().bytesRead()).isEqualTo(Envelope.FIXED_LENGTH + 2);
    assertThat(second.get("a", this::load)).isEqualTo("a1");
    assertThat(second.stats().memory().hits()).isEqualTo(1);
  }

  @Test
  void get_onASecondNode_endsWhenItDoesOnTheFirst() {
    node().get("a", this::load);
    time.advance(TTL.minusSeconds(1));
    TieredCache<String, String> second = node();
    assertThat(second.get("a", this::load)).isEqualTo("a1");
    time.advance(Duration.ofSeconds(1));
    assertThat(second.get("a", this::load)).isEqualTo("a2");
  }

  @Test
  void getIfPresent_onASecondNode_findsAndKeepsIt() {
    node().put("a", "put");
    TieredCache<String, String> second = node();
    assertThat(second.getIfPresent("a")).isEqualTo("put");
    assertThat(second.getIfPresent("a")).isEqualTo("put");
    assertThat(second.stats().memory().hits()).isEqualTo(1);
    assertThat(second.getIfPresent("b")).isNull();
  }

  @Test
  void entry_inRedis_livesAsLongAsItMayBeServed() {
    node().get("a", this::load);
    assertThat(client.pttl("{users:0}:v:a"))
        .isBetween(TTL.plus(STALE).toMillis() - 10_000, TTL.plus(STALE).toMillis());
    assertThat(client.exists("{users:0}:l:a")).as("lease").isFalse();
  }

  @Test
  void get_loaderFails_servesTheStaleValueOfRedis() throws IOException {
    node().get("a", this::load);
    time.advance(TTL);
    TieredCache<String, String> second = node();
    assertThat(second.get("a", RedisIT::fail)).isEqualTo("a1");
    assertThat(second.stats().remote().stale()).isEqualTo(1);
    assertThat(second.stats().loads().staleServed()).isEqualTo(1);
    assertThat(client.exists("{users:0}:l:a")).as("lease").isFalse();
  }

  @Test
  void get_loaderReturnsNull_dropsTheStaleValueOfRedis() {
    node().get("a", this::load);
    time.advance(TTL);
    assertThat(node().get("a", key -> (String) null)).isNull();
    assertThat(held()).isEmpty();
  }

  @Test
  void remove_onASecondNode_removesFromRedis() {
    node().put("a", "put");
    node().remove("a");
    assertThat(held()).isEmpty();
  }

  @Test
  void remove_byAnotherNodeDuringALoad_voidsTheFillOfBothTiers() {
    TieredCache<String, String> loading = node();
    TieredCache<String, String> removing = node();
    String got =
        loading.get(
            "a",
            key -> {
              removing.remove(key);
              return "old";
            });
    assertThat(got).isEqualTo("old");
    assertThat(held()).isEmpty();
    assertThat(loading.getIfPresent("a")).isNull();
    assertThat(loading.stats().loads().voidedFills()).isEqualTo(1);
  }

  @Test
  void put_byAnotherNodeDuringALoad_isNotOverwritten() {
    TieredCache<String, String> loading = node();
    TieredCache<String, String> putting = node();
    loading.get(
        "a",
        key -> {
          putting.put(key, "new");
          return "old";
        });
    assertThat(loading.getIfPresent("a")).isEqualTo("new");
  }

  @Test
  void get_anotherNodeLoadsForTooLong_loadsForItselfAndLeavesRedisToTheOther() {
    TieredCache<String, String> first = node();
    TieredCache<String, String> second = node(builder().waitForLoadAtMost(Duration.ofMillis(50)));
    first.get(
        "a",
        key -> {
          assertThat(second.get("a", k -> "second")).isEqualTo("second");
          assertThat(client.exists("{users:0}:v:a")).isFalse();
          return "first";
        });
    assertThat(node().getIfPresent("a")).isEqualTo("first");
    assertThat(second.getIfPresent("a")).isEqualTo("second");
  }

  @Test
  void transform_required_isAppliedAndCannotBeStripped() {
    TieredCacheBuilder<String, String> sealed = builder().transform(new XorTransform(70, true));
    node(sealed).put("a", "plain text");
    assertThat(new String(client.get("{users:0}:v:a".getBytes(UTF_8)), UTF_8))
        .doesNotContain("plain");
    assertThat(node(sealed).getIfPresent("a")).isEqualTo("plain text");

    node().put("a", "forged without it");
    assertRefused(node(sealed), "a", "missing-transform");
  }

  @Test
  void transform_entryCopiedToAnotherKey_isRefused() {
    TieredCacheBuilder<String, String> sealed = builder().transform(new XorTransform(70, true));
    node(sealed).put("a", "of a");
    client.copy("{users:0}:v:a", "{users:0}:v:b", true);
    assertRefused(node(sealed), "b", "damaged");
  }

  private void assertRefused(TieredCache<String, String> cache, String key, String reason) {
    assertThat(cache.get(key, k -> "loaded")).isEqualTo("loaded");
    assertThat(cache.stats().remote().unreadable()).isEqualTo(Map.of(reason, 1L));
    assertThat(cache.stats().remote().misses()).isEqualTo(1);
    assertThat(cache.stats().remote().failures()).isZero();
    assertThat(node(builder().transform(new XorTransform(70, true))).getIfPresent("none")).isNull();
  }

  @Test
  void get_nonsenseInRedis_isAMissByReasonAndIsOverwritten() {
    client.set("{users:0}:v:text", "hello, hello, hello");
    client.set("{users:0}:v:short", "PK");
    client.set(
        "{users:0}:v:version".getBytes(UTF_8), new byte[] {0x50, 0x4B, 0x43, 0x45, 9, 0, 0, 0});
    client.lpush("{users:0}:v:list", "x");
    client.set("{users:0}:v:large", "x".repeat(2000));
    RedisTier small = RedisTier.at(redis.uri()).maximumEncodedSize(ByteSize.ofBytes(1000));
    TieredCache<String, String> cache = node(builder(small));
    for (String key : List.of("text", "short", "version", "list", "large")) {
      assertThat(cache.get(key, this::load)).startsWith(key);
      assertThat(node().getIfPresent(key)).as("overwritten").startsWith(key);
    }
    assertThat(cache.stats().remote().unreadable())
        .isEqualTo(
            Map.of("not-an-entry", 2L, "unknown-version", 1L, "wrong-type", 1L, "too-large", 1L));
    assertThat(cache.stats().remote().failures()).isZero();
    assertThat(cache.health().status()).isEqualTo(dev.perfkit.spi.Health.Status.UP);
  }

  @Test
  void getAll_nonsenseInRedis_isAMissByReasonAndIsOverwritten() {
    client.set("{users:0}:v:text", "hello, hello, hello");
    client.lpush("{users:0}:v:list", "x");
    client.set("{users:0}:v:large", "x".repeat(2000));
    node().put("good", "good0");
    RedisTier small = RedisTier.at(redis.uri()).maximumEncodedSize(ByteSize.ofBytes(1000));
    TieredCache<String, String> cache = node(builder(small));
    List<String> keys = List.of("text", "list", "large", "good");
    Map<String, String> got =
        cache.getAll(keys, all -> all.stream().collect(Collectors.toMap(key -> key, this::load)));
    assertThat(got).hasSize(4).containsEntry("good", "good0");
    assertThat(loads).isEqualTo(3);
    assertThat(cache.stats().remote().unreadable())
        .isEqualTo(Map.of("not-an-entry", 1L, "wrong-type", 1L, "too-large", 1L));
    assertThat(cache.stats().remote().failures()).isZero();
    assertThat(node().getAll(keys, all -> Map.of())).as("overwritten").isEqualTo(got);
  }

  @Test
  void put_valueTooLarge_livesInMemoryOnly() {
    RedisTier small = RedisTier.at(redis.uri()).maximumDecodedSize(ByteSize.ofBytes(10));
    TieredCache<String, String> cache = node(builder(small));
    cache.put("a", "small");
    cache.put("a", "x".repeat(11));
    assertThat(cache.getIfPresent("a")).hasSize(11);
    assertThat(held()).as("the older value is gone").isEmpty();
    assertThat(cache.get("b", key -> "y".repeat(11))).hasSize(11);
    assertThat(held()).as("no lease is left").isEmpty();
    assertThat(cache.stats().remote().unwritable()).isEqualTo(Map.of("too-large", 2L));
  }

  @Test
  void keys_thatRedisCannotHold_areRefusedByEveryUse() {
    TieredCache<String, String> cache = node();
    String key = "x".repeat(1025);
    assertThatThrownBy(() -> cache.get(key, this::load)).hasMessageContaining("1024");
    assertThatThrownBy(() -> cache.getIfPresent(key)).hasMessageContaining("1024");
    assertThatThrownBy(() -> cache.put(key, "v")).hasMessageContaining("1024");
    assertThatThrownBy(() -> cache.remove(key)).hasMessageContaining("1024");
    assertThat(cache.stats().memory().entries()).as("no marker is left").isZero();
  }

  @Test
  void keys_ofAnotherClass_areWrittenByTheFunction() {
    record Point(int x, int y) {}
    try (TieredCache<Point, String> cache =
        TieredCache.<Point, String>named("points")
            .remote(RedisTier.at(redis.uri()), StringSerializer.create())
            .keys(point -> point.x() + "," + point.y())
            .build()) {
      cache.put(new Point(1, 2), "here");
    }
    assertThat(held()).containsExactly("{points:0}:v:1,2");
  }

  @Test
  void json_values_areShared() {
    record User(String name, int age) {}
    TieredCacheBuilder<Long, User> users =
        TieredCache.<Long, User>named("json")
            .remote(RedisTier.at(redis.uri()), JsonSerializer.of(User.class));
    try (var one = users.build();
        var two = users.build()) {
      one.put(1L, new User("Ada", 36));
      assertThat(two.getIfPresent(1L)).isEqualTo(new User("Ada", 36));
      client.getDel("{json:0}:v:1");
      one.put(2L, new User("Bob", 1));
      byte[] stored = client.get("{json:0}:v:2".getBytes(UTF_8));
      stored[Envelope.FIXED_LENGTH] = '!';
      client.set("{json:0}:v:2".getBytes(UTF_8), stored);
      assertThat(two.getIfPresent(2L)).isNull();
      assertThat(two.stats().remote().unreadable()).isEqualTo(Map.of("not-serializable", 1L));
    }
  }

  @Test
  void telemetry_ofAllTiers_isTheStatistics() {
    RecordingTelemetry telemetry = RecordingTelemetry.create();
    TieredCache<String, String> cache = node(builder().telemetry(telemetry));
    cache.get("a", this::load);
    cache.get("a", this::load);
    client.set("{users:0}:v:b", "nonsense");
    cache.getIfPresent("b");
    assertThat(telemetry.count("cache.memory.hits", "cache", "users")).isEqualTo(1);
    assertThat(telemetry.count("cache.memory.misses", "cache", "users")).isEqualTo(2);
    assertThat(telemetry.count("cache.loads.succeeded", "cache", "users")).isEqualTo(1);
    assertThat(telemetry.count("cache.remote.misses", "cache", "users")).isEqualTo(2);
    assertThat(
            telemetry.count("cache.remote.unreadable", "cache", "users", "reason", "not-an-entry"))
        .isEqualTo(1);
    assertThat(telemetry.count("cache.remote.bytes_written", "cache", "users"))
        .isEqualTo(Envelope.FIXED_LENGTH + 2);
    assertThat(telemetry.durations("cache.loads.time", "cache", "users")).hasSize(1);
    assertThat(telemetry.durations("cache.remote.time", "cache", "users"))
        .hasSizeGreaterThanOrEqualTo(3);
    assertThat(telemetry.value("cache.memory.entries", "cache", "users")).isEqualTo(1);
    assertThat(telemetry.value("cache.ttl_factor", "cache", "users")).isEqualTo(1);
    assertThat(telemetry.value("cache.remote.up", "cache", "users")).isEqualTo(1);
  }
}

package dev.perfkit.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.perfkit.spi.Health;
import dev.perfkit.spi.Knob;
import dev.perfkit.testkit.redis.RedisFixture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;

/**
 * Proves what the options of a call change, what an inspection tells, and what can be changed while
 * the cache runs.
 */
class CallOptionsIT {

  private static final CallOptions NONE = CallOptions.none();

  private final RedisFixture redis = RedisFixture.start();
  private final RedisClient client = RedisClient.create(redis.host(), redis.port());
  private final List<TieredCache<String, String>> nodes = new ArrayList<>();
  private final AtomicInteger loads = new AtomicInteger();
  private final TieredCache<String, String> one = node();
  private final TieredCache<String, String> two = node();

  @AfterEach
  void stop() {
    nodes.forEach(TieredCache::close);
    client.close();
    redis.close();
  }

  private TieredCache<String, String> node() {
    TieredCache<String, String> node =
        TieredCache.<String, String>named("options")
            .memory(Memory.entries(100))
            .remote(
                RedisTier.at(redis.uri())
                    .commandTimeout(Duration.ofSeconds(5))
                    .retryAfter(Duration.ofMillis(20))
                    .heartbeat(Duration.ofMillis(50)),
                StringSerializer.create())
            .serveStaleFor(Duration.ofHours(1))
            .build();
    nodes.add(node);
    node.getIfPresent("first contact");
    return node;
  }

  private String load(String key) {
    return key + loads.incrementAndGet();
  }

  /** Has Redis hold another value than the memory of a node, without telling it. */
  private void putBehind(String key, String value) {
    client.del("{options:0}:v:" + key);
    try (TieredCache<String, String> another = node()) {
      another.get(key, k -> value);
    }
  }

  @Test
  void get_skipMemory_asksRedisAndKeepsWhatItGot() {
    one.get("a", this::load);
    putBehind("a", "newer");
    assertThat(one.get("a", this::load)).isEqualTo("a1");
    assertThat(one.getIfPresent("a", NONE.skipMemory())).isEqualTo("newer");
    putBehind("a", "newest");
    assertThat(one.get("a", this::load, NONE.skipMemory())).isEqualTo("newest");
    assertThat(one.get("a", this::load)).isEqualTo("newest");
    putBehind("a", "last");
    assertThat(one.getAll(List.of("a"), keys -> Map.of(), NONE.skipMemory()))
        .containsEntry("a", "last");
  }

  @Test
  void get_skipMemoryAndTheLoadFails_keepsWhatMemoryHas() {
    try (var memoryOnly = TieredCache.<String, String>named("memory").build()) {
      memoryOnly.get("a", this::load);
      assertThatThrownBy(
              () ->
                  memoryOnly.get(
                      "a",
                      key -> {
                        throw new IllegalStateException("no");
                      },
                      NONE.skipMemory()))
          .hasMessage("no");
      assertThat(memoryOnly.getIfPresent("a")).isEqualTo("a1");
    }
  }

  @Test
  void get_skipRemote_loadsWhatMemoryLacksAndTellsNobody() {
    one.get("a", this::load);
    assertThat(two.getIfPresent("a", NONE.skipRemote())).as("memory alone").isNull();
    assertThat(two.get("a", this::load, NONE.skipRemote())).isEqualTo("a2");
    assertThat(two.getIfPresent("a")).as("in memory").isEqualTo("a2");
    assertThat(two.getAll(List.of("b"), keys -> Map.of("b", "v"), NONE.skipRemote()))
        .containsEntry("b", "v");
    assertThat(client.exists("{options:0}:v:b")).isFalse();
    one.remove("a");
    await().until(() -> two.getIfPresent("a") == null);
    assertThat(two.health().status()).isEqualTo(Health.Status.UP);
  }

  @Test
  void get_tagsAndTimeToLive_areThoseOfTheValue() {
    CallOptions options = NONE.tags("red").timeToLive(Duration.ofSeconds(40));
    one.get("a", this::load, options);
    one.getAll(List.of("b"), keys -> Map.of("b", "v"), options);
    one.put("c", "v", options);
    for (String key : List.of("a", "b", "c")) {
      assertThat(client.pttl("{options:0}:v:" + key)).isLessThan(3_640_000L);
      Inspection.Held held = Objects.requireNonNull(one.inspect(key).memory());
      assertThat(held.tags()).containsExactly("red");
      assertThat(held.freshFor()).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(40));
    }
    two.invalidateTag("red");
    await().until(() -> one.getIfPresent("a") == null);
    assertThat(two.getIfPresent("b")).isNull();
    assertThat(two.getIfPresent("c")).isNull();
  }

  @Test
  void put_skipMemory_isInRedisAlone() {
    one.put("a", "v", NONE.skipMemory());
    assertThat(one.getIfPresent("a", NONE.skipRemote())).isNull();
    assertThat(one.getIfPresent("a")).isEqualTo("v");
    assertThatThrownBy(() -> one.put("a", "v", NONE.skipRemote()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must not skip Redis");
    assertThat(NONE.tags("secret").skipMemory().skipRemote().timeToLive(Duration.ofSeconds(1)))
        .hasToString("CallOptions[timeToLive PT1S, 1 tags, skips memory, skips Redis]");
  }

  @Test
  void inspect_valueInBothTiers_tellsItsTimesTagsAndSize() {
    one.fetch("a", (key, older) -> Loaded.of("v").tags("red"));
    Inspection seen = one.inspect("a");
    assertThat(seen.loading()).isFalse();
    assertThat(seen.remoteAnswered()).isTrue();
    for (Inspection.Held held : held(seen)) {
      assertThat(held.valid()).isTrue();
      assertThat(held.reason()).isEmpty();
      assertThat(held.absent()).isFalse();
      assertThat(held.age()).isLessThan(Duration.ofMinutes(1));
      assertThat(held.freshFor()).isBetween(Duration.ofMinutes(4), Duration.ofMinutes(5));
      assertThat(held.usableFor()).isBetween(Duration.ofMinutes(64), Duration.ofMinutes(65));
      assertThat(held.tags()).containsExactly("red");
      assertThat(held.bytes()).isEqualTo(Envelope.FIXED_LENGTH + 5);
      assertThat(held.toString()).contains("valid").doesNotContain("red");
    }
    assertThat(two.inspect("a").memory()).isNull();
    assertThat(one.inspect("none")).isEqualTo(new Inspection(null, null, false, true));
  }

  private static List<Inspection.Held> held(Inspection seen) {
    return List.of(Objects.requireNonNull(seen.memory()), Objects.requireNonNull(seen.remote()));
  }

  @Test
  void inspect_valueThatIsNotUsed_saysWhy() {
    one.fetch("a", (key, older) -> Loaded.of("v").tags("red"));
    one.expireTag("red");
    assertThat(held(one.inspect("a"))).allMatch(held -> held.reason().equals("tag expired"));
    one.invalidateTag("red");
    assertThat(held(one.inspect("a"))).allMatch(held -> held.reason().equals("tag invalidated"));
    one.fetch("b", (key, older) -> Loaded.of("v").timeToLive(Duration.ofMillis(1)));
    await().until(() -> held(one.inspect("b")).stream().noneMatch(Inspection.Held::valid));
    assertThat(held(one.inspect("b"))).allMatch(held -> held.reason().equals("expired"));
    client.set("{options:0}:v:c", "nonsense");
    assertThat(Objects.requireNonNull(one.inspect("c").remote()).reason())
        .isEqualTo("not-an-entry");
    client.lpush("{options:0}:v:d", "a list");
    assertThat(Objects.requireNonNull(one.inspect("d").remote()).reason()).isEqualTo("wrong-type");
    assertThat(one.stats().remote().unreadable()).as("an inspection counts nothing").isEmpty();
    one.get("e", this::load);
    client.hset("{options:0}:c", "g", "0123456789abcdef");
    await()
        .until(
            () ->
                held(one.inspect("e")).stream().anyMatch(h -> h.reason().equals("other genesis")));
  }

  @Test
  void inspect_duringALoad_tellsOfIt() {
    one.get(
        "a",
        key -> {
          assertThat(one.inspect("a").loading()).isTrue();
          return "v";
        });
    assertThat(one.inspect("a").loading()).isFalse();
  }

  @Test
  void pauseRemote_untilResumed_isAsIfItWereAway() {
    one.get("a", this::load);
    two.get("a", this::load);
    one.pauseRemote();
    one.pauseRemote();
    assertThat(one.health().status()).isEqualTo(Health.Status.DEGRADED);
    assertThat(one.health().reason()).contains("paused");
    one.remove("a");
    assertThat(one.getIfPresent("a")).isNull();
    assertThat(one.get("b", this::load)).isEqualTo("b2");
    assertThat(one.inspect("b").remoteAnswered()).isFalse();
    assertThat(client.exists("{options:0}:v:b")).isFalse();
    assertThat(two.getIfPresent("a")).as("nobody was told").isEqualTo("a1");
    assertThat(one.stats().remote().failures()).isZero();
    one.resumeRemote();
    await().until(() -> two.getIfPresent("a") == null);
    await().until(() -> one.health().status() == Health.Status.UP);
    one.get("c", this::load);
    assertThat(client.exists("{options:0}:v:c")).isTrue();
  }

  @Test
  void memorySize_knob_evictsAndGrows() {
    Knob size = one.knobs().get(1);
    assertThat(size.name()).isEqualTo("memory-size");
    assertThat(size.value()).isEqualTo(100);
    for (int i = 0; i < 100; i++) {
      one.put("k" + i, "v");
    }
    size.set(10);
    assertThat(one.stats().memory().entries()).isLessThanOrEqualTo(10);
    assertThat(one.stats().memory().evictions()).isGreaterThanOrEqualTo(90);
    size.set(1000);
    assertThat(size.value()).isEqualTo(1000);
    for (int i = 0; i < 500; i++) {
      one.put("k" + i, "v");
    }
    assertThat(one.stats().memory().entries()).isGreaterThan(400);
  }

  @Test
  void stats_latency_isThatOfLoadsAndCalls() {
    one.get("a", this::load);
    Stats stats = one.stats();
    assertThat(stats.loads().latency().count()).isEqualTo(1);
    assertThat(stats.loads().latency().mean()).isEqualTo(stats.loads().latency().longest());
    assertThat(stats.remote().latency().count()).isGreaterThanOrEqualTo(2);
    assertThat(stats.remote().latency().mean())
        .isPositive()
        .isLessThanOrEqualTo(stats.remote().latency().longest());
    try (var unused = TieredCache.<String, String>named("unused").build()) {
      assertThat(unused.stats().loads().latency().mean()).isZero();
    }
  }
}

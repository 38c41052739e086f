package dev.perfkit.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import dev.perfkit.testkit.redis.RedisFixture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;

/**
 * Proves that the tokens of {@code remove} and {@code invalidateTag} reach the loads after them on
 * every node, so that a loader that reads a copy which lags does not bring back the old value; that
 * one which is not told does; and that tokens are kept and bounded.
 */
class FreshnessIT {

  private final RedisFixture redis = RedisFixture.start();
  private final RedisClient client = RedisClient.create(redis.host(), redis.port());
  private final List<TieredCache<String, String>> nodes = new ArrayList<>();
  private final Source source = new Source();

  @AfterEach
  void stop() {
    nodes.forEach(TieredCache::close);
    client.close();
    redis.close();
  }

  /** A source, and a copy of it whose replay stands still until it is told. */
  private static final class Source {
    private final Map<String, String> primary = new ConcurrentHashMap<>();
    private final Map<String, String> copy = new ConcurrentHashMap<>();
    private final AtomicLong position = new AtomicLong();
    private volatile long replayed;
    private final AtomicLong fetches = new AtomicLong();

    /** Returns the token of the change. */
    String write(String key, String value) {
      primary.put(key, value);
      return Long.toString(position.incrementAndGet());
    }

    void replay() {
      copy.putAll(primary);
      replayed = position.get();
    }

    String read(String key, List<String> freshness) {
      fetches.incrementAndGet();
      long least = freshness.stream().mapToLong(Long::parseLong).max().orElse(0);
      return String.valueOf((least <= replayed ? copy : primary).get(key));
    }
  }

  private TieredCache<String, String> node() {
    TieredCache<String, String> node =
        TieredCache.<String, String>named("fresh")
            .remote(
                RedisTier.at(redis.uri())
                    .commandTimeout(Duration.ofSeconds(5))
                    .retryAfter(Duration.ofMillis(20))
                    .heartbeat(Duration.ofMillis(100)),
                StringSerializer.create())
            .build();
    nodes.add(node);
    return node;
  }

  private final FreshFetcher<String, String, RuntimeException> fetcher =
      (key, older, freshness) -> Loaded.of(source.read(key, freshness)).tags("all");

  private final FreshBulkFetcher<String, String, RuntimeException> bulk =
      (keys, freshness) -> {
        Map<String, Loaded<String>> found = new HashMap<>();
        keys.forEach(key -> found.put(key, Loaded.of(source.read(key, freshness)).tags("all")));
        return found;
      };

  private @Nullable String fetch(TieredCache<String, String> node, String key) {
    return node.fetch(key, fetcher);
  }

  private void start(String... keys) {
    for (String key : keys) {
      String unused = source.write(key, "old");
    }
    source.replay();
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(20));
  }

  @Test
  void remove_withAToken_isHonouredByTheLoadOfAnyNode() {
    TieredCache<String, String> one = node();
    TieredCache<String, String> two = node();
    start("a");
    assertThat(fetch(two, "a")).isEqualTo("old");
    one.remove("a", source.write("a", "new"));
    soon().untilAsserted(() -> assertThat(fetch(two, "a")).isEqualTo("new"));
    assertThat(fetch(one, "a")).isEqualTo("new");
  }

  @Test
  void remove_withAToken_isHonouredByEveryLoadNotTheFirstAlone() {
    TieredCache<String, String> one = node();
    TieredCache<String, String> two = node();
    start("a");
    one.remove("a", source.write("a", "new"));
    assertThat(fetch(one, "a")).isEqualTo("new");
    one.remove("a");
    assertThat(fetch(two, "a")).as("by the lease").isEqualTo("new");
  }

  @Test
  void remove_withoutAToken_letsALaggingCopyBringTheOldValueBack() {
    TieredCache<String, String> node = node();
    start("a");
    String unused = source.write("a", "new");
    node.remove("a");
    assertThat(fetch(node, "a")).as("what tokens are for").isEqualTo("old");
  }

  @Test
  void remove_byAFetcherThatIsNotTold_isAsWithoutAToken() {
    TieredCache<String, String> node = node();
    start("a");
    node.remove("a", source.write("a", "new"));
    Fetcher<String, String, RuntimeException> plain =
        (key, older) -> Loaded.of(source.read(key, List.of()));
    assertThat(node.fetch("a", plain)).isEqualTo("old");
  }

  @Test
  void remove_tokensThatCameInAnotherOrder_areAllHonoured() {
    TieredCache<String, String> one = node();
    start("a");
    String first = source.write("a", "newer");
    source.replay();
    String second = source.write("a", "newest");
    one.remove("a", second);
    one.remove("a", first);
    assertThat(fetch(node(), "a")).isEqualTo("newest");
  }

  @Test
  void invalidateTag_withAToken_isHonouredByTheLoadOfAnyNode() {
    TieredCache<String, String> one = node();
    TieredCache<String, String> two = node();
    start("a", "b");
    assertThat(fetch(two, "a")).isEqualTo("old");
    String unused = source.write("b", "new");
    one.invalidateTag("all", source.write("a", "new"));
    soon().untilAsserted(() -> assertThat(fetch(two, "a")).isEqualTo("new"));
    assertThat(fetch(two, "b")).as("a key it never saw").isEqualTo("new");
  }

  @Test
  void invalidateTag_withAToken_isKnownToANodeThatStartsLater() {
    TieredCache<String, String> one = node();
    start("a");
    one.invalidateTag("all", source.write("a", "new"));
    one.clear();
    assertThat(fetch(node(), "a")).isEqualTo("new");
  }

  @Test
  void invalidateTag_ofATagThatOnlyTheLoaderKnows_fetchesOnceMore() {
    TieredCache<String, String> node = node();
    start("a");
    node.invalidateTag("all", source.write("a", "new"));
    source.fetches.set(0);
    assertThat(fetch(node, "a")).isEqualTo("new");
    assertThat(source.fetches.get()).isEqualTo(2);
  }

  @Test
  void fetch_tagsThatKeepComingWithOtherTokens_goesToItsCallerAndIsNotKept() {
    TieredCache<String, String> node = node();
    AtomicLong fetches = new AtomicLong();
    for (int i = 1; i < 9; i++) {
      node.invalidateTag("t" + i, "token" + i);
    }
    FreshFetcher<String, String, RuntimeException> restless =
        (key, older, freshness) ->
            Loaded.of("v" + fetches.incrementAndGet()).tags("t" + fetches.get());
    assertThat(node.fetch("a", restless)).isEqualTo("v3");
    assertThat(node.getIfPresent("a")).isNull();
  }

  @Test
  void fetchAll_afterTokensOfKeysAndTags_isToldAll() {
    TieredCache<String, String> one = node();
    TieredCache<String, String> two = node();
    start("a", "b", "c");
    String unused = source.write("c", "new");
    one.remove("a", source.write("a", "new"));
    assertThat(two.fetchAll(List.of("a", "b"), bulk)).containsEntry("a", "new");
    one.invalidateTag("all", source.write("b", "new"));
    soon()
        .untilAsserted(
            () ->
                assertThat(two.fetchAll(List.of("a", "b", "c"), bulk))
                    .isEqualTo(Map.of("a", "new", "b", "new", "c", "new")));
  }

  @Test
  void fetchAll_waitsForAnotherNode_isToldWhenItLoadsItself() {
    TieredCache<String, String> one = node();
    start("a");
    one.remove("a", source.write("a", "new"));
    client.set("{fresh:0}:l:a", "0123456789abcdef");
    client.pexpire("{fresh:0}:l:a", 300);
    assertThat(node().fetchAll(Set.of("a"), bulk)).containsEntry("a", "new");
  }

  @Test
  void remove_whileRedisIsAway_isHonouredHereAtOnceAndThereAfterwards() {
    TieredCache<String, String> one = node();
    start("a");
    assertThat(fetch(one, "a")).isEqualTo("old");
    one.pauseRemote();
    one.remove("a", source.write("a", "new"));
    one.invalidateTag("other", source.write("b", "new"));
    assertThat(fetch(one, "a")).isEqualTo("new");
    one.resumeRemote();
    soon().untilAsserted(() -> assertThat(one.stats().remote().pendingRemovals()).isZero());
    assertThat(fetch(node(), "a")).isEqualTo("new");
    assertThat(client.lrange("{fresh:0}:t", 0, -1)).containsExactly("3 other");
  }

  @Test
  void tokens_inRedis_areBoundedAndEnd() {
    TieredCache<String, String> node = node();
    for (int i = 0; i < 20; i++) {
      node.remove("a", "token" + i);
      node.invalidateTag("all", "token" + i);
    }
    assertThat(client.lrange("{fresh:0}:f:a", 0, -1))
        .hasSize(Freshness.OF_A_PLACE)
        .last()
        .isEqualTo("token19");
    assertThat(client.pttl("{fresh:0}:f:a")).isPositive();
    assertThat(client.pttl("{fresh:0}:t")).isPositive();
  }

  @Test
  void tokens_keysOfAnotherType_areReplacedAndCostNobodyAnything() {
    TieredCache<String, String> node = node();
    start("a");
    client.set("{fresh:0}:f:a", "nonsense");
    client.set("{fresh:0}:t", "nonsense");
    assertThat(fetch(node, "a")).isEqualTo("old");
    node.remove("a", source.write("a", "new"));
    node.invalidateTag("all", source.write("a", "newer"));
    assertThat(fetch(node(), "a")).isEqualTo("newer");
    assertThat(node.stats().remote().failures()).isZero();
  }

  @Test
  void tokens_ofAnotherForm_areRefused() {
    TieredCache<String, String> node = node();
    for (String odd : List.of("", "a b", "a\tb", "ä", "x".repeat(256))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> node.remove("a", odd))
          .withMessageContaining("freshness");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> node.invalidateTag("a", odd))
          .withMessageContaining("freshness");
    }
  }

  @Test
  void remove_inACacheWithoutRedis_isHonoured() {
    try (TieredCache<String, String> alone = TieredCache.<String, String>named("alone").build()) {
      start("a");
      assertThat(alone.fetch("a", fetcher)).isEqualTo("old");
      alone.async().remove("a", source.write("a", "new")).join();
      assertThat(alone.fetch("a", fetcher)).isEqualTo("new");
      alone.async().invalidateTag("all", source.write("a", "newer")).join();
      assertThat(alone.async().fetch("a", fetcher).join()).isEqualTo("newer");
    }
  }
}

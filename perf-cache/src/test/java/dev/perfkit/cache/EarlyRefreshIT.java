package dev.perfkit.cache;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.perfkit.testkit.redis.RedisFixture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;

/**
 * Proves that an early refresh happens once among several nodes, that the others take its value
 * over, and that an invalidation by any node voids it.
 */
class EarlyRefreshIT {

  /** Long enough to end, and to be due, by no accident. */
  private static final Duration TTL = Duration.ofMinutes(20);

  private final RedisFixture redis = RedisFixture.start();
  private final RedisClient client = RedisClient.create(redis.host(), redis.port());
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<TieredCache<String, String>> nodes = new ArrayList<>();
  private final AtomicInteger loads = new AtomicInteger();
  private final CountDownLatch started = new CountDownLatch(1);
  private final CountDownLatch go = new CountDownLatch(1);

  @AfterEach
  void stop() {
    go.countDown();
    threads.shutdownNow();
    nodes.forEach(TieredCache::close);
    client.close();
    redis.close();
  }

  private TieredCache<String, String> node() {
    TieredCache<String, String> node =
        TieredCache.<String, String>named("early")
            .remote(
                RedisTier.at(redis.uri())
                    .commandTimeout(Duration.ofSeconds(5))
                    .heartbeat(Duration.ofMillis(50)),
                StringSerializer.create())
            .timeToLive(TTL)
            .earlyRefresh(EarlyRefresh.afterShare(0.1))
            .build();
    nodes.add(node);
    return node;
  }

  /** Stores a value with a time to live so short that it is soon due, on each of the nodes. */
  private void makeDue(List<TieredCache<String, String>> all) {
    all.get(0).putLoaded("a", Loaded.of("old").tags("red").timeToLive(Duration.ofSeconds(15)));
    await().until(() -> all.stream().allMatch(node -> node.getIfPresent("a") != null));
    await().atMost(Duration.ofSeconds(5)).pollDelay(Duration.ofMillis(1550)).until(() -> true);
  }

  private Loaded<String> slow(String key, @Nullable String older) throws InterruptedException {
    loads.incrementAndGet();
    started.countDown();
    go.await();
    return Loaded.of("new").tags("red");
  }

  @Test
  void get_dueOnThreeNodes_refreshesOnceAndTheOthersTakeTheValueOver() throws Exception {
    List<TieredCache<String, String>> all = List.of(node(), node(), node());
    makeDue(all);
    for (int round = 0; round < 5; round++) {
      List<Future<@Nullable String>> reads = new ArrayList<>();
      for (TieredCache<String, String> node : all) {
        reads.add(threads.submit(() -> node.fetch("a", this::slow)));
      }
      for (Future<@Nullable String> read : reads) {
        assertThat(read.get(10, SECONDS)).as("nobody waits").isEqualTo("old");
      }
    }
    assertThat(started.await(10, SECONDS)).isTrue();
    go.countDown();
    for (TieredCache<String, String> node : all) {
      await().until(() -> "new".equals(node.fetch("a", this::slow)));
    }
    assertThat(loads).hasValue(1);
    assertThat(client.exists("{early:0}:l:a")).as("the lease is given back").isFalse();
  }

  @Test
  void remove_byAnotherNodeDuringARefresh_voidsIt() throws Exception {
    List<TieredCache<String, String>> all = List.of(node(), node());
    makeDue(all);
    assertThat(all.get(0).fetch("a", this::slow)).isEqualTo("old");
    assertThat(started.await(10, SECONDS)).isTrue();
    all.get(1).remove("a");
    go.countDown();
    await().until(() -> all.get(0).stats().loads().voidedFills() == 1);
    assertThat(all.get(0).getIfPresent("a")).isNull();
    assertThat(node().getIfPresent("a")).isNull();
  }

  @Test
  void invalidateTag_byAnotherNodeDuringARefresh_voidsIt() throws Exception {
    List<TieredCache<String, String>> all = List.of(node(), node());
    makeDue(all);
    assertThat(all.get(0).fetch("a", this::slow)).isEqualTo("old");
    assertThat(started.await(10, SECONDS)).isTrue();
    all.get(1).invalidateTag("red");
    go.countDown();
    await().until(() -> all.get(0).stats().loads().succeeded() == 1);
    await().until(() -> !client.exists("{early:0}:l:a"));
    await().until(() -> all.get(0).getIfPresent("a") == null);
    assertThat(all.get(1).getIfPresent("a")).isNull();
    assertThat(node().getIfPresent("a")).isNull();
  }

  @Test
  void getAll_dueOnTwoNodes_refreshesByOneLoadOfOneNode() {
    TieredCache<String, String> one = node();
    TieredCache<String, String> two = node();
    Duration shortLife = Duration.ofSeconds(15);
    List<String> keys = List.of("a", "b", "c");
    BulkFetcher<String, String, RuntimeException> first =
        asked ->
            Map.of(
                "a", Loaded.of("old").timeToLive(shortLife),
                "b", Loaded.of("old").timeToLive(shortLife),
                "c", Loaded.of("old").timeToLive(shortLife));
    one.fetchAll(keys, first);
    assertThat(two.fetchAll(keys, first)).hasSize(3);
    await().atMost(Duration.ofSeconds(5)).pollDelay(Duration.ofMillis(1550)).until(() -> true);
    BulkLoader<String, String, RuntimeException> loader =
        asked -> {
          loads.incrementAndGet();
          return Map.of("a", "new", "b", "new", "c", "new");
        };
    assertThat(one.getAll(keys, loader)).containsValue("old");
    await()
        .until(() -> one.getAll(keys, loader).equals(Map.of("a", "new", "b", "new", "c", "new")));
    await()
        .until(() -> two.getAll(keys, loader).equals(Map.of("a", "new", "b", "new", "c", "new")));
    assertThat(loads).hasValue(1);
  }
}

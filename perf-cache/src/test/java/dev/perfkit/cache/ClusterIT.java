package dev.perfkit.cache;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.perfkit.spi.Health;
import dev.perfkit.testkit.redis.RedisClusterFixture;
import dev.perfkit.testkit.redis.RedisNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

/**
 * Proves that a cache on a Redis Cluster keeps what it promises on a single one: its keys are
 * spread over the masters, invalidations reach all nodes, one master that is away costs its own
 * keys alone, a failover is followed, and one that loses invalidations makes nobody believe what
 * they dropped.
 */
class ClusterIT {

  private static RedisClusterFixture cluster;

  private final List<TieredCache<Integer, String>> nodes = new ArrayList<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicInteger loads = new AtomicInteger();

  @BeforeAll
  static void start() {
    cluster = RedisClusterFixture.builder().replicas(1).start();
  }

  @AfterAll
  static void end() {
    cluster.close();
  }

  @BeforeEach
  void awaitReady() {
    cluster.awaitReady();
  }

  @AfterEach
  void stop() {
    threads.shutdownNow();
    nodes.forEach(node -> node.clear()); // the next test uses the same cluster
    nodes.forEach(TieredCache::close);
  }

  private static RedisTier tier() {
    return RedisTier.cluster(cluster.uris())
        .commandTimeout(Duration.ofSeconds(5))
        .retryAfter(Duration.ofMillis(50))
        .heartbeat(Duration.ofMillis(100));
  }

  private TieredCache<Integer, String> node(RedisTier tier) {
    TieredCache<Integer, String> node =
        TieredCache.<Integer, String>named("users").remote(tier, StringSerializer.create()).build();
    nodes.add(node);
    return node;
  }

  private TieredCache<Integer, String> node() {
    return node(tier());
  }

  private String load(Integer key) {
    return key + "/" + loads.incrementAndGet();
  }

  private static List<Integer> keys(int count) {
    return IntStream.range(0, count).boxed().toList();
  }

  private static Set<String> held(RedisNode node) {
    try (Jedis client = new Jedis(node.host(), node.port())) {
      return client.keys("{users:*}:v:*");
    }
  }

  private static RedisNode masterOf(int key) {
    for (int part = 0; part < RedisClusterFixture.MASTERS; part++) {
      if (held(cluster.master(part)).stream().anyMatch(each -> each.endsWith(":v:" + key))) {
        return cluster.master(part);
      }
    }
    throw new AssertionError("no master has key " + key);
  }

  private static int partOf(RedisNode master) {
    return IntStream.range(0, RedisClusterFixture.MASTERS)
        .filter(part -> cluster.master(part) == master)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void get_manyKeys_areSpreadOverTheMastersAndShared() {
    TieredCache<Integer, String> one = node();
    TieredCache<Integer, String> two = node();
    for (int key : keys(100)) {
      String loaded = one.get(7_000_000 + key, this::load);
      assertThat(two.get(7_000_000 + key, this::load)).isEqualTo(loaded);
    }
    assertThat(loads.get()).isEqualTo(100);
    for (int part = 0; part < RedisClusterFixture.MASTERS; part++) {
      assertThat(held(cluster.master(part)).stream().filter(key -> key.contains(":70000")).count())
          .isBetween(10L, 70L);
    }
    assertThat(one.stats().remote().failures()).isZero();
    assertThat(one.health().status()).isEqualTo(Health.Status.UP);
  }

  @Test
  void getAll_ofAllShards_loadsOnceAndFindsAllAgain() throws Exception {
    TieredCache<Integer, String> one = node();
    TieredCache<Integer, String> two = node();
    two.getIfPresent(-1);
    Map<Integer, String> loaded =
        one.getAll(
            keys(200),
            missing -> {
              Map<Integer, String> values = new LinkedHashMap<>();
              missing.forEach(key -> values.put(key, load(key)));
              return values;
            });
    assertThat(loaded).hasSize(200);
    assertThat(two.getAll(keys(200), missing -> Map.of())).isEqualTo(loaded);
    assertThat(two.stats().remote().hits()).isEqualTo(200);
    assertThat(two.stats().remote().failures()).isZero();
    assertThat(loads.get()).isEqualTo(200);
  }

  @Test
  void remove_putAndTags_reachTheMemoryOfOtherNodes() {
    RedisTier slow = tier().heartbeat(Duration.ofMinutes(1)); // so messages have to do it
    TieredCache<Integer, String> one = node(slow);
    TieredCache<Integer, String> two = node(slow);
    for (int key : keys(32)) {
      two.fetch(key, (k, older) -> Loaded.of("old").tags("tag" + k % 2));
      one.get(key, this::load);
    }
    awaitListeners();
    keys(16).forEach(one::remove);
    keys(16).forEach(key -> await().until(() -> two.getIfPresent(key) == null));
    assertThat(two.getIfPresent(17)).isEqualTo("old");
    one.put(17, "new");
    await().until(() -> "new".equals(two.getIfPresent(17)));
    one.invalidateTag("tag0");
    await().until(() -> two.getIfPresent(18) == null);
    assertThat(two.getIfPresent(19)).isEqualTo("old");
    one.clear();
    await().until(() -> two.getIfPresent(19) == null);
  }

  /** Of each node, whichever it listens to; who publishes elsewhere reaches it as well. */
  private void awaitListeners() {
    await()
        .until(
            () -> {
              long listening = 0;
              for (RedisNode each : cluster.nodes()) {
                try (Jedis client = new Jedis(each.host(), each.port())) {
                  Map<String, Long> ofEach = client.pubsubNumSub("{users:clock}:m", "{users:15}:m");
                  listening += ofEach.values().stream().mapToLong(Long::longValue).sum();
                }
              }
              return listening == 4;
            });
  }

  @Test
  void remove_duringALoad_voidsItsFill() {
    TieredCache<Integer, String> one = node();
    TieredCache<Integer, String> two = node();
    for (int key : keys(32)) {
      String got =
          one.get(
              key,
              k -> {
                two.remove(k);
                return "old";
              });
      assertThat(got).isEqualTo("old");
      assertThat(one.getIfPresent(key)).isNull();
      assertThat(two.getIfPresent(key)).isNull();
    }
  }

  @Test
  void get_concurrentMissesOnThreeNodes_loadOnce() throws Exception {
    List<TieredCache<Integer, String>> all = List.of(node(), node(), node());
    for (int key : keys(20)) {
      List<Future<String>> got = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        TieredCache<Integer, String> node = all.get(i % 3);
        got.add(threads.submit(() -> node.get(key, this::load)));
      }
      for (Future<String> each : got) {
        assertThat(each.get(30, SECONDS)).isEqualTo(key + "/" + (key + 1));
      }
    }
    assertThat(loads.get()).isEqualTo(20);
  }

  @Test
  void masterAway_costsItsOwnKeysAlone_andIsGotOver() {
    RedisTier hasty = tier().commandTimeout(Duration.ofMillis(300));
    TieredCache<Integer, String> patient = node();
    keys(60).forEach(key -> patient.get(key, this::load));
    TieredCache<Integer, String> one = node(hasty);
    keys(60).forEach(key -> one.get(key, this::load));
    RedisNode away = masterOf(0);
    int elsewhere =
        keys(60).stream().filter(key -> masterOf(key) != away).findFirst().orElseThrow();
    away.freeze();
    try {
      await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () -> {
                keys(60).forEach(key -> one.getIfPresent(1000 + key));
                return one.health().status() == Health.Status.DEGRADED;
              });
      one.remove(0);
      one.remove(elsewhere);
      assertThat(one.health().toString()).contains("parts of Redis").contains("stalenessBound");
      TieredCache<Integer, String> two = node(hasty);
      assertThat(two.getIfPresent(elsewhere)).as("removed from a master that answers").isNull();
      assertThat(one.get(0, key -> "new")).isEqualTo("new");
    } finally {
      away.thaw();
    }
    await().atMost(Duration.ofSeconds(60)).until(() -> one.health().status() == Health.Status.UP);
    TieredCache<Integer, String> fresh = node();
    await().until(() -> fresh.getIfPresent(59) != null);
    assertThat(fresh.getIfPresent(0)).as("made up for").isNull();
  }

  @Test
  void failover_ofAKilledMaster_isFollowedAndWhatWasReplicatedIsKept() {
    TieredCache<Integer, String> one = node();
    keys(40).forEach(key -> one.get(key, this::load));
    RedisNode old = masterOf(7);
    int part = partOf(old);
    await().until(() -> held(cluster.replica(part)).size() == held(old).size());
    old.kill();
    cluster.failover(part);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> {
              one.remove(7);
              return one.health().status() == Health.Status.UP
                  && one.stats().remote().pendingRemovals() == 0;
            });
    one.put(7, "new");
    TieredCache<Integer, String> two = node();
    await().until(() -> "new".equals(two.getIfPresent(7)));
    old.restart();
    cluster.awaitReady();
  }

  @Test
  void failover_thatForgetsAnInvalidation_isNoticedByTheNodeThatMadeIt() {
    RedisTier slow = tier().heartbeat(Duration.ofMinutes(1)); // so the next answer has to tell
    TieredCache<Integer, String> one = node(slow);
    one.put(3, "old");
    RedisNode master = masterOf(3);
    int part = partOf(master);
    await().until(() -> held(cluster.replica(part)).stream().anyMatch(key -> key.endsWith(":3")));
    cluster.holdReplication(part);
    one.remove(3);
    assertThat(one.getIfPresent(3)).isNull();
    cluster.failover(part);
    assertThat(held(cluster.master(part))).as("it is back").anyMatch(key -> key.endsWith(":3"));
    assertThat(one.get(3, key -> "new")).isEqualTo("new");
    await().until(() -> "new".equals(node().getIfPresent(3)));
  }

  @Test
  void failover_thatForgetsATag_isNoticedAtTheHeartbeat() {
    TieredCache<Integer, String> one = node();
    one.putLoaded(5, Loaded.of("old").tags("t"));
    int part = partOfClock();
    await().until(() -> hasClock(cluster.replica(part)));
    cluster.holdReplication(part);
    one.invalidateTag("t");
    cluster.failover(part);
    TieredCache<Integer, String> two = node();
    await().until(() -> two.getIfPresent(5) == null);
    assertThat(one.getIfPresent(5)).isNull();
  }

  private static int partOfClock() {
    return IntStream.range(0, RedisClusterFixture.MASTERS)
        .filter(part -> hasClock(cluster.master(part)))
        .findFirst()
        .orElseThrow();
  }

  private static boolean hasClock(RedisNode node) {
    try (Jedis client = new Jedis(node.host(), node.port())) {
      return !client.keys("{users:clock}:c").isEmpty();
    }
  }

  @Test
  void restart_ofAMasterWithoutItsData_makesNothingOldValid() {
    TieredCache<Integer, String> one = node();
    TieredCache<Integer, String> two = node();
    keys(30).forEach(key -> one.put(key, "old"));
    keys(30).forEach(two::getIfPresent);
    RedisNode master = masterOf(11);
    master.restart();
    cluster.awaitReady();
    await().atMost(Duration.ofSeconds(20)).until(this::allUp); // though every read is a hit
    two.remove(11);
    await().until(() -> one.getIfPresent(11) == null);
    one.put(11, "new");
    await().until(() -> "new".equals(two.getIfPresent(11)));
  }

  private boolean allUp() {
    nodes.forEach(node -> keys(30).forEach(node::getIfPresent));
    return nodes.stream().allMatch(node -> node.health().status() == Health.Status.UP);
  }

  @Test
  void build_withoutACluster_worksInMemory() {
    TieredCache<Integer, String> alone =
        node(RedisTier.cluster("redis://127.0.0.1:1", "redis://127.0.0.1:2"));
    assertThat(alone.get(1, key -> "v")).isEqualTo("v");
    assertThat(alone.get(1, this::load)).isEqualTo("v");
    nodes.remove(alone);
    alone.close();
  }
}

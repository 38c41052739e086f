package dev.perfkit.cache;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.perfkit.testkit.RecordingTelemetry;
import dev.perfkit.testkit.redis.RedisFixture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.params.SetParams;

/**
 * Proves that the misses of one key load once among several nodes, that those who wait are woken
 * and never wait for longer than their bound, and how many round trips an operation takes.
 */
class ClusterFlightIT {

  private final RedisFixture redis = RedisFixture.start();
  private final RedisClient client = RedisClient.create(redis.host(), redis.port());
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<TieredCache<String, String>> nodes = new ArrayList<>();
  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
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

  private TieredCache<String, String> node(Duration waitAtMost) {
    TieredCache<String, String> node =
        TieredCache.<String, String>named("flights")
            .remote(
                RedisTier.at(redis.uri())
                    .commandTimeout(Duration.ofSeconds(5))
                    .heartbeat(Duration.ofMinutes(1)),
                StringSerializer.create())
            .waitForLoadAtMost(waitAtMost)
            .telemetry(telemetry)
            .build();
    nodes.add(node);
    node.getIfPresent("first contact");
    return node;
  }

  private TieredCache<String, String> node() {
    return node(Duration.ofSeconds(30));
  }

  private String load(String key) {
    return key + loads.incrementAndGet();
  }

  private String slow(String key) throws InterruptedException {
    started.countDown();
    go.await();
    return load(key);
  }

  private void awaitWaiter() {
    await().until(() -> client.strlen("{flights:0}:l:a") == 17);
  }

  @Test
  void get_manyMissesOnThreeNodes_loadOnce() throws Exception {
    List<TieredCache<String, String>> all = List.of(node(), node(), node());
    for (int round = 0; round < 30; round++) {
      String key = "k" + round;
      int before = loads.get();
      List<Future<String>> got = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        TieredCache<String, String> node = all.get(i % 3);
        got.add(threads.submit(() -> node.get(key, this::load)));
      }
      for (Future<String> each : got) {
        assertThat(each.get(30, SECONDS)).isEqualTo(key + (before + 1));
      }
      assertThat(loads.get()).isEqualTo(before + 1);
    }
  }

  @Test
  void get_thousandMissesOfOneKeyOverThreeNodes_loadOnce() throws Exception {
    List<TieredCache<String, String>> all = List.of(node(), node(), node());
    CountDownLatch together = new CountDownLatch(1);
    List<Future<String>> got = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      TieredCache<String, String> node = all.get(i % 3);
      got.add(
          threads.submit(
              () -> {
                together.await();
                return node.get("a", this::slow);
              }));
    }
    together.countDown();
    assertThat(started.await(30, SECONDS)).isTrue();
    go.countDown();
    for (Future<String> each : got) {
      assertThat(each.get(30, SECONDS)).isEqualTo("a1");
    }
    assertThat(loads).hasValue(1);
  }

  @Test
  void get_anotherNodeLoads_isWokenByTheFill() throws Exception {
    TieredCache<String, String> first = node();
    TieredCache<String, String> second = node();
    long before = awaitBothListen();
    Future<String> loading = threads.submit(() -> first.get("a", this::slow));
    started.await();
    Future<String> waiting = threads.submit(() -> second.get("a", this::load));
    awaitWaiter();
    go.countDown();
    assertThat(waiting.get(30, SECONDS)).isEqualTo("a1");
    assertThat(loading.get(30, SECONDS)).isEqualTo("a1");
    assertThat(second.stats().loads().succeeded()).isZero();
    await().untilAsserted(() -> assertThat(messages()).as("the wake-up").isEqualTo(before + 2));
    first.get("b", this::load);
    assertThat(second.get("b", this::load)).isEqualTo("b2");
    assertThat(messages()).as("nobody waited").isEqualTo(before + 2);
  }

  /** Returns how many messages both have received when all that were sent have arrived. */
  private long awaitBothListen() {
    AtomicLong sent = new AtomicLong();
    await()
        .until(
            () -> {
              long reached = client.publish("{flights:0}:m", "w nobody");
              sent.addAndGet(reached);
              return reached == 2;
            });
    await().untilAsserted(() -> assertThat(messages()).isEqualTo(sent.get()));
    return sent.get();
  }

  private long messages() {
    return telemetry.count("cache.backplane.messages", "cache", "flights");
  }

  @Test
  void get_theOtherNodeFails_loadsInItsPlace() throws Exception {
    TieredCache<String, String> first = node();
    TieredCache<String, String> second = node();
    Future<String> loading =
        threads.submit(
            () ->
                first.get(
                    "a",
                    key -> {
                      slow(key);
                      throw new IllegalStateException("no");
                    }));
    started.await();
    Future<String> waiting = threads.submit(() -> second.get("a", this::load));
    awaitWaiter();
    go.countDown();
    assertThat(waiting.get(30, SECONDS)).isEqualTo("a2");
    assertThatThrownBy(() -> loading.get(30, SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasRootCauseMessage("no");
    assertThat(first.getIfPresent("a")).isEqualTo("a2");
  }

  @Test
  void get_theOtherNodeDied_loadsWhenItsLeaseEnds() {
    TieredCache<String, String> node = node();
    client.set("{flights:0}:l:a", "a dead node's id", SetParams.setParams().px(300));
    long start = System.nanoTime();
    assertThat(node.get("a", this::load)).isEqualTo("a1");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    assertThat(node().getIfPresent("a")).as("stored").isEqualTo("a1");
  }

  @Test
  void get_theOtherNodeTakesTooLong_loadsForItselfAndStoresNothing() throws Exception {
    TieredCache<String, String> first = node();
    TieredCache<String, String> second = node(Duration.ofMillis(100));
    Future<String> loading = threads.submit(() -> first.get("a", this::slow));
    started.await();
    assertThat(second.get("a", this::load)).isEqualTo("a1");
    assertThat(client.exists("{flights:0}:v:a")).isFalse();
    go.countDown();
    assertThat(loading.get(30, SECONDS)).isEqualTo("a2");
    assertThat(node().getIfPresent("a")).isEqualTo("a2");
  }

  @Test
  void get_invalidatedWhileWaiting_doesNotGetTheOldValue() throws Exception {
    TieredCache<String, String> first = node();
    TieredCache<String, String> second = node();
    Future<String> loading = threads.submit(() -> first.get("a", this::slow));
    started.await();
    Future<String> waiting = threads.submit(() -> second.get("a", key -> "new"));
    awaitWaiter();
    node().remove("a");
    assertThat(waiting.get(30, SECONDS)).isEqualTo("new");
    go.countDown();
    assertThat(loading.get(30, SECONDS)).as("for its caller alone").isEqualTo("a1");
    assertThat(first.getIfPresent("a")).isEqualTo("new");
  }

  @Test
  void operations_takeAsFewRoundTripsAsTheyCan() {
    TieredCache<String, String> first = node();
    TieredCache<String, String> second = node();
    warmScripts(first);
    awaitQuiet();
    assertThat(scripts(() -> first.get("a", this::load))).as("a miss").isEqualTo(2);
    assertThat(scripts(() -> second.get("a", this::load))).as("a hit in Redis").isEqualTo(1);
    assertThat(scripts(() -> second.get("a", this::load))).as("a hit in memory").isZero();
    assertThat(scripts(() -> first.put("b", "v"))).as("a put").isEqualTo(2);
    assertThat(scripts(() -> second.getIfPresent("b"))).as("a look-up").isEqualTo(1);
    assertThat(scripts(() -> first.remove("b"))).as("a removal").isEqualTo(1);
    assertThat(scripts(() -> first.invalidateTag("t"))).as("a tag").isEqualTo(1);
    assertThat(scripts(first::clear)).as("everything").isEqualTo(1);
  }

  @Test
  void getAll_onAnotherNode_isOneRoundTripForAll() {
    TieredCache<String, String> first = node();
    TieredCache<String, String> second = node();
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      keys.add("k" + i);
    }
    assertThat(first.getAll(keys, this::loadAll)).hasSize(100);
    Map<String, String> got = new HashMap<>();
    got.putAll(second.getAll(keys, this::loadAll));
    assertThat(got).hasSize(100);
    assertThat(loads.get()).isEqualTo(100);
    assertThat(second.stats().remote().hits()).isEqualTo(100);
    TieredCache<String, String> third = node();
    awaitQuiet();
    long before = calls("cmdstat_mget");
    assertThat(scripts(() -> got.putAll(third.getAll(keys, this::loadAll)))).isZero();
    assertThat(calls("cmdstat_mget") - before).isEqualTo(1);
    first.remove("k7");
    await().until(() -> third.getAll(List.of("k6", "k7"), this::loadAll).containsValue("k7101"));
  }

  @Test
  void getAll_misses_takeThreeRoundTripsForAll() {
    TieredCache<String, String> node = node();
    warmScripts(node);
    node.getAll(List.of("warm1", "warm2"), this::loadAll);
    List<String> keys = IntStream.range(0, 20).mapToObj(i -> "m" + i).toList();
    awaitQuiet();
    long before = reads();
    assertThat(node.getAll(keys, this::loadAll)).hasSize(20);
    assertThat(reads() - before - 1).as("look-up, leases, fills").isLessThanOrEqualTo(4);
    assertThat(client.keys("{flights:0}:l:*")).as("all leases are given back").isEmpty();
    assertThat(node().getAll(keys, this::loadAll)).hasSize(20);
    assertThat(loads.get()).as("with the two of the warm-up").isEqualTo(22);
    assertThat(node.stats().loads().voidedFills()).isZero();
  }

  /** Returns how often Redis read from a connection: once for a small request, also for this. */
  private long reads() {
    return client
        .info("stats")
        .lines()
        .filter(line -> line.startsWith("total_reads_processed:"))
        .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(':') + 1)))
        .sum();
  }

  @Test
  void getAll_expiredInRedis_takesTheLeasesAtOnce() throws Exception {
    TieredCache<String, String> node =
        TieredCache.<String, String>named("flights")
            .remote(
                RedisTier.at(redis.uri())
                    .commandTimeout(Duration.ofSeconds(5))
                    .heartbeat(Duration.ofMinutes(1)),
                StringSerializer.create())
            .timeToLive(Duration.ofMillis(1))
            .serveStaleFor(Duration.ofHours(1))
            .build();
    nodes.add(node);
    List<String> keys = List.of("a", "b", "c");
    assertThat(node.getAll(keys, this::loadAll)).hasSize(3);
    await().until(() -> node.getIfPresent("c") == null);
    assertThat(node.getAll(keys, this::loadAll)).hasSize(3);
    assertThat(loads.get()).isEqualTo(6);
    assertThat(node.stats().remote().stale()).isGreaterThanOrEqualTo(3);
    assertThat(client.keys("{flights:0}:l:*")).isEmpty();
    assertThat(node.stats().loads().voidedFills()).isZero();
  }

  @Test
  void getAll_loadFails_givesAllLeasesBack() {
    TieredCache<String, String> node = node();
    assertThatThrownBy(
            () ->
                node.getAll(
                    List.of("a", "b"),
                    keys -> {
                      assertThat(client.keys("{flights:0}:l:*")).hasSize(2);
                      throw new IllegalStateException("no");
                    }))
        .hasMessage("no");
    assertThat(client.keys("{flights:0}:l:*")).isEmpty();
  }

  @Test
  void fetchAll_oneFails_keepsTheOthersWithTheirTags() {
    TieredCache<String, String> node = node();
    Exception failure = new Exception("this one");
    BulkFetcher<String, String, RuntimeException> fetcher =
        keys ->
            Map.of(
                "a", Loaded.of("v").tags("red"),
                "b", Loaded.failed(failure),
                "c", Loaded.absent());
    assertThatThrownBy(() -> node.fetchAll(List.of("a", "b", "c"), fetcher))
        .isInstanceOfSatisfying(
            BulkLoadException.class,
            partial -> {
              assertThat(partial.values()).isEqualTo(Map.of("a", "v"));
              assertThat(partial.failures()).isEqualTo(Map.of("b", failure));
              assertThat(partial).hasCause(failure);
              assertThat(partial.getMessage()).doesNotContain("v,").contains("1 of 2 keys");
            });
    assertThat(node().getIfPresent("a")).as("in Redis").isEqualTo("v");
    node.invalidateTag("red");
    assertThat(node.getIfPresent("a")).isNull();
    assertThat(client.keys("{flights:0}:l:*")).isEmpty();
  }

  @Test
  void getAll_someUnderWayOnAnotherNode_waitsForThoseAndLoadsTheRest() throws Exception {
    TieredCache<String, String> first = node();
    TieredCache<String, String> second = node();
    Future<String> loading = threads.submit(() -> first.get("a", this::slow));
    started.await();
    Future<Map<String, String>> many =
        threads.submit(() -> second.getAll(List.of("a", "b"), this::loadAll));
    awaitWaiter();
    go.countDown();
    assertThat(many.get(30, SECONDS)).containsEntry("a", loading.get(30, SECONDS)).hasSize(2);
    assertThat(loads.get()).isEqualTo(2);
  }

  private Map<String, String> loadAll(Set<String> keys) {
    Map<String, String> values = new HashMap<>();
    keys.forEach(key -> values.put(key, load(key)));
    return values;
  }

  private void warmScripts(TieredCache<String, String> node) {
    node.put("warm", "v");
    node.remove("warm");
    node.get("warm", this::load);
    node.invalidateTag("warm");
    loads.set(0);
  }

  /** Waits until all nodes listen and have asked what they missed before. */
  private void awaitQuiet() {
    await().until(() -> client.publish("{flights:0}:m", "ignored") == nodes.size());
    AtomicLong last = new AtomicLong(-1);
    AtomicInteger equal = new AtomicInteger();
    await()
        .pollInterval(Duration.ofMillis(200))
        .until(
            () -> {
              long now = calls();
              return (last.getAndSet(now) == now ? equal.incrementAndGet() : equal.getAndSet(0))
                  > 2;
            });
  }

  /** Returns how many scripts an operation sent; it sends nothing else. */
  private long scripts(Runnable operation) {
    long before = calls();
    operation.run();
    return calls() - before;
  }

  private long calls() {
    return calls("cmdstat_eval");
  }

  private long calls(String command) {
    return client
        .info("commandstats")
        .lines()
        .filter(line -> line.startsWith(command))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\w+:calls=(\\d+),.*", "$1")))
        .sum();
  }
}

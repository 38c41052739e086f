package dev.perfkit.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.perfkit.spi.Health;
import dev.perfkit.testkit.net.FaultProxy;
import dev.perfkit.testkit.redis.RedisFixture;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClient;

/**
 * Proves that an invalidation on one node reaches the memory of the others: by message, from the
 * log when messages were lost, by dropping everything when the log is of no help, and that tags and
 * whole caches are invalidated for loads under way as well.
 */
class NodesIT {

  private static final Duration BEAT = Duration.ofMillis(50);
  private static final Duration NEVER = Duration.ofMinutes(1);

  private final RedisFixture redis = RedisFixture.start();
  private final FaultProxy proxy = FaultProxy.to(redis.host(), redis.port());
  private final RedisClient client = RedisClient.create(redis.host(), redis.port());
  private final List<TieredCache<String, String>> nodes = new ArrayList<>();
  private final AtomicInteger loads = new AtomicInteger();
  private final TieredCache<String, String> one = node(NEVER);
  private final TieredCache<String, String> two = node(NEVER);

  @BeforeEach
  void awaitSubscriptions() {
    awaitSubscribers(2);
  }

  private void awaitSubscribers(long count) {
    await().until(() -> client.publish("{nodes:0}:m", "ignored") >= count);
  }

  @AfterEach
  void stop() {
    nodes.forEach(TieredCache::close);
    client.close();
    proxy.close();
    redis.close();
  }

  private TieredCache<String, String> node(Duration heartbeat) {
    return node(RedisTier.at(redis.uri()).heartbeat(heartbeat));
  }

  private TieredCache<String, String> node(RedisTier tier) {
    TieredCache<String, String> node =
        TieredCache.<String, String>named("nodes")
            .remote(
                tier.commandTimeout(Duration.ofSeconds(2)).retryAfter(Duration.ofMillis(20)),
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

  private static Loaded<String> red(String value) {
    return Loaded.of(value).tags("red");
  }

  private static String fail(String key) throws IOException {
    throw new IOException("the source is away");
  }

  private void awaitGone(TieredCache<String, String> node, String key) {
    await().until(() -> node.getIfPresent(key) == null);
  }

  @Test
  void remove_onOneNode_reachesTheMemoryOfTheOther() {
    for (int i = 0; i < 50; i++) {
      String key = "k" + i;
      two.get(key, this::load);
      one.remove(key);
      awaitGone(two, key);
    }
    assertThat(two.stats().remote().failures()).isZero();
  }

  @Test
  void put_onOneNode_replacesWhatTheMemoryOfTheOtherHolds() {
    two.get("a", this::load);
    one.put("a", "put");
    await().until(() -> "put".equals(two.getIfPresent("a")));
  }

  @Test
  void remove_withKeysOfEveryClass_reachesTheMemoryOfTheOther() {
    reaches(1, 2);
    reaches(1L, 2L);
    reaches(new UUID(1, 2), new UUID(3, 4));
    reaches(TimeUnit.DAYS, TimeUnit.HOURS);
    record Point(int x, int y) {}
    reaches(new Point(1, 2), new Point(3, 4));
  }

  private <K> void reaches(K key, K another) {
    TieredCacheBuilder<K, String> builder =
        TieredCache.<K, String>named("keys-" + key.getClass().getSimpleName())
            .remote(
                RedisTier.at(redis.uri()).commandTimeout(Duration.ofSeconds(5)).heartbeat(BEAT),
                StringSerializer.create());
    if (key instanceof Record) {
      builder.keys(Object::toString);
    }
    try (var here = builder.build();
        var there = builder.build()) {
      there.put(key, "v");
      there.put(another, "w");
      here.remove(key);
      await().until(() -> there.getIfPresent(key) == null);
      assertThat(there.getIfPresent(another)).isEqualTo("w");
    }
  }

  @Test
  void invalidateTag_onOneNode_isDeadOnAll() {
    two.fetch("a", (key, older) -> red("old"));
    two.fetch("b", (key, older) -> Loaded.of("other").tags("blue"));
    one.invalidateTag("red");
    awaitGone(two, "a");
    assertThat(one.getIfPresent("a")).as("in Redis").isNull();
    assertThat(two.getIfPresent("b")).isEqualTo("other");
    assertThat(node(NEVER).getIfPresent("a")).as("to a new node").isNull();
    assertThatThrownBy(() -> two.get("a", NodesIT::fail)).isInstanceOf(IOException.class);
  }

  @Test
  void expireTag_onOneNode_keepsTheFallbackOnAll() throws IOException {
    two.fetch("a", (key, older) -> red("old"));
    one.expireTag("red");
    awaitGone(two, "a");
    assertThat(two.get("a", NodesIT::fail)).isEqualTo("old");
    assertThat(one.get("a", NodesIT::fail)).as("by way of Redis").isEqualTo("old");
    one.invalidateTag("red");
    await()
        .untilAsserted(
            () ->
                assertThatThrownBy(() -> two.get("a", NodesIT::fail))
                    .isInstanceOf(IOException.class));
  }

  @Test
  void clear_onOneNode_isDeadOnAllAndLaterValuesLive() throws IOException {
    two.get("a", this::load);
    one.expireAll();
    awaitGone(two, "a");
    assertThat(two.get("a", NodesIT::fail)).isEqualTo("a1");
    one.clear();
    await()
        .untilAsserted(
            () ->
                assertThatThrownBy(() -> two.get("a", NodesIT::fail))
                    .isInstanceOf(IOException.class));
    assertThat(one.getIfPresent("a")).isNull();
    assertThat(one.get("a", this::load)).isEqualTo("a2");
    assertThat(two.get("a", this::load)).isEqualTo("a2");
  }

  @Test
  void invalidateTag_duringALoadOfAnyNode_voidsIt() {
    for (TieredCache<String, String> loading : List.of(one, two)) {
      String got =
          loading.fetch(
              "a",
              (key, older) -> {
                one.invalidateTag("red");
                return red("old");
              });
      assertThat(got).isEqualTo("old");
      awaitGone(loading, "a");
      assertThat(node(NEVER).getIfPresent("a")).isNull();
      assertThat(one.getIfPresent("a")).isNull();
    }
  }

  @Test
  void tags_chosenByTheLoader_travelWithTheValue() {
    one.fetch("a", (key, older) -> Loaded.of("v").tags("x", "größe"));
    assertThat(two.getIfPresent("a")).isEqualTo("v");
    one.invalidateTag("größe");
    awaitGone(two, "a");
  }

  @Test
  void message_lost_isMadeUpForAtTheNextHeartbeat() {
    TieredCache<String, String> deaf = node(RedisTier.at(redis.uri()).heartbeat(BEAT));
    awaitSubscribers(3);
    for (int i = 0; i < 20; i++) {
      String key = "k" + i;
      deaf.get(key, this::load);
      deaf.fetch("tagged" + i, (k, older) -> red("v"));
      killListeners();
      one.remove(key);
      one.invalidateTag("red");
      awaitGone(deaf, key);
      awaitGone(deaf, "tagged" + i);
    }
  }

  private void killListeners() {
    Object unused =
        client.executeCommand(
            new CommandArguments(Protocol.Command.CLIENT).add("KILL").add("TYPE").add("pubsub"));
  }

  /** Invalidates as another node would whose message nobody gets, though all are connected. */
  private void removeInSilence(String key) {
    Object unused =
        client.eval( // as one step, or a heartbeat in its midst would drop everything
            """
            local q=redis.call('HINCRBY','{nodes:0}:s','q',1)
            redis.call('HSET','{nodes:0}:s','i','silent'..q)
            redis.call('RPUSH','{nodes:0}:i',q..' silent'..q..' '..ARGV[1])
            return redis.call('DEL','{nodes:0}:v:'..ARGV[1])
            """,
            List.of(),
            List.of(key));
  }

  @Test
  void message_neverCame_isReplayedFromTheLogAtTheNextHeartbeat() {
    TieredCache<String, String> node = node(BEAT);
    node.get("a", this::load);
    node.get("b", this::load);
    removeInSilence("a");
    awaitGone(node, "a");
    assertThat(client.del("{nodes:0}:v:b")).isEqualTo(1);
    assertThat(node.getIfPresent("b")).as("the others stay in memory").isEqualTo("b2");
  }

  @Test
  void message_neverCame_isReplayedFromTheLogWhenTheNextOneShowsTheGap() {
    two.get("a", this::load);
    two.get("b", this::load);
    removeInSilence("a");
    assertThat(two.getIfPresent("a")).as("nobody told").isEqualTo("a1");
    one.remove("x");
    awaitGone(two, "a");
    assertThat(client.del("{nodes:0}:v:b")).isEqualTo(1);
    assertThat(two.getIfPresent("b")).as("the others stay in memory").isEqualTo("b2");
  }

  @Test
  void health_always_statesTheStalenessBound() {
    assertThat(one.health().details())
        .containsEntry("stalenessBound", RedisTier.DEFAULT_TIME_TO_LIVE_WHILE_AWAY.toString());
  }

  @Test
  void health_redisThatMayEvictTheState_warns() {
    assertThat(one.health().status()).isEqualTo(Health.Status.UP);
    client.configSet("maxmemory-policy", "allkeys-lru");
    assertThat(node(NEVER).health().reason()).contains("maxmemory-policy", "volatile-lru");
  }

  @Test
  void messages_moreLostThanTheLogHolds_dropTheShard() {
    try (var backplane = cutOff()) {
      backplane.node().get("a", this::load);
      backplane.node().get("kept", this::load);
      proxy.cut();
      one.remove("a");
      for (int i = 0; i < RedisLink.LOG_LENGTH + 10; i++) {
        one.remove("other" + i);
      }
      proxy.heal();
      awaitGone(backplane.node(), "a");
    }
  }

  @Test
  void redis_lostItsData_makesEverythingOlderInvalid() {
    TieredCache<String, String> node = node(BEAT);
    node.fetch("a", (key, older) -> red("old"));
    byte[] old = client.get("{nodes:0}:v:a".getBytes(UTF_8));
    one.invalidateTag("red");
    client.flushAll();
    client.set("{nodes:0}:v:a".getBytes(UTF_8), old);
    awaitGone(node, "a");
    assertThat(node(NEVER).getIfPresent("a")).as("an entry of the old genesis").isNull();
    assertThat(node.get("b", key -> "new")).isEqualTo("new");
    assertThat(node(NEVER).getIfPresent("b")).isEqualTo("new");
  }

  @Test
  void redis_runsBackwards_beginsAnotherHistory() {
    TieredCache<String, String> node = node(BEAT);
    node.get("a", this::load);
    one.remove("x");
    one.remove("y");
    await().until(() -> "2".equals(client.hget("{nodes:0}:s", "q")));
    await().until(() -> node.getIfPresent("a") != null);
    String genesis = client.hget("{nodes:0}:s", "g");
    awaitHeartbeat();
    client.hset("{nodes:0}:s", "q", "1"); // a failover lost the newest command
    await().until(() -> !genesis.equals(client.hget("{nodes:0}:s", "g")));
    awaitGone(node, "a");
  }

  @Test
  void clock_runsBackwards_beginsAnotherHistory() {
    TieredCache<String, String> node = node(BEAT);
    node.fetch("a", (key, older) -> red("v"));
    one.invalidateTag("other");
    awaitHeartbeat();
    String genesis = client.hget("{nodes:0}:c", "g");
    client.hset("{nodes:0}:c", "i", "another"); // another mark took this time
    await().until(() -> !genesis.equals(client.hget("{nodes:0}:c", "g")));
    awaitGone(node, "a");
  }

  private void awaitHeartbeat() {
    long before = calls();
    await().until(() -> calls() > before + 4);
  }

  private long calls() {
    return client
        .info("commandstats")
        .lines()
        .filter(line -> line.startsWith("cmdstat_evalsha"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\w+:calls=(\\d+),.*", "$1")))
        .sum();
  }

  @Test
  void node_cutOff_doesNotUseItsMemoryForLongerThanItsBound() {
    try (var cut = cutOff()) {
      cut.node().get("a", this::load);
      proxy.cut();
      one.put("a", "newer");
      await().until(() -> cut.node().getIfPresent("a") == null);
    }
  }

  /** A node that is connected by way of the proxy, and trusted for a second. */
  private CutOff cutOff() {
    return new CutOff(
        node(
            RedisTier.at("redis://" + proxy.host() + ":" + proxy.port())
                .heartbeat(BEAT)
                .timeToLiveWhileAway(Duration.ofSeconds(1))));
  }

  private record CutOff(TieredCache<String, String> node) implements AutoCloseable {
    @Override
    public void close() {
      node.close();
    }
  }

  @Test
  void invalidateTag_whileAway_isDeadHereAtOnceAndOnTheOthersAfterwards() {
    try (var cut = cutOff()) {
      cut.node().fetch("a", (key, older) -> red("old"));
      assertThat(one.getIfPresent("a")).isEqualTo("old");
      proxy.cut();
      cut.node().invalidateTag("red");
      assertThat(cut.node().getIfPresent("a")).isNull();
      assertThat(one.getIfPresent("a")).isEqualTo("old");
      proxy.heal();
      assertThat(cut.node().getIfPresent("a")).isNull();
      awaitGone(one, "a");
      assertThat(cut.node().fetch("a", (key, older) -> red("new"))).isEqualTo("new");
      await().until(() -> "new".equals(one.getIfPresent("a")));
    }
  }

  @Test
  void eviction_ofTheClockAlone_doesNotMakeOldEntriesValidAgain() {
    TieredCache<String, String> node = node(BEAT);
    node.fetch("a", (key, older) -> red("old"));
    one.invalidateTag("red");
    client.del("{nodes:0}:c");
    awaitGone(node, "a");
    assertThat(node(NEVER).getIfPresent("a")).isNull();
  }
}

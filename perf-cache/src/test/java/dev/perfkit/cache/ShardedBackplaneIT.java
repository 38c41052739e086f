package dev.perfkit.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.perfkit.testkit.redis.RedisClusterFixture;
import dev.perfkit.testkit.redis.RedisNode;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClient;

/**
 * Proves on a cluster of Redis 7 or newer that invalidations go by sharded publish and subscribe,
 * reach the memory of other nodes at once, and still do after a failover.
 *
 * <p>Needs such a program: {@code -Dcache.redis7=/usr/bin/redis-server}. What an older Redis does
 * is proven by {@link ClusterIT}.
 */
@EnabledIfSystemProperty(named = "cache.redis7", matches = ".+")
class ShardedBackplaneIT {

  private static final Duration NEVER = Duration.ofMinutes(1);

  private final RedisClusterFixture cluster =
      RedisClusterFixture.builder()
          .binary(Path.of(System.getProperty("cache.redis7", "")))
          .replicas(1)
          .start();
  private final List<TieredCache<Integer, String>> nodes = new ArrayList<>();

  @AfterEach
  void stop() {
    nodes.forEach(TieredCache::close);
    cluster.close();
  }

  private TieredCache<Integer, String> node(Duration heartbeat) {
    TieredCache<Integer, String> node =
        TieredCache.<Integer, String>named("sharded")
            .remote(
                RedisTier.cluster(cluster.uris())
                    .commandTimeout(Duration.ofSeconds(2))
                    .retryAfter(Duration.ofMillis(20))
                    .heartbeat(heartbeat)
                    .timeToLiveWhileAway(Duration.ofMinutes(5)),
                StringSerializer.create())
            .build();
    nodes.add(node);
    for (int key = 0; key < 50; key++) {
      String unused = node.getIfPresent(key);
    }
    return node;
  }

  /** Waits until each of the 16 shards, and the clock, is heard by so many nodes. */
  private void awaitListeners(int listeners) {
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () -> {
              int heard = 0;
              for (int part = 0; part < RedisClusterFixture.MASTERS; part++) {
                heard += listeners(cluster.master(part), listeners);
              }
              assertThat(heard).isEqualTo(KeyLayout.SHARDS_OF_CLUSTER + 1);
            });
  }

  private static int listeners(RedisNode master, int count) {
    try (RedisClient client = RedisClient.create(URI.create(master.uri()))) {
      List<?> channels = (List<?>) pubsub(client, "SHARDCHANNELS");
      int heard = 0;
      for (Object channel : channels) {
        List<?> answer = (List<?>) pubsub(client, "SHARDNUMSUB", (byte[]) channel);
        heard += Long.valueOf(count).equals(answer.get(1)) ? 1 : 0;
      }
      return heard;
    }
  }

  private static Object pubsub(RedisClient client, String word, byte[]... more) {
    CommandArguments command = new CommandArguments(Protocol.Command.PUBSUB).add(word);
    for (byte[] each : more) {
      command.add(each);
    }
    return client.executeCommand(command);
  }

  private long calls(String command) {
    long calls = 0;
    for (int part = 0; part < RedisClusterFixture.MASTERS; part++) {
      try (RedisClient client = RedisClient.create(URI.create(cluster.master(part).uri()))) {
        calls +=
            client
                .info("commandstats")
                .lines()
                .filter(line -> line.startsWith("cmdstat_" + command + ":calls="))
                .mapToLong(line -> Long.parseLong(line.replaceAll(".*:calls=(\\d+),.*", "$1")))
                .sum();
      }
    }
    return calls;
  }

  private void reaches(TieredCache<Integer, String> from, TieredCache<Integer, String> to) {
    for (int key = 0; key < 50; key++) {
      String unused = to.get(key, k -> "old");
    }
    for (int key = 0; key < 50; key++) {
      from.remove(key);
    }
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () -> {
              for (int key = 0; key < 50; key++) {
                assertThat(to.getIfPresent(key)).isNull();
              }
            });
    String unused = to.fetch(1, (key, older) -> Loaded.of("old").tags("red"));
    from.invalidateTag("red");
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(to.getIfPresent(1)).isNull());
  }

  @Test
  void invalidations_onRedis7_goByShardAndReachOtherNodes() {
    TieredCache<Integer, String> one = node(NEVER);
    TieredCache<Integer, String> two = node(NEVER);
    awaitListeners(2);
    reaches(one, two);
    assertThat(calls("spublish")).isGreaterThanOrEqualTo(51);
    assertThat(calls("publish")).as("to all servers").isZero();
    assertThat(one.stats().remote().failures()).isZero();
  }

  @Test
  void failover_ofAMaster_isFollowedByTheLines() {
    TieredCache<Integer, String> one = node(Duration.ofMillis(200));
    TieredCache<Integer, String> two = node(Duration.ofMillis(200));
    awaitListeners(2);
    RedisNode old = cluster.master(0);
    RedisNode unused = cluster.failover(0);
    cluster.awaitReady();
    old.kill();
    awaitListeners(2);
    reaches(one, two);
  }

  @Test
  void cache_closed_leavesNoListener() {
    TieredCache<Integer, String> one = node(NEVER);
    awaitListeners(1);
    one.close();
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () -> {
              for (int part = 0; part < RedisClusterFixture.MASTERS; part++) {
                assertThat(listeners(cluster.master(part), 1)).isZero();
              }
            });
  }
}

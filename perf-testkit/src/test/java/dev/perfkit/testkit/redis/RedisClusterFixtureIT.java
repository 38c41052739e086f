package dev.perfkit.testkit.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.perfkit.testkit.internal.Leftovers;
import dev.perfkit.testkit.internal.Ports;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.exceptions.JedisConnectionException;

/**
 * Proves that the fixture's cluster is real: clients find every slot, a node dies, hangs and comes
 * back without the others, a replica takes over with or without the newest writes, and nothing is
 * left behind.
 */
@Timeout(180)
class RedisClusterFixtureIT {

  /** Keys of the first and of the last part: their slots are 5061 and 12182 of 16384. */
  private static final List<String> KEYS = List.of("bar", "foo");

  private static RedisClusterClient client(RedisClusterFixture cluster) {
    RedisNode first = cluster.nodes().get(0);
    return RedisClusterClient.create(new HostAndPort(first.host(), first.port()));
  }

  private static Jedis connect(RedisNode node) {
    return connect(node, 10_000);
  }

  private static Jedis connect(RedisNode node, int timeoutMillis) {
    return new Jedis(node.host(), node.port(), timeoutMillis);
  }

  @Test
  void start_withDefaults_servesAllSlotsFromThreeMasters() {
    try (RedisClusterFixture cluster = RedisClusterFixture.start();
        RedisClusterClient client = client(cluster)) {
      for (int i = 0; i < 300; i++) {
        client.set("key" + i, "value" + i);
        assertThat(client.get("key" + i)).isEqualTo("value" + i);
      }
      assertThat(cluster.nodes()).hasSize(3);
      assertThat(cluster.uris()[0]).isEqualTo(cluster.nodes().get(0).uri());
      for (int part = 0; part < 3; part++) {
        assertThat(cluster.master(part)).isSameAs(cluster.nodes().get(part));
        try (Jedis node = connect(cluster.master(part))) {
          assertThat(node.dbSize()).isBetween(50L, 150L);
        }
      }
      assertThatIllegalStateException()
          .isThrownBy(() -> cluster.failover(0))
          .withMessageContaining("builder().replicas(1)");
      assertThatIllegalArgumentException().isThrownBy(() -> cluster.master(3));
    }
  }

  @Test
  void nodes_killedFrozenRestarted_leaveTheOthersAtWork() {
    try (RedisClusterFixture cluster = RedisClusterFixture.start();
        RedisClusterClient client = client(cluster)) {
      KEYS.forEach(key -> client.set(key, "v"));
      RedisNode first = cluster.master(0);
      first.freeze();
      assertThatExceptionOfType(JedisConnectionException.class)
          .isThrownBy(() -> connect(first, 500).get("bar"));
      first.thaw();
      assertThat(client.get("bar")).isEqualTo("v");

      cluster.master(2).kill();
      assertThat(cluster.master(2).isRunning()).isFalse();
      assertThat(client.get("bar")).isEqualTo("v");
      cluster.master(2).restart();
      cluster.awaitReady();
      assertThat(client.get("foo")).as("its data is lost").isNull();
      client.set("foo", "again");
      assertThat(client.get("foo")).isEqualTo("again");
      assertThat(client.get("bar")).as("of another node").isEqualTo("v");

      cluster.master(1).stop();
      assertThat(cluster.master(1).isRunning()).isFalse();
    }
  }

  @Test
  void failover_replicated_losesNothingAndClientsFollow() {
    try (RedisClusterFixture cluster = RedisClusterFixture.builder().replicas(1).start();
        RedisClusterClient client = client(cluster)) {
      KEYS.forEach(key -> client.set(key, "v"));
      RedisNode old = cluster.master(2);
      RedisNode replica = cluster.replica(2);
      try (Jedis node = connect(replica)) {
        org.awaitility.Awaitility.await().until(() -> node.dbSize() == 1);
      }
      old.kill();
      assertThat(cluster.failover(2)).isSameAs(replica).isSameAs(cluster.master(2));
      assertThat(client.get("foo")).isEqualTo("v");
      client.set("foo", "new");

      old.restart();
      cluster.awaitReady();
      assertThat(cluster.replica(2)).isSameAs(old);
      assertThat(cluster.failover(2)).as("and back").isSameAs(old);
      assertThat(client.get("foo")).isEqualTo("new");
    }
  }

  @Test
  void failover_withReplicationHeld_losesTheNewestWritesAlone() {
    try (RedisClusterFixture cluster = RedisClusterFixture.builder().replicas(1).start();
        RedisClusterClient client = client(cluster)) {
      client.set("foo", "old");
      try (Jedis node = connect(cluster.replica(2))) {
        org.awaitility.Awaitility.await().until(() -> node.dbSize() == 1);
      }
      cluster.holdReplication(2);
      client.set("foo", "new");
      assertThat(client.get("foo")).isEqualTo("new");
      cluster.failover(2);
      assertThat(client.get("foo")).isEqualTo("old");
      cluster.awaitReady();
      client.set("foo", "newer");
      cluster.failover(2);
      assertThat(client.get("foo")).isIn("newer", "old");
    }
  }

  @Test
  void close_anyState_leavesNoProcessAndNoFile() throws IOException {
    RedisClusterFixture cluster = RedisClusterFixture.builder().replicas(1).start();
    assertThat(cluster.nodes()).hasSize(6).allMatch(RedisNode::isRunning);
    cluster.nodes().get(0).freeze();
    cluster.nodes().get(1).kill();
    cluster.close();
    cluster.close();
    for (RedisNode node : cluster.nodes()) {
      assertThat(node.isRunning()).isFalse();
      assertThat(Leftovers.isGone(node.pid())).isTrue();
      assertThat(Leftovers.fixtureOf(node.pid())).isEmpty();
      assertThat(Ports.isFree(node.port())).isTrue();
      assertThatIllegalStateException().isThrownBy(node::restart);
    }
  }
}

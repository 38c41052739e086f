package dev.perfkit.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perfkit.testkit.net.FaultProxy;
import dev.perfkit.testkit.redis.RedisClusterFixture;
import dev.perfkit.testkit.redis.RedisFixture;
import dev.perfkit.testkit.redis.RedisNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.RedisClient;

/**
 * Proves with three JVMs, under every fault, that no read is older than the staleness bound that
 * {@code health()} states, that no node forgets its own writes, that no operation exceeds its
 * bound, and that all tiers agree with the source once the fault is over; and that this would be
 * noticed.
 *
 * <p>{@code -Dcache.checker.operations=10000} makes each fault last that long.
 */
@Timeout(1800)
class ProcessesIT {

  private static final long OPERATIONS = Integer.getInteger("cache.checker.operations", 300);
  private static final int STRIKES = OPERATIONS < 1_000 ? 1 : 3;

  @TempDir private Path folder;

  private static void check(Processes processes, Map<String, Processes.Fault> faults)
      throws Exception {
    for (Map.Entry<String, Processes.Fault> fault : faults.entrySet()) {
      long start = System.nanoTime();
      Processes.Result result = processes.run(OPERATIONS, STRIKES, fault.getValue());
      System.out.printf(
          "%-29s %3d s, %6d operations, %6d loads, worst staleness %4d ms, %d violations%n",
          fault.getKey(),
          Duration.ofNanos(System.nanoTime() - start).toSeconds(),
          result.operations(),
          result.loads(),
          result.worstStaleness().toMillis(),
          result.violations().size());
      assertThat(result.violations()).as(fault.getKey()).isEmpty();
      assertThat(result.operations()).isGreaterThanOrEqualTo(OPERATIONS);
    }
  }

  private static int random(int bound) {
    return ThreadLocalRandom.current().nextInt(bound);
  }

  private static void wait(int millis) {
    Processes.pause(Duration.ofMillis(millis));
  }

  @Test
  void processes_onOneRedis_agreeUnderEveryFault() throws Exception {
    try (RedisFixture redis = RedisFixture.start()) {
      List<FaultProxy> proxies = new ArrayList<>();
      for (int i = 0; i < Board.NODES; i++) {
        proxies.add(FaultProxy.to(redis.host(), redis.port()));
      }
      try (Processes processes =
          new Processes(
              folder,
              "tiered",
              node ->
                  List.of("redis://" + proxies.get(node).host() + ":" + proxies.get(node).port()),
              Duration.ZERO)) {
        check(processes, faults(processes, redis, proxies));
      } finally {
        proxies.forEach(FaultProxy::close);
      }
    }
  }

  private static Map<String, Processes.Fault> faults(
      Processes processes, RedisFixture redis, List<FaultProxy> proxies) {
    Map<String, Processes.Fault> faults = new LinkedHashMap<>();
    faults.put("none", () -> {});
    faults.put("node killed", () -> processes.killAndStart(random(Processes.COUNT)));
    faults.put(
        "node frozen",
        () -> {
          int node = random(Processes.COUNT);
          processes.node(node).freeze();
          wait(900);
          processes.node(node).thaw();
        });
    faults.put(
        "Redis frozen",
        () -> {
          redis.freeze();
          wait(400);
          redis.thaw();
        });
    faults.put(
        "node cut off",
        () -> {
          proxies.get(1).cut();
          wait(900);
          proxies.get(1).heal();
        });
    faults.put(
        "node in a black hole",
        () -> {
          proxies.get(2).blackHole();
          wait(900);
          proxies.get(2).heal();
        });
    faults.put("connections reset", () -> proxies.get(random(Processes.COUNT)).reset());
    faults.put(
        "messages lost", () -> talk(redis, c -> send(c, Command.CLIENT, "KILL", "TYPE", "pubsub")));
    faults.put(
        "Redis restarted empty",
        () -> {
          redis.kill();
          wait(100);
          redis.restart();
        });
    faults.put("Redis full, allkeys-lru", () -> talk(redis, ProcessesIT::fill));
    return faults;
  }

  /** Has Redis evict at will: whatever was not used of late has to go, state and clock as well. */
  private static void fill(RedisClient client) {
    send(client, Command.CONFIG, "SET", "maxmemory-policy", "allkeys-lru");
    send(client, Command.CONFIG, "SET", "maxmemory", "4mb");
    for (int i = 0; i < 300; i++) {
      client.set("junk:" + random(3000), "x".repeat(20_000));
    }
  }

  /** With a connection of its own, as the last one may be dead. */
  private static void talk(RedisFixture redis, Consumer<RedisClient> what) {
    try (RedisClient client = RedisClient.create(redis.host(), redis.port())) {
      what.accept(client);
    }
  }

  private static void send(RedisClient client, Command command, String... arguments) {
    CommandArguments all = new CommandArguments(command);
    for (String argument : arguments) {
      all.add(argument);
    }
    Object unused = client.executeCommand(all);
  }

  /** A failover may forget; who knows what was forgotten tells at its next heartbeat. */
  @Test
  void processes_onACluster_agreeUnderEveryFault() throws Exception {
    try (RedisClusterFixture cluster = RedisClusterFixture.builder().replicas(1).start();
        Processes processes =
            new Processes(
                folder, "tiered", node -> List.of(cluster.uris()), Duration.ofMillis(600))) {
      Map<String, Processes.Fault> faults = new LinkedHashMap<>();
      faults.put("cluster, none", () -> {});
      faults.put(
          "cluster, failover",
          () -> {
            RedisNode unused = cluster.failover(random(RedisClusterFixture.MASTERS));
            cluster.awaitReady();
          });
      faults.put(
          "cluster, forgetful failover",
          () -> {
            int part = random(RedisClusterFixture.MASTERS);
            cluster.holdReplication(part);
            wait(200);
            RedisNode unused = cluster.failover(part);
            cluster.awaitReady();
          });
      faults.put(
          "cluster, master killed",
          () -> {
            int part = random(RedisClusterFixture.MASTERS);
            RedisNode old = cluster.master(part);
            old.kill();
            wait(100);
            RedisNode unused = cluster.failover(part);
            old.restart();
            cluster.awaitReady();
          });
      faults.put(
          "cluster, master lost its data",
          () -> {
            cluster.master(random(RedisClusterFixture.MASTERS)).restart();
            cluster.awaitReady();
          });
      faults.put(
          "cluster, master frozen",
          () -> {
            RedisNode master = cluster.master(random(RedisClusterFixture.MASTERS));
            master.freeze();
            wait(500);
            master.thaw();
          });
      faults.put("cluster, node killed", () -> processes.killAndStart(random(Processes.COUNT)));
      check(processes, faults);
    }
  }

  /**
   * Loads read a copy of the source, whose replay is paused for longer than the staleness bound;
   * what says which writes a load must not miss are the tokens of the invalidations.
   */
  @Test
  void processes_readingACopyWhoseReplayIsPaused_agree() throws Exception {
    try (RedisFixture redis = RedisFixture.start();
        Processes processes =
            new Processes(folder, "copies", node -> List.of(redis.uri()), Duration.ZERO)) {
      check(processes, Map.of("replay paused", () -> pauseReplay(processes)));
    }
  }

  private static void pauseReplay(Processes processes) {
    processes.pauseReplay(true);
    wait(2_000);
    processes.pauseReplay(false);
    wait(100);
  }

  @Test
  void processes_readingACopyWithoutTokens_areCaught() throws Exception {
    try (RedisFixture redis = RedisFixture.start();
        Processes processes =
            new Processes(folder, "untold", node -> List.of(redis.uri()), Duration.ZERO)) {
      Processes.Result result = processes.run(OPERATIONS, 1, () -> pauseReplay(processes));
      assertThat(result.violations()).isNotEmpty();
    }
  }

  @Test
  void processes_withANaiveCache_areCaught() throws Exception {
    try (RedisFixture redis = RedisFixture.start();
        Processes processes =
            new Processes(folder, "naive", node -> List.of(redis.uri()), Duration.ZERO)) {
      assertThat(processes.run(2_000, 1, () -> {}).violations()).isNotEmpty();
    }
  }
}

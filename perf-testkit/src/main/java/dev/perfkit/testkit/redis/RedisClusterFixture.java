package dev.perfkit.testkit.redis;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.support.Options;
import dev.perfkit.testkit.internal.FixtureFolder;
import dev.perfkit.testkit.internal.FixtureHome;
import dev.perfkit.testkit.internal.Ports;
import dev.perfkit.testkit.internal.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A real Redis Cluster on the loopback interface: three masters with a third of the slots each, and
 * as many replicas of each as wanted, for a test to use and to break.
 *
 * <p>It keeps nothing on disk but the cluster's own map, needs no password, and starts empty, in
 * about three seconds. A replica takes its master's place only when {@link #failover} says so.
 * Needs what {@link RedisFixture} needs, and cleans up as that does. It starts no threads. All
 * methods are safe for use by several threads.
 */
@Beta
public final class RedisClusterFixture implements AutoCloseable {

  /** {@value}. */
  public static final int MASTERS = 3;

  /** How long the cluster may take to start unless said otherwise: 60 s. */
  public static final Duration DEFAULT_START_TIMEOUT = Duration.ofSeconds(60);

  private static final Duration LONGEST_CHANGE = Duration.ofSeconds(30);
  private static final int MOST_REPLICAS = 4;

  private final FixtureFolder folder;
  private final ClusterMap map;
  private final List<RedisNode> nodes;
  private final ReentrantLock lock = new ReentrantLock();

  /** Of each part of the slots, its nodes; the first is its master. Guarded by the lock. */
  private final List<List<RedisNode>> parts = new ArrayList<>();

  private RedisClusterFixture(FixtureFolder folder, ClusterMap map, List<RedisNode> nodes) {
    this.folder = folder;
    this.map = map;
    this.nodes = nodes;
    for (int part = 0; part < MASTERS; part++) {
      List<RedisNode> ofPart = new ArrayList<>();
      for (int i = part; i < nodes.size(); i += MASTERS) {
        ofPart.add(nodes.get(i));
      }
      parts.add(ofPart);
    }
  }

  /**
   * Starts three masters without replicas.
   *
   * @throws IllegalStateException if it cannot run here; the message says why and what helps
   */
  public static RedisClusterFixture start() {
    return builder().start();
  }

  /** Returns a builder with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns all nodes; those that were masters at the start come first. */
  public List<RedisNode> nodes() {
    return nodes;
  }

  /** Returns the addresses of all nodes, as clients take them. */
  public String[] uris() {
    return nodes.stream().map(RedisNode::uri).toArray(String[]::new);
  }

  /**
   * Returns the master of a part of the slots.
   *
   * @param part 0 to 2
   * @throws IllegalArgumentException if it is out of range
   */
  public RedisNode master(int part) {
    return ofPart(part).get(0);
  }

  /**
   * Returns the replica that {@link #failover} will promote.
   *
   * @param part 0 to 2
   * @throws IllegalArgumentException if it is out of range
   * @throws IllegalStateException if there are no replicas
   */
  public RedisNode replica(int part) {
    List<RedisNode> all = ofPart(part);
    if (all.size() < 2) {
      throw new IllegalStateException(
          "part " + part + " has no replica: start the cluster with builder().replicas(1)");
    }
    return all.get(1);
  }

  private List<RedisNode> ofPart(int part) {
    int checked = Options.between("part", 0, MASTERS - 1, part);
    lock.lock();
    try {
      return List.copyOf(parts.get(checked));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Makes a replica the master of a part, whether the old one lives or not, and waits until every
   * node that answers knows. What had not reached the replica is lost. The old master becomes a
   * replica as soon as it hears of it.
   *
   * @param part 0 to 2
   * @return the new master
   * @throws IllegalStateException if there are no replicas, the replica does not answer, or the
   *     others do not agree within 30 s
   */
  public RedisNode failover(int part) {
    lock.lock();
    try {
      RedisNode old = master(part);
      RedisNode next = replica(part);
      String answer = next.ask("CLUSTER FAILOVER TAKEOVER");
      if (!answer.startsWith("+OK")) {
        throw new IllegalStateException(next + " refused to take over: " + answer.strip());
      }
      parts.get(part).remove(old);
      parts.get(part).add(old);
      String wanted = " " + map.slots(part);
      if (!Waiting.until(LONGEST_CHANGE, () -> allSee(next, wanted))) {
        throw new IllegalStateException("the cluster does not agree that " + next + " took over");
      }
      if (old.answers()) {
        resumeReplication(old);
      }
      return next;
    } finally {
      lock.unlock();
    }
  }

  private boolean allSee(RedisNode master, String slots) {
    return nodes.stream()
        .filter(RedisNode::answers)
        .allMatch(
            node ->
                node.ask("CLUSTER NODES")
                    .lines()
                    .anyMatch(line -> line.startsWith(master.id()) && line.endsWith(slots)));
  }

  /**
   * Cuts the replicas of a part off from their master, which goes on: a {@link #failover} then
   * loses what was written since. That ends it, and so does {@link RedisNode#restart} of the
   * master.
   *
   * @param part 0 to 2
   * @throws IllegalStateException if the master does not answer
   */
  public void holdReplication(int part) {
    RedisNode master = master(part);
    String answer =
        master.ask("ACL SETUSER default -psync -sync") + master.ask("CLIENT KILL TYPE replica");
    boolean held =
        answer.startsWith("+OK")
            && Waiting.until(
                LONGEST_CHANGE,
                () -> master.ask("INFO replication").contains("connected_slaves:0\r\n"));
    if (!held) {
      throw new IllegalStateException(master + " does not let go of its replicas: " + answer);
    }
  }

  private static void resumeReplication(RedisNode node) {
    String unused = node.ask("ACL SETUSER default +psync +sync");
  }

  /**
   * Waits until every node that answers takes part, and its replicas have all that their master
   * has.
   *
   * @throws IllegalStateException if that takes over 30 s
   */
  public void awaitReady() {
    awaitReady(LONGEST_CHANGE);
  }

  private void awaitReady(Duration atMost) {
    if (!Waiting.until(atMost, this::isReady)) {
      throw new IllegalStateException(
          "the cluster was not ready after " + atMost + ": " + states());
    }
  }

  private boolean isReady() {
    for (int part = 0; part < MASTERS; part++) {
      List<RedisNode> all = ofPart(part);
      for (RedisNode node : all) {
        if (node.answers() && !isReady(node, node == all.get(0))) {
          return false;
        }
      }
    }
    return true;
  }

  private static boolean isReady(RedisNode node, boolean master) {
    String replication = node.ask("INFO replication");
    return node.ask("CLUSTER INFO").contains("cluster_state:ok")
        && replication.contains(master ? "role:master" : "role:slave")
        && (master || replication.contains("master_link_status:up"));
  }

  private List<String> states() {
    return nodes.stream()
        .map(node -> node + " " + node.ask("CLUSTER INFO").lines().skip(1).findFirst().orElse("?"))
        .toList();
  }

  /** Ends all servers and deletes their files; further calls do nothing. Takes 20 s at most. */
  @Override
  public void close() {
    nodes.forEach(RedisNode::close);
    folder.close();
  }

  /** Configures and starts a {@link RedisClusterFixture}. For one thread. */
  @Beta
  public static final class Builder {

    private int replicas;
    private @Nullable Path binary;
    private Duration startTimeout = DEFAULT_START_TIMEOUT;

    private Builder() {}

    /**
     * Gives each master so many replicas, 0 to 4; none by default.
     *
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder replicas(int ofEach) {
      this.replicas = Options.between("replicas", 0, MOST_REPLICAS, ofEach);
      return this;
    }

    /**
     * Uses another Redis program than the packed one, 6.2 or newer.
     *
     * @throws IllegalArgumentException if there is no such executable file
     */
    public Builder binary(Path binary) {
      Options.require(Files.isExecutable(binary), "binary", "be an executable file", binary);
      this.binary = binary.toAbsolutePath();
      return this;
    }

    /**
     * Limits how long the cluster may take to start; {@link #DEFAULT_START_TIMEOUT} by default.
     *
     * @throws IllegalArgumentException if it is not over 0
     */
    public Builder startTimeout(Duration startTimeout) {
      this.startTimeout = Options.positive("startTimeout", startTimeout);
      return this;
    }

    /**
     * Starts the servers and waits until all take part.
     *
     * @throws IllegalStateException if they cannot run here; the message says why and what helps
     */
    public RedisClusterFixture start() {
      FixtureHome home = FixtureHome.open();
      Path own = binary;
      Path program = own == null ? RedisBinary.unpacked(home) : own;
      for (int attempt = 1; attempt <= Ports.ATTEMPTS; attempt++) {
        FixtureFolder folder = home.create("redis-cluster", program);
        RedisClusterFixture fixture = null;
        try {
          RedisBinary.requireRunnable(program, folder);
          fixture = launch(folder, program);
          if (fixture != null) {
            fixture.awaitReady(startTimeout);
            return fixture;
          }
          folder.close();
        } catch (RuntimeException failed) {
          folder.close();
          throw failed;
        }
      }
      throw new IllegalStateException(
          "redis found its ports taken in " + Ports.ATTEMPTS + " attempts with different ports");
    }

    /** Returns null if another process took one of the ports. */
    private @Nullable RedisClusterFixture launch(FixtureFolder folder, Path program) {
      ClusterMap map = ClusterMap.of(MASTERS, Ports.freeWithBus(MASTERS * (1 + replicas)));
      List<RedisNode> nodes = new ArrayList<>();
      for (ClusterMap.Member member : map.members()) {
        Path home = folder.path().resolve("node-" + nodes.size());
        write(map, home, member);
        RedisInstance server = new RedisInstance(folder, home, program, startTimeout, OPTIONS);
        if (!server.launch(member.port())) {
          return null;
        }
        nodes.add(new RedisNode(server, member.id()));
      }
      return new RedisClusterFixture(folder, map, List.copyOf(nodes));
    }

    private static void write(ClusterMap map, Path home, ClusterMap.Member member) {
      try {
        map.write(Files.createDirectory(home), member);
      } catch (IOException failed) {
        throw new UncheckedIOException("cannot write the map of a cluster", failed);
      }
    }
  }

  /** A part without a master does not stop the others; nobody takes over by itself. */
  private static final List<String> OPTIONS =
      List.of(
          "--cluster-enabled",
          "yes",
          "--cluster-node-timeout",
          "3000",
          "--cluster-require-full-coverage",
          "no",
          "--cluster-replica-no-failover",
          "yes",
          "--repl-diskless-sync",
          "yes",
          "--repl-diskless-sync-delay",
          "0");
}

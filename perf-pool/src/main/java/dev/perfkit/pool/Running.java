package dev.perfkit.pool;

import dev.perfkit.spi.support.WorkerThreads;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What runs behind a group.
 *
 * @param owned executors the group made itself, and ends
 */
record Running(
    String name,
    Topology topology,
    Router router,
    GroupEvents events,
    Replication replication,
    Sessions sessions,
    List<ExecutorService> owned,
    Future<?> ticks) {

  private static final Logger LOG = LoggerFactory.getLogger(PoolGroup.class);
  private static final Duration CLOSE_POOLS = Duration.ofSeconds(12);
  private static final Duration CLOSE_EXECUTOR = Duration.ofSeconds(1);

  /** Ends everything; Hikari may wait long for a connection that is being opened. */
  void stop() {
    router.close();
    ticks.cancel(false);
    topology.all().forEach(PoolNode::stopWatching);
    replication.close();
    int nodes = topology.all().size();
    ExecutorService closer =
        new ThreadPoolExecutor(
            nodes,
            nodes,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(nodes),
            WorkerThreads.factory("pool", name + "-close"));
    topology.all().forEach(node -> closer.execute(node::close));
    leaveBehind("pools", closer, CLOSE_POOLS);
    owned.forEach(executor -> leaveBehind("probes", executor, CLOSE_EXECUTOR));
  }

  /**
   * @throws IllegalArgumentException if there is none of that name
   */
  PoolNode node(String node) {
    for (PoolNode one : topology.all()) {
      if (one.name().equals(node)) {
        return one;
      }
    }
    List<String> names = topology.all().stream().map(PoolNode::name).toList();
    throw new IllegalArgumentException(
        "node must be one of " + names + " of pool group '" + name + "' but was '" + node + "'");
  }

  void credentials(String user, String password) {
    for (PoolNode node : topology.all()) {
      if (node.hasCredentialsProvider()) {
        throw new IllegalStateException(
            "pool group '"
                + name
                + "': node '"
                + node.name()
                + "' has a HikariCredentialsProvider: let that one return the new credentials");
      }
    }
    topology.all().forEach(node -> node.credentials(user, password));
    replication.renew();
    events.credentialsReplaced("credentials of all nodes were replaced");
  }

  private void leaveBehind(String what, ExecutorService executor, Duration atMost) {
    if (!WorkerThreads.stop(executor, atMost)) {
      LOG.warn("pool group '{}': {} did not end within {}; left behind", name, what, atMost);
    }
  }
}

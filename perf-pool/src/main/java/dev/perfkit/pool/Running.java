package dev.perfkit.pool;

import dev.perfkit.spi.support.WorkerThreads;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
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
    Replication replication,
    Sessions sessions,
    List<ExecutorService> owned) {

  private static final Logger LOG = LoggerFactory.getLogger(PoolGroup.class);
  private static final Duration CLOSE_POOLS = Duration.ofSeconds(12);
  private static final Duration CLOSE_EXECUTOR = Duration.ofSeconds(1);

  /** Ends everything; Hikari may wait long for a connection that is being opened. */
  void stop() {
    router.close();
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

  private void leaveBehind(String what, ExecutorService executor, Duration atMost) {
    if (!WorkerThreads.stop(executor, atMost)) {
      LOG.warn("pool group '{}': {} did not end within {}; left behind", name, what, atMost);
    }
  }
}

package dev.perfkit.pool;

import dev.perfkit.pool.balance.Balancer;
import dev.perfkit.pool.balance.Load;
import dev.perfkit.spi.TimeSource;
import java.util.Map;

/** How a group chooses among its replicas. */
record Balancing(Balancer balancer, Map<String, Double> weights) {

  /** Returns a new load of a node, which looks at the clock only if somebody looks at the times. */
  Load load(TimeSource timeSource) {
    return balancer.readsResponseTimes() ? Load.timed(timeSource) : Load.counted();
  }

  double weight(String node) {
    return weights.getOrDefault(node, 1.0);
  }
}

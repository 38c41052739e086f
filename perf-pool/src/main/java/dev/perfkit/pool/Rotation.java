package dev.perfkit.pool;

import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps breakers from emptying a group: no more than a share of its nodes may be out by breaker at
 * a time, and when less than half of all nodes can be used, breakers are ignored altogether,
 * because then the fault is hardly theirs (panic).
 */
final class Rotation {

  private final double share;
  private final GroupEvents events;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile List<PoolNode> nodes = List.of();
  private volatile boolean panicking;

  /**
   * @param share 0 to 1
   */
  Rotation(double share, GroupEvents events) {
    this.share = share;
    this.events = events;
  }

  void of(List<PoolNode> nodes) {
    this.nodes = List.copyOf(nodes);
  }

  boolean isPanicking() {
    return panicking;
  }

  /** Returns whether one node more may be taken out. */
  boolean mayOpen() {
    long out = nodes.stream().filter(PoolNode::isEjected).count();
    return out + 1 <= Math.floor(share * nodes.size());
  }

  /** Looks again after a node went out, came back or changed its state. */
  void restate() {
    boolean panics;
    lock.lock();
    try {
      long ejected = nodes.stream().filter(PoolNode::isEjected).count();
      long usable = nodes.stream().filter(node -> node.answers() && !node.isEjected()).count();
      panics = ejected > 0 && usable * 2 < nodes.size();
      if (panics == panicking) {
        return;
      }
      panicking = panics;
    } finally {
      lock.unlock();
    }
    if (panics) {
      events.panic();
    }
  }
}

package dev.perfkit.pool;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * The pool of a node, and its former ones: each is closed when its last connection came back. Only
 * one thread at a time changes the role, the one that has an answer of the node.
 */
final class NodePools {

  private final NodePlan plan;
  private final Queue<NodePool> former = new ConcurrentLinkedQueue<>();
  private volatile NodePool current;

  NodePools(NodePlan plan, NodePool first) {
    this.plan = plan;
    this.current = first;
  }

  NodePool current() {
    return current;
  }

  /**
   * Makes a pool for another role, if the role is another one. Connections that are out stay with
   * the former pool.
   *
   * @throws RuntimeException if it cannot be made; the present one stays
   */
  void serve(NodeRole role) {
    NodePool before = current;
    if (before.purpose() == role) {
      return;
    }
    NodePool next = plan.open(role);
    if (before.maximum() != before.ceiling()) {
      next.maximum(before.maximum());
    }
    current = next;
    before.evictAll();
    former.add(before);
  }

  void credentials(String user, String password) {
    plan.credentials(user, password);
    current.credentials(user, password);
  }

  void closeUnused(Executor executor) {
    List<NodePool> unused = former.stream().filter(pool -> pool.active() == 0).toList();
    for (NodePool pool : unused) {
      if (former.remove(pool)) {
        close(pool, executor);
      }
    }
  }

  private void close(NodePool pool, Executor executor) {
    try {
      executor.execute(pool::close);
    } catch (RejectedExecutionException later) {
      former.add(pool);
    }
  }

  void close() {
    former.forEach(NodePool::close);
    current.close();
  }
}

package dev.perfkit.pool;

import java.time.Duration;

/** What the breaker of a node does to the node and its group. */
final class Ejection implements Breaker.Group {

  private final PoolNode node;
  private final PoolNode.Group group;

  Ejection(PoolNode node, PoolNode.Group group) {
    this.node = node;
    this.group = group;
  }

  @Override
  public boolean mayOpen() {
    return group.rotation().mayOpen();
  }

  @Override
  public void opened(Duration howLong, int repeats) {
    node.meters().ejections.increment();
    group.rotation().restate();
    group.events().ejected(node, howLong, repeats);
  }

  @Override
  public void closed() {
    node.warmUp();
    group.rotation().restate();
    group.events().readmitted(node);
  }
}

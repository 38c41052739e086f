package dev.perfkit.pool;

import dev.perfkit.spi.Health;
import java.util.ArrayList;
import java.util.List;

/** Says how a group is doing, from what its nodes already know. */
final class GroupHealth {

  private GroupHealth() {}

  static Health of(Topology topology) {
    List<NodeStatus> nodes = topology.all().stream().map(PoolNode::status).toList();
    Health health = withoutDetails(nodes);
    for (NodeStatus node : nodes) {
      health = health.with(node.name(), describe(node));
    }
    return health;
  }

  private static Health withoutDetails(List<NodeStatus> nodes) {
    NodeStatus primary = nodes.get(0);
    List<NodeStatus> replicas = nodes.subList(1, nodes.size());
    boolean reads = nodes.stream().anyMatch(GroupHealth::isUp);
    String writes = whyNotWritable(primary);
    if (!writes.isEmpty()) {
      boolean unknown = nodes.stream().allMatch(node -> node.state() == NodeState.UNKNOWN);
      if (!reads) {
        return Health.of(unknown ? Health.Status.UNKNOWN : Health.Status.DOWN, writes);
      }
      String rest = primary.state() == NodeState.UP ? "" : ", reads go on elsewhere";
      return Health.of(Health.Status.DEGRADED, writes + rest + promoted(replicas));
    }
    List<String> wrong = replicaProblems(replicas);
    if (!primary.problem().isEmpty()) {
      wrong.add("primary '" + primary.name() + "': " + primary.problem());
    }
    return wrong.isEmpty()
        ? Health.up()
        : Health.of(Health.Status.DEGRADED, String.join("; ", wrong));
  }

  private static String whyNotWritable(NodeStatus primary) {
    String name = "primary '" + primary.name() + "'";
    if (!isUp(primary)) {
      String problem = primary.problem().isEmpty() ? "" : " (" + primary.problem() + ")";
      return name + " is " + primary.state() + problem + ": writes may fail";
    }
    return primary.role() == NodeRole.REPLICA ? name + " answers as a replica: writes fail" : "";
  }

  private static String promoted(List<NodeStatus> replicas) {
    for (NodeStatus replica : replicas) {
      if (replica.role() == NodeRole.PRIMARY) {
        return "; '" + replica.name() + "' accepts writes: was it promoted?";
      }
    }
    return "";
  }

  private static List<String> replicaProblems(List<NodeStatus> replicas) {
    List<String> wrong = new ArrayList<>();
    for (NodeStatus replica : replicas) {
      String name = "replica '" + replica.name() + "'";
      if (!isUp(replica) || !replica.problem().isEmpty()) {
        String problem = replica.problem().isEmpty() ? "" : " (" + replica.problem() + ")";
        wrong.add(name + " is " + replica.state() + problem);
      } else if (replica.role() == NodeRole.PRIMARY) {
        wrong.add(name + " accepts writes: was it promoted, or is it the primary's address?");
      }
    }
    return wrong;
  }

  private static boolean isUp(NodeStatus node) {
    return node.state() == NodeState.UP;
  }

  private static String describe(NodeStatus node) {
    return node.role()
        + " "
        + node.state()
        + " active="
        + node.active()
        + " idle="
        + node.idle()
        + " pending="
        + node.pending()
        + " maximum="
        + node.maximum();
  }
}

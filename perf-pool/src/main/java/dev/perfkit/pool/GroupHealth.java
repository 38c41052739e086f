package dev.perfkit.pool;

import dev.perfkit.spi.Health;
import java.util.ArrayList;
import java.util.List;

/** Says how a group is doing, from what its nodes already know. */
final class GroupHealth {

  private GroupHealth() {}

  static Health of(Topology topology) {
    List<NodeStatus> nodes = topology.all().stream().map(PoolNode::status).toList();
    Roster roster = topology.roster();
    Health health = withoutDetails(nodes, roster);
    for (NodeStatus node : nodes) {
      health = health.with(node.name(), describe(node, roster));
    }
    return health;
  }

  private static Health withoutDetails(List<NodeStatus> nodes, Roster roster) {
    boolean reads = nodes.stream().anyMatch(GroupHealth::isUp);
    PoolNode writer = roster.writer();
    String writes = writer == null ? noWrites(nodes) : whyNotWritable(writer.status());
    if (!writes.isEmpty()) {
      boolean unknown = nodes.stream().allMatch(node -> node.state() == NodeState.UNKNOWN);
      if (!reads) {
        return Health.of(unknown ? Health.Status.UNKNOWN : Health.Status.DOWN, writes);
      }
      return Health.of(Health.Status.DEGRADED, writes + ", reads go on where nodes are up");
    }
    List<String> wrong = problems(nodes, writer == null ? "" : writer.name());
    return wrong.isEmpty()
        ? Health.up()
        : Health.of(Health.Status.DEGRADED, String.join("; ", wrong));
  }

  private static String noWrites(List<NodeStatus> nodes) {
    List<String> said = new ArrayList<>();
    for (NodeStatus node : nodes) {
      String name = kind(node) + " '" + node.name() + "'";
      if (isUp(node)) {
        said.add(name + " answers as a replica");
      } else {
        said.add(name + " is " + node.state() + problem(node));
      }
    }
    return "writes fail, no node takes them: " + String.join("; ", said);
  }

  private static String whyNotWritable(NodeStatus writer) {
    return isUp(writer) || writer.state() == NodeState.EJECTED
        ? ""
        : "primary '"
            + writer.name()
            + "' is "
            + writer.state()
            + problem(writer)
            + ": writes wait or fail";
  }

  private static List<String> problems(List<NodeStatus> nodes, String writer) {
    List<String> wrong = new ArrayList<>();
    for (NodeStatus node : nodes) {
      boolean writes = node.name().equals(writer);
      String name = (writes ? "primary '" : "replica '") + node.name() + "'";
      if (!isUp(node) || !node.problem().isEmpty()) {
        wrong.add(name + " is " + node.state() + problem(node));
      } else if (!writes && node.role() == NodeRole.PRIMARY) {
        wrong.add(name + " accepts writes: is it the primary's address?");
      }
    }
    return wrong;
  }

  private static String kind(NodeStatus node) {
    return node.label() == NodeRole.PRIMARY ? "primary" : "replica";
  }

  private static String problem(NodeStatus node) {
    return node.problem().isEmpty() ? "" : " (" + node.problem() + ")";
  }

  private static boolean isUp(NodeStatus node) {
    return node.state() == NodeState.UP;
  }

  private static String describe(NodeStatus node, Roster roster) {
    PoolNode writer = roster.writer();
    return node.role()
        + (writer != null && writer.name().equals(node.name()) ? ", takes writes, " : " ")
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

package dev.perfkit.pool;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The nodes of a group and who may do what. Where writes go is decided by what the node said it is;
 * the label only says where to look.
 */
final class Topology {

  private final String group;
  private final PoolNode primary;
  private final List<PoolNode> replicas;
  private final List<PoolNode> all;
  private final Balancer balancer;
  private final FallbackLimit fallbacks;

  Topology(
      String group,
      PoolNode primary,
      List<PoolNode> replicas,
      Balancer balancer,
      FallbackLimit fallbacks) {
    this.fallbacks = fallbacks;
    this.group = group;
    this.primary = primary;
    this.replicas = List.copyOf(replicas);
    this.balancer = balancer;
    List<PoolNode> nodes = new ArrayList<>();
    nodes.add(primary);
    nodes.addAll(replicas);
    this.all = List.copyOf(nodes);
  }

  List<PoolNode> all() {
    return all;
  }

  PoolNode primary() {
    return primary;
  }

  boolean hasReplicas() {
    return !replicas.isEmpty();
  }

  /**
   * Returns the node to write to.
   *
   * @throws SQLException if it is known to accept no writes
   */
  PoolNode writer() throws SQLException {
    if (primary.condition().role() == NodeRole.REPLICA) {
      throw Errors.notWritable(group, primary);
    }
    return primary;
  }

  /**
   * Returns the best node to read from: a replica that answers, else the primary if it answers and
   * has not borne too many reads of replicas that are behind, else one of those, else whatever may
   * come back; null if none passes.
   */
  @Nullable PoolNode reader(Predicate<PoolNode> allowed) {
    PoolNode replica = balancer.choose(replicas, allowed);
    if (replica != null) {
      return replica;
    }
    PoolNode behind = lagging(allowed);
    if (behind != null && !fallbacks.tryAcquire()) {
      return behind;
    }
    if (primary.eligible() && allowed.test(primary)) {
      return primary;
    }
    PoolNode best = null;
    for (PoolNode node : all) {
      boolean better = best == null || rank(node) < rank(best);
      if (allowed.test(node) && better) {
        best = node;
      }
    }
    return best;
  }

  /** Returns whether reads of this node are a replica's. */
  boolean isReplica(PoolNode node) {
    return replicas.contains(node);
  }

  /** Returns the best replica that answers and passes, or null. */
  @Nullable PoolNode replica(Predicate<PoolNode> allowed) {
    return balancer.choose(replicas, allowed);
  }

  /** Returns a replica that passes and is kept out only because it is too far behind, or null. */
  @Nullable PoolNode lagging(Predicate<PoolNode> allowed) {
    return replicas.stream()
        .filter(node -> node.isLagging() && allowed.test(node))
        .min(Comparator.comparingInt(PoolNode::inFlight))
        .orElse(null);
  }

  /** Returns whether a replica answers, other than one that was lost a moment ago. */
  boolean hasLiveReplica(@Nullable PoolNode lost) {
    return replicas.stream()
        .anyMatch(node -> node != lost && (node.eligible() || node.isLagging()));
  }

  /** Returns a node that answers, whichever has the least to do. */
  PoolNode anyNode() {
    PoolNode node = balancer.choose(all, any -> true);
    return node == null ? primary : node;
  }

  private static int rank(PoolNode node) {
    return switch (node.condition().state()) {
      case UP -> 0;
      case SUSPECT -> 1;
      case UNKNOWN -> 2;
      case DOWN -> 3;
    };
  }
}

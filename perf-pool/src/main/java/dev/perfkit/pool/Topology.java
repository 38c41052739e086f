package dev.perfkit.pool;

import dev.perfkit.pool.balance.Balancer;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The nodes of a group and who may do what. That is decided by what the nodes said they are; the
 * labels only say where to look.
 */
final class Topology {

  private final List<PoolNode> all;
  private final Leadership leadership;
  private final Balancer balancer;
  private final FallbackLimit fallbacks;

  /**
   * @param nodes the labelled primary first
   */
  Topology(
      List<PoolNode> nodes, Leadership leadership, Balancer balancer, FallbackLimit fallbacks) {
    this.fallbacks = fallbacks;
    this.all = List.copyOf(nodes);
    this.leadership = leadership;
    this.balancer = balancer;
  }

  List<PoolNode> all() {
    return all;
  }

  /** Returns the node configured as the primary, whose settings hold for the group. */
  PoolNode primary() {
    return all.get(0);
  }

  boolean hasReplicas() {
    return all.size() > 1;
  }

  Roster roster() {
    return leadership.roster();
  }

  /** Returns the node to write to, if there is one and it answers. */
  @Nullable PoolNode writer() {
    PoolNode writer = leadership.roster().writer();
    return writer != null && writer.answers() && !writer.isDrained() ? writer : null;
  }

  /** Returns how much has happened to the nodes. */
  long news() {
    return leadership.news();
  }

  /** Waits for more news of the nodes, which are asked meanwhile. */
  void awaitNews(long seen, long millis) throws InterruptedException {
    leadership.await(seen, TimeUnit.MILLISECONDS.toNanos(millis));
  }

  /**
   * Returns the best node to read from: a replica that answers, else the primary if it answers and
   * has not borne too many reads of replicas that are behind, else one of those, else whatever may
   * come back; null if none passes.
   */
  @Nullable PoolNode reader(Predicate<PoolNode> allowed) {
    Roster roster = leadership.roster();
    PoolNode replica =
        balancer.choose(roster.readers(), node -> node.admits() && allowed.test(node));
    if (replica != null) {
      return replica;
    }
    PoolNode behind = lagging(allowed);
    if (behind != null && !fallbacks.tryAcquire()) {
      return behind;
    }
    PoolNode writer = roster.writer();
    if (writer != null && writer.eligible() && allowed.test(writer)) {
      return writer;
    }
    PoolNode warming = balancer.choose(roster.readers(), allowed);
    return warming != null ? warming : lastResort(roster, allowed);
  }

  private static @Nullable PoolNode lastResort(Roster roster, Predicate<PoolNode> allowed) {
    PoolNode best = null;
    for (PoolNode node : roster.readers()) {
      best = better(best, node, allowed);
    }
    PoolNode writer = roster.writer();
    return writer == null ? best : better(best, writer, allowed);
  }

  private static @Nullable PoolNode better(
      @Nullable PoolNode best, PoolNode node, Predicate<PoolNode> allowed) {
    boolean better = best == null || rank(node) < rank(best);
    return better && !node.isDrained() && allowed.test(node) ? node : best;
  }

  /** Returns whether reads of this node are a replica's. */
  boolean isReplica(PoolNode node) {
    return leadership.roster().readers().contains(node);
  }

  /** Returns the best replica that answers and passes, or null. */
  @Nullable PoolNode replica(Predicate<PoolNode> allowed) {
    List<PoolNode> readers = leadership.roster().readers();
    PoolNode warm = balancer.choose(readers, node -> node.admits() && allowed.test(node));
    return warm == null ? balancer.choose(readers, allowed) : warm;
  }

  /** Returns a replica that passes and is kept out only because it is too far behind, or null. */
  @Nullable PoolNode lagging(Predicate<PoolNode> allowed) {
    return leadership.roster().readers().stream()
        .filter(node -> node.isLagging() && allowed.test(node))
        .min(Comparator.comparingInt(PoolNode::inFlight))
        .orElse(null);
  }

  /** Returns whether a replica answers, other than one that was lost a moment ago. */
  boolean hasLiveReplica(@Nullable PoolNode lost) {
    return leadership.roster().readers().stream()
        .anyMatch(node -> node != lost && (node.eligible() || node.isLagging()));
  }

  /** Returns a node that answers, whichever has the least to do. */
  PoolNode anyNode() {
    PoolNode node = balancer.choose(all, any -> true);
    return node == null ? primary() : node;
  }

  private static int rank(PoolNode node) {
    return switch (node.condition().state()) {
      case UP, EJECTED, DRAINED, REFUSED -> node.isUsable() ? 0 : 1;
      case SUSPECT -> 2;
      case UNKNOWN -> 3;
      case DOWN -> 4;
    };
  }
}

package dev.perfkit.pool;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The way of one read that must see something: to a replica that shows it, after a wait if there is
 * none yet, else to the primary.
 *
 * <p>What it must see is the session's floor, and everything that its earlier reads showed. Those
 * of the node it goes to are covered as long as that node has not started again; those of another
 * node, by a position of the primary, or of that node, from after the read.
 */
final class SessionRead {

  private static final long LIMIT_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final SessionRouting routing;
  private final SessionState session;
  private final @Nullable PoolNode excluded;
  private final long start;
  private final Set<PoolNode> failed = new HashSet<>();
  private SessionState.Need need;
  private boolean primaryOnly;
  private boolean lagging;

  SessionRead(SessionRouting routing, SessionState session, @Nullable PoolNode excluded) {
    this.routing = routing;
    this.session = session;
    this.excluded = excluded;
    this.start = routing.timeSource.nanoTime();
    this.need = session.need();
  }

  Lease borrow() throws SQLException {
    settle();
    if (primaryOnly || (routing.mode == ReadYourWrites.PRIMARY && need.floor() != null)) {
      return primary();
    }
    Lease lease = replica();
    if (lease == null && routing.mode == ReadYourWrites.WAIT) {
      lease = awaited();
    }
    return lease == null ? fallback() : lease;
  }

  /** Brings the floor to the primary's timeline, or decides that only the primary will do. */
  private void settle() {
    WalPosition primary = routing.replication.primary();
    Floor floor = need.floor();
    if (need.primaryOnly()) {
      primaryOnly = true;
    } else if (primary == null) {
      onPrimaryUntilKnown(need.unsettled() || floor != null);
    } else if (need.unsettled()) {
      if (primary.wasAskedSince(need.settleSince())) {
        replace(null, primary.floor());
      } else {
        onPrimaryUntilKnown(true);
      }
    } else if (floor != null) {
      settle(floor, primary);
    }
  }

  private void settle(Floor floor, WalPosition primary) {
    if (floor.system() != primary.system()) {
      routing.meters.foreign.increment();
      session.unsettle(floor, routing.timeSource.nanoTime());
      onPrimaryUntilKnown(true);
    } else if (floor.timeline() > primary.timeline()) {
      onPrimaryUntilKnown(true);
    } else if (floor.timeline() < primary.timeline()) {
      Floor anchor = routing.replication.anchor();
      replace(floor, anchor == null ? primary.floor() : anchor);
    }
  }

  private void onPrimaryUntilKnown(boolean needed) {
    primaryOnly = needed;
    routing.replication.demand();
  }

  private void replace(@Nullable Floor wrong, Floor right) {
    session.replace(wrong, right);
    need = session.need();
  }

  /** Returns a lease of a replica that shows everything, or null. */
  private @Nullable Lease replica() throws SQLException {
    PoolNode node = choose();
    while (node != null) {
      Lease lease = tryAt(node);
      if (lease != null) {
        routing.meters.onReplica.increment();
        return lease;
      }
      failed.add(node);
      node = choose();
    }
    return null;
  }

  /** The node of the last read if it will do, else the one that the balancer likes best. */
  private @Nullable PoolNode choose() {
    PoolNode last = need.last();
    if (last != null && routing.topology.isReplica(last) && last.eligible() && seemsFit(last)) {
      return last;
    }
    PoolNode replica = routing.topology.replica(this::seemsFit);
    return replica == null && lagging ? routing.topology.lagging(this::seemsFit) : replica;
  }

  /** By what is known of the node; a borrowed connection may know better. */
  private boolean seemsFit(PoolNode node) {
    if (node == excluded || failed.contains(node)) {
      return false;
    }
    Floor required = need.floor();
    for (SessionState.Read read : need.reads()) {
      if (read.node() != node) {
        Floor cover = cover(read);
        if (cover == null) {
          return false;
        }
        required = required == null ? cover : required.max(cover);
      }
    }
    WalPosition known = routing.replication.of(node);
    return required == null || (known != null && known.reaches(required));
  }

  /** Returns a position that shows at least what a read showed, or null if none is known. */
  private @Nullable Floor cover(SessionState.Read read) {
    WalPosition primary = routing.replication.primary();
    if (primary != null && primary.wasAskedSince(read.endedNanos())) {
      return primary.floor();
    }
    WalPosition there = routing.replication.of(read.node());
    return there != null && there.covers(read.beganNanos(), read.endedNanos())
        ? there.floor()
        : null;
  }

  private @Nullable Lease tryAt(PoolNode node) throws SQLException {
    Lease lease;
    try {
      lease = routing.router.take(node, patienceMillis());
    } catch (SQLException failure) {
      routing.router.observed(node, failure);
      return null;
    }
    boolean fit = false;
    try {
      fit = isFit(lease);
    } catch (SQLException failure) {
      routing.router.observed(lease, failure);
    } finally {
      if (!fit) {
        routing.router.giveBackQuietly(lease);
      }
    }
    return fit ? lease : null;
  }

  private boolean isFit(Lease lease) throws SQLException {
    Physical physical = routing.physical(lease);
    Floor required = need.floor();
    List<SessionState.Read> covered = new ArrayList<>();
    for (SessionState.Read read : need.reads()) {
      boolean sameLife = read.node() == lease.node && read.beganNanos() - physical.seenNanos >= 0;
      if (!sameLife) {
        Floor cover = cover(read);
        if (cover == null) {
          return false;
        }
        required = required == null ? cover : required.max(cover);
        covered.add(read);
      }
    }
    if (required == null) {
      return true;
    }
    boolean fit = reaches(lease, physical, required);
    if (fit) {
      session.moved(required, covered);
    }
    return fit;
  }

  private boolean reaches(Lease lease, Physical physical, Floor required) throws SQLException {
    WalPosition known = physical.known(routing.replication.of(lease.node));
    if (known != null && known.reaches(required)) {
      return true;
    }
    WalPosition read = routing.ask(lease, physical);
    return read != null && read.reaches(required);
  }

  private @Nullable Lease awaited() throws SQLException {
    long before = routing.timeSource.nanoTime();
    boolean changed = await(Math.min(routing.waitNanos, remainingNanos()));
    routing.meters.waits.record(routing.timeSource.nanoTime() - before);
    return changed ? replica() : null;
  }

  /** Waits until a replica seems fit; a floor that the primary has not reached is replaced. */
  private boolean await(long nanos) throws SQLException {
    List<PoolNode> asked = routing.topology.all();
    try {
      return routing.replication.await(asked, this::seemsAnyFit, nanos);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw Errors.interrupted(routing.router.group());
    }
  }

  private boolean seemsAnyFit() {
    if (routing.unmask(session)) {
      need = session.need();
    }
    return choose() != null;
  }

  /** The primary, but not for more reads than it should bear while replicas live. */
  private Lease fallback() throws SQLException {
    while (routing.topology.hasLiveReplica(excluded) && !routing.limit.tryAcquire()) {
      long remaining = remainingNanos();
      if (remaining <= 0) {
        routing.meters.refused.increment();
        throw Errors.notCaughtUp(routing.router.group(), routing.router.acquireTimeoutMillis());
      }
      failed.clear();
      // One that lags in all but shows what this session must see is better than none.
      lagging = true;
      if (await(Math.min(remaining, LIMIT_PAUSE_NANOS))) {
        Lease lease = replica();
        if (lease != null) {
          return lease;
        }
      }
    }
    return primary();
  }

  private Lease primary() throws SQLException {
    Lease lease = routing.writable(routing.router.borrow(false));
    routing.meters.onPrimary.increment();
    return lease;
  }

  private long patienceMillis() {
    return Math.max(
        1, Math.min(Router.PATIENCE_MILLIS, TimeUnit.NANOSECONDS.toMillis(remainingNanos())));
  }

  private long remainingNanos() {
    long budget = TimeUnit.MILLISECONDS.toNanos(routing.router.acquireTimeoutMillis());
    return budget - (routing.timeSource.nanoTime() - start);
  }
}

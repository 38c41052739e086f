package dev.perfkit.pool;

import dev.perfkit.spi.TimeSource;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** One server of a group: its pool, and what is known of it. Safe for use by any threads. */
final class PoolNode extends LoadedNode implements NodeMonitor.Listener {

  /** What all nodes of a group share. */
  record Group(
      Leadership leadership,
      Rotation rotation,
      GroupEvents events,
      TimeSource timeSource,
      Duration hold,
      Duration ejection,
      Duration slowStart,
      Executor executor,
      Balancing balancing,
      WalQuery query) {}

  private final NodePlan plan;
  private final NodePools pools;
  private final NodeMeters meters;
  private final Group group;
  private final Breaker breaker;
  private final SlowStart slowStart;
  private final InFlight leases;
  private final ReentrantLock changing = new ReentrantLock();
  private volatile Condition condition = Condition.UNKNOWN;
  private volatile Refusal refusal = Refusal.NONE;
  private volatile boolean drained;
  private volatile boolean held;
  private volatile long heldUntil;
  private volatile long nextRestProbe;
  private volatile @Nullable CountDownLatch first;
  private volatile @Nullable NodeMonitor monitor;
  private volatile @Nullable Exception lastFailure;

  PoolNode(NodePlan plan, NodePool pool, NodeMeters meters, Group group) {
    super(group.balancing().load(group.timeSource()), group.balancing().weight(plan.name()));
    this.plan = plan;
    this.pools = new NodePools(plan, pool);
    this.meters = meters;
    this.group = group;
    this.breaker = new Breaker(group.ejection(), group.timeSource(), new Ejection(this, group));
    this.slowStart = new SlowStart(group.slowStart(), group.timeSource());
    this.leases = new InFlight(pool.ceiling());
    this.heldUntil = group.timeSource().nanoTime();
    this.nextRestProbe = heldUntil;
    meters.gauge("pool.active", "connections in use", () -> pool().active());
    meters.gauge("pool.idle", "connections ready for use", () -> pool().idle());
    meters.gauge("pool.pending", "threads that wait", () -> pool().pending());
    meters.gauge("pool.maximum", "connections allowed", () -> pool().maximum());
    meters.gauge("pool.node.up", "1 if the node answers, else 0", () -> answers() ? 1 : 0);
  }

  /**
   * Starts the probes.
   *
   * @param firstAnswer counted down after the first probe, whatever came of it
   */
  void watch(
      NodeMonitor.Pace pace,
      int timeoutMillis,
      ScheduledExecutorService scheduler,
      CountDownLatch firstAnswer) {
    first = firstAnswer;
    SqlProbe probe = new SqlProbe(group.query(), source(), plan.label(), timeoutMillis);
    NodeMonitor watching = new NodeMonitor(probe, this, pace, group.executor(), scheduler);
    monitor = watching;
    watching.probeNow();
  }

  private void probed() {
    CountDownLatch waited = first;
    if (waited != null) {
      first = null;
      waited.countDown();
    }
  }

  private NodePool pool() {
    return pools.current();
  }

  String name() {
    return plan.name();
  }

  NodeRole label() {
    return plan.label();
  }

  Condition condition() {
    return condition;
  }

  /** Returns how to connect as the pool does. */
  ConnectionSource source() {
    return () -> pool().source().open();
  }

  NodeMeters meters() {
    return meters;
  }

  /** Returns what the host has configured, whatever the role is now. */
  boolean readOnlyByDefault() {
    return plan.readOnlyByDefault();
  }

  boolean autoCommitByDefault() {
    return pool().autoCommitByDefault();
  }

  /** The longest wait of a borrow, as configured or changed since through Hikari's own bean. */
  long acquireTimeoutMillis() {
    return pool().acquireTimeoutMillis();
  }

  @Nullable Exception lastFailure() {
    return lastFailure;
  }

  /** Returns whether its last probe was answered, and nothing has failed since. */
  boolean answers() {
    return condition.state() == NodeState.UP;
  }

  boolean isEjected() {
    return breaker.isOpen();
  }

  boolean isDrained() {
    return drained;
  }

  @Override
  public boolean eligible() {
    return isReadable() && !isBehind();
  }

  private boolean isReadable() {
    return isUsable() && (breaker.allows() || group.rotation().isPanicking());
  }

  /** As {@link #eligible}, but for lag and breaker: what nobody else can do is tried. */
  boolean isUsable() {
    return answers() && !isHeld() && !drained && refusal.isNone();
  }

  /** Returns whether this piece of work may come, while the node is warming up. */
  boolean admits() {
    return slowStart.admits();
  }

  /** Returns whether it would be eligible if it were not too far behind. */
  boolean isLagging() {
    return isBehind() && isReadable();
  }

  /** Returns whether it lives but refused a connection a moment ago. */
  private boolean isHeld() {
    if (held && group.timeSource().nanoTime() - heldUntil >= 0) {
      held = false;
    }
    return held;
  }

  private void hold() {
    heldUntil = group.timeSource().nanoTime() + group.hold().toNanos();
    held = true;
  }

  /** Borrows; the work counts as in flight from now on, the wait included. */
  Lease borrow(long timeoutMillis, boolean replica) throws SQLException {
    Lease lease = new Lease(this, pool(), replica);
    lease.begun = load.begin();
    leases.enter(lease);
    boolean borrowed = false;
    try {
      lease.connection = lease.pool.borrow(timeoutMillis);
      leases.borrowed(lease);
      borrowed = true;
      return lease;
    } finally {
      if (!borrowed) {
        lease.failed = true;
        leave(lease);
        meters.borrowFailures.increment();
      }
    }
  }

  void giveBack(Lease lease) throws SQLException {
    leave(lease);
    breaker.succeeded();
    lease.connection.close();
  }

  /** Ends a connection from outside of its thread; the pool replaces it. */
  void discard(Lease lease) {
    leave(lease);
    lease.pool.evict(lease.connection);
  }

  private void leave(Lease lease) {
    leases.leave(lease);
    load.end(lease.begun, lease.failed);
  }

  /** Returns whether every connection that is allowed exists and is in use. */
  boolean isSaturated() {
    return pool().isSaturated();
  }

  /** Takes note of a failure in use or at a borrow, before the caller sees it. */
  void observe(Evidence evidence, SQLException failure) {
    if (evidence.endsConnections()) {
      suspect(failure);
    } else if (evidence != Evidence.NONE) {
      breaker.failed();
    }
    if (evidence == Evidence.CONNECTION) {
      // Hikari does not check connections that were used a moment ago; the others are dead as well.
      pool().evictAll();
    } else if (evidence.isRefusal()) {
      refused("it refused a connection: ", failure);
      probeNow();
    }
  }

  private void refused(String what, Exception failure) {
    lastFailure = failure;
    update(now -> now.troubled(what + Errors.brief(failure)));
    hold();
  }

  void probeNow() {
    NodeMonitor watching = monitor;
    if (watching != null) {
      watching.probeNow();
    }
  }

  /** Asks now, unless the node has just said that it does not let us in. */
  void probeUnlessHeld() {
    if (!isHeld()) {
      probeNow();
    }
  }

  /** Asks a node on whose connections nothing has happened for a while; for one thread. */
  void tick() {
    boolean resting = leases.resting();
    long now = group.timeSource().nanoTime();
    if (resting && now - nextRestProbe >= 0) {
      nextRestProbe = now + group.hold().toNanos();
      probeUnlessHeld();
    }
    pools.closeUnused(group.executor());
  }

  private void suspect(SQLException failure) {
    lastFailure = failure;
    String problem = "a connection failed in use: " + Errors.brief(failure);
    Condition before = update(now -> now.state() == NodeState.DOWN ? now : now.suspect(problem));
    if (before.state() != NodeState.SUSPECT && before.state() != NodeState.DOWN) {
      probeNow();
    }
  }

  @Override
  public void answered(Answer answer) {
    meters.answered();
    lastFailure = null;
    serve(answer.role());
    group.leadership().answered(this, answer);
    Condition before = update(now -> now.answered(answer.role()));
    if (before.state() == NodeState.SUSPECT) {
      breaker.failed(); // It answers, and yet a connection failed in use.
    } else if (before.state() == NodeState.DOWN) {
      warmUp();
      group.events().nodeUp(this, answer.role());
    }
    if (before.role() != NodeRole.UNKNOWN && before.role() != answer.role()) {
      group.events().roleChanged(this, before.role(), answer.role());
    }
    if (before.state() != NodeState.UP) {
      restated();
    }
    pool().trim();
    probed();
  }

  /** Those who wait, and the breakers' limits, depend on who answers. */
  private void restated() {
    group.rotation().restate();
    group.leadership().signal();
  }

  /** Gives a node whose role changed connections for that role. */
  private void serve(NodeRole role) {
    try {
      pools.serve(role);
    } catch (RuntimeException failed) {
      lastFailure = failed;
      update(now -> now.troubled("its pool could not be replaced: " + Errors.brief(failed)));
    }
  }

  @Override
  public void failed(Exception failure) {
    lastFailure = failure;
    String problem = "a probe failed: " + Errors.brief(failure);
    switch (Evidence.of(failure)) {
      case CONNECTION -> {
        meters.failed();
        down(problem, !Evidence.isShutdown(failure));
      }
      case TIMEOUT -> late(problem);
      case FULL, AUTHENTICATION -> {
        meters.failed();
        refused("a probe failed: ", failure);
      }
      default -> {
        meters.failed();
        update(now -> now.troubled(problem));
      }
    }
    probed();
  }

  @Override
  public void overdue(Duration waited) {
    late("no answer to a probe within " + waited.toMillis() + " ms");
  }

  /** A group that nobody can write to asks all of its nodes often. */
  @Override
  public boolean isCalm() {
    return answers() && refusal.isNone() && group.leadership().roster().writer() != null;
  }

  /** One late answer makes a node suspect, the next one takes it down. */
  private void late(String problem) {
    meters.timedOut();
    if (condition.state() == NodeState.SUSPECT || condition.state() == NodeState.DOWN) {
      down(problem, true);
    } else {
      update(now -> now.suspect(problem));
    }
  }

  private void down(String problem, boolean release) {
    boolean writer = group.leadership().roster().writer() == this;
    Condition before = update(now -> now.down(problem));
    group.leadership().lost(this);
    if (release) {
      release(problem);
    } else {
      pool().evictAll();
    }
    if (before.state() != NodeState.DOWN) {
      restated();
      group.events().nodeDown(this, writer, problem);
    }
  }

  /** Ends what is in flight here, and idle connections. */
  void release(String why) {
    int aborted = leases.abort(group.executor());
    pool().evictAll();
    if (aborted > 0) {
      meters.aborted.add(aborted);
      group.events().released(this, aborted, why);
    }
  }

  /** Returns whether that is news. */
  boolean refuse(Refusal because) {
    boolean news = !refusal.reason().equals(because.reason());
    refusal = because;
    return news;
  }

  /** Its share of the work grows from little. */
  void warmUp() {
    slowStart.begin();
  }

  /** Takes the node out of the rotation, or back in. */
  void drained(boolean drained) {
    this.drained = drained;
    if (!drained) {
      warmUp();
    }
    restated();
  }

  boolean hasCredentialsProvider() {
    return plan.hasCredentialsProvider();
  }

  void credentials(String user, String password) {
    pools.credentials(user, password);
    NodeMonitor watching = monitor;
    if (watching != null) {
      watching.renew();
    }
  }

  /** Returns what was known before. */
  private Condition update(UnaryOperator<Condition> change) {
    changing.lock();
    try {
      Condition before = condition;
      condition = change.apply(before);
      return before;
    } finally {
      changing.unlock();
    }
  }

  /** The most connections the pool was built for; Hikari does not grow well beyond. */
  int ceiling() {
    return pool().ceiling();
  }

  int maximumSize() {
    return pool().maximum();
  }

  void maximumSize(int size) {
    pool().maximum(size);
    probeNow();
  }

  NodeStatus status() {
    Condition now = condition;
    NodePool current = pool();
    Refusal refused = refusal;
    return new NodeStatus(
        name(),
        label(),
        now.role(),
        state(now, refused),
        current.active(),
        current.idle(),
        current.pending(),
        current.maximum(),
        refused.isNone() ? now.problem() : refused.reason());
  }

  private NodeState state(Condition now, Refusal refused) {
    if (now.state() != NodeState.UP) {
      return now.state();
    }
    if (!refused.isNone()) {
      return NodeState.REFUSED;
    }
    if (drained) {
      return NodeState.DRAINED;
    }
    return isEjected() ? NodeState.EJECTED : NodeState.UP;
  }

  void stopWatching() {
    NodeMonitor watching = monitor;
    if (watching != null) {
      watching.close();
    }
  }

  void close() {
    meters.close();
    pools.close();
  }

  @Override
  public String toString() {
    return name() + " " + condition;
  }
}

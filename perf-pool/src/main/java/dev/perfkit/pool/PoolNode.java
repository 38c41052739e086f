package dev.perfkit.pool;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import dev.perfkit.spi.TimeSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** One server of a group: its pool, and what is known of it. Safe for use by any threads. */
final class PoolNode implements Endpoint, NodeMonitor.Listener {

  private final String name;
  private final NodeRole label;
  private final HikariDataSource dataSource;
  private final ConnectionSource source;
  private final HikariPool pool;
  private final int ceiling;
  private final int builtMinimumIdle;
  private final NodeMeters meters;
  private final GroupEvents events;
  private final TimeSource timeSource;
  private final long holdNanos;
  private final ReentrantLock changing = new ReentrantLock();
  private volatile Condition condition = Condition.UNKNOWN;
  private final AtomicInteger inFlight = new AtomicInteger();
  private volatile boolean held;
  private volatile boolean lagging;
  private volatile long heldUntil;
  private volatile @Nullable CountDownLatch first;
  private volatile @Nullable NodeMonitor monitor;
  private volatile @Nullable Exception lastFailure;

  PoolNode(
      String name,
      NodeRole label,
      HikariDataSource dataSource,
      ConnectionSource source,
      NodeMeters meters,
      GroupEvents events,
      TimeSource timeSource,
      Duration hold) {
    this.name = name;
    this.label = label;
    this.dataSource = dataSource;
    this.source = source;
    this.pool = (HikariPool) dataSource.getHikariPoolMXBean();
    this.ceiling = dataSource.getMaximumPoolSize();
    this.builtMinimumIdle = dataSource.getMinimumIdle();
    this.meters = meters;
    this.events = events;
    this.timeSource = timeSource;
    this.holdNanos = hold.toNanos();
    this.heldUntil = timeSource.nanoTime();
    meters.gauge("pool.active", "connections in use", pool::getActiveConnections);
    meters.gauge("pool.idle", "connections ready for use", pool::getIdleConnections);
    meters.gauge("pool.pending", "threads that wait", pool::getThreadsAwaitingConnection);
    meters.gauge("pool.maximum", "connections allowed", dataSource::getMaximumPoolSize);
    meters.gauge("pool.node.up", "1 if the node answers, else 0", () -> isCalm() ? 1 : 0);
  }

  /**
   * Starts the probes.
   *
   * @param firstAnswer counted down after the first probe, whatever came of it
   */
  void watch(
      NodeMonitor.Pace pace,
      int timeoutMillis,
      Executor executor,
      ScheduledExecutorService scheduler,
      CountDownLatch firstAnswer) {
    first = firstAnswer;
    NodeMonitor watching =
        new NodeMonitor(
            new SqlProbe(source, label, timeoutMillis), this, pace, executor, scheduler);
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

  String name() {
    return name;
  }

  NodeRole label() {
    return label;
  }

  Condition condition() {
    return condition;
  }

  /** Returns how to connect as the pool does. */
  ConnectionSource source() {
    return source;
  }

  NodeMeters meters() {
    return meters;
  }

  HikariPool pool() {
    return pool;
  }

  boolean readOnlyByDefault() {
    return dataSource.isReadOnly();
  }

  boolean autoCommitByDefault() {
    return dataSource.isAutoCommit();
  }

  /** The longest wait of a borrow, as configured or changed since through Hikari's own bean. */
  long acquireTimeoutMillis() {
    return dataSource.getConnectionTimeout();
  }

  @Nullable Exception lastFailure() {
    return lastFailure;
  }

  @Override
  public boolean eligible() {
    return isReadable() && !lagging;
  }

  private boolean isReadable() {
    return condition.state() == NodeState.UP && !isHeld();
  }

  /** Returns whether it would be eligible if it were not too far behind. */
  boolean isLagging() {
    return lagging && isReadable();
  }

  void lags(boolean lagging) {
    this.lagging = lagging;
  }

  /** Returns whether it lives but refused a connection a moment ago. */
  private boolean isHeld() {
    if (held && timeSource.nanoTime() - heldUntil >= 0) {
      held = false;
    }
    return held;
  }

  @Override
  public int inFlight() {
    return inFlight.get();
  }

  /** Borrows; the work counts as in flight from now on, the wait included. */
  Connection borrow(long timeoutMillis) throws SQLException {
    inFlight.getAndIncrement();
    boolean borrowed = false;
    try {
      Connection connection = pool.getConnection(timeoutMillis);
      borrowed = true;
      return connection;
    } finally {
      if (!borrowed) {
        inFlight.getAndDecrement();
        meters.borrowFailures.increment();
      }
    }
  }

  void giveBack(Connection connection) throws SQLException {
    inFlight.getAndDecrement();
    connection.close();
  }

  /** Ends a connection from outside of its thread; the pool replaces it. */
  void discard(Connection connection) {
    inFlight.getAndDecrement();
    dataSource.evictConnection(connection);
  }

  /** Returns whether every connection that is allowed exists and is in use. */
  boolean isSaturated() {
    return pool.getTotalConnections() >= dataSource.getMaximumPoolSize();
  }

  /** Takes note of a failure in use or at a borrow, before the caller sees it. */
  void observe(Evidence evidence, SQLException failure) {
    if (evidence == Evidence.CONNECTION) {
      suspect(failure);
      // Hikari does not check connections that were used a moment ago; the others are dead as well.
      pool.softEvictConnections();
    } else if (evidence == Evidence.TIMEOUT) {
      suspect(failure);
    } else if (evidence.isRefusal()) {
      lastFailure = failure;
      update(now -> now.troubled("it refused a connection: " + Errors.brief(failure)));
      heldUntil = timeSource.nanoTime() + holdNanos;
      held = true;
      probeNow();
    }
  }

  void probeNow() {
    NodeMonitor watching = monitor;
    if (watching != null) {
      watching.probeNow();
    }
  }

  private void suspect(SQLException failure) {
    lastFailure = failure;
    String problem = "a connection failed in use: " + Errors.brief(failure);
    Condition before = update(now -> isWorseThanSuspect(now) ? now : now.suspect(problem));
    if (before.state() != NodeState.SUSPECT && before.state() != NodeState.DOWN) {
      probeNow();
    }
  }

  @Override
  public void answered(NodeRole role) {
    meters.answered();
    lastFailure = null;
    Condition before = update(now -> now.answered(role));
    if (before.state() == NodeState.DOWN) {
      events.nodeUp(this, role);
    }
    if (before.role() != NodeRole.UNKNOWN && before.role() != role) {
      events.roleChanged(this, before.role(), role);
    }
    trim();
    probed();
  }

  @Override
  public void failed(Exception failure) {
    lastFailure = failure;
    String problem = "a probe failed: " + Errors.brief(failure);
    switch (Evidence.of(failure)) {
      case CONNECTION -> {
        meters.failed();
        down(problem);
      }
      case TIMEOUT -> late(problem);
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

  @Override
  public boolean isCalm() {
    return condition.state() == NodeState.UP;
  }

  /** One late answer makes a node suspect, the next one takes it down. */
  private void late(String problem) {
    meters.timedOut();
    if (condition.state() == NodeState.SUSPECT || condition.state() == NodeState.DOWN) {
      down(problem);
    } else {
      update(now -> now.suspect(problem));
    }
  }

  private void down(String problem) {
    Condition before = update(now -> now.down(problem));
    pool.softEvictConnections();
    if (before.state() != NodeState.DOWN) {
      events.nodeDown(this, problem);
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

  private static boolean isWorseThanSuspect(Condition now) {
    return now.state() == NodeState.DOWN;
  }

  /** The most connections the pool was built for; Hikari does not grow well beyond. */
  int ceiling() {
    return ceiling;
  }

  int maximumSize() {
    return dataSource.getMaximumPoolSize();
  }

  void maximumSize(int size) {
    dataSource.setMinimumIdle(Math.min(builtMinimumIdle, size));
    dataSource.setMaximumPoolSize(size);
    probeNow();
  }

  /**
   * Closes idle connections over the maximum, which Hikari keeps. Runs after each probe, so those
   * in use now follow when they are idle.
   */
  private void trim() {
    int excess = pool.getTotalConnections() - dataSource.getMaximumPoolSize();
    for (int i = 0; i < excess && pool.getIdleConnections() > 0; i++) {
      try {
        dataSource.evictConnection(pool.getConnection(1));
      } catch (SQLException nothingIdle) {
        return;
      }
    }
  }

  NodeStatus status() {
    Condition now = condition;
    return new NodeStatus(
        name,
        label,
        now.role(),
        now.state(),
        pool.getActiveConnections(),
        pool.getIdleConnections(),
        pool.getThreadsAwaitingConnection(),
        dataSource.getMaximumPoolSize(),
        now.problem());
  }

  void stopWatching() {
    NodeMonitor watching = monitor;
    if (watching != null) {
      watching.close();
    }
  }

  void close() {
    meters.close();
    dataSource.close();
  }

  @Override
  public String toString() {
    return name + " " + condition;
  }
}

package dev.perfkit.pool;

import com.zaxxer.hikari.HikariConfig;
import dev.perfkit.spi.EventSink;
import dev.perfkit.spi.Metric;
import dev.perfkit.spi.Telemetry;
import dev.perfkit.spi.support.Problems;
import dev.perfkit.spi.support.WorkerThreads;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Turns a builder into a running group. For one thread, once. */
final class GroupStart {

  /** How often connections that rest are looked at. */
  private static final long TICK_MILLIS = 250;

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9]*([-_][a-z0-9]+)*");

  private final PoolGroup.Builder builder;
  private final List<NodePlan> plans = new ArrayList<>();
  private final List<PoolNode> nodes = new ArrayList<>();
  private final List<ExecutorService> owned = new ArrayList<>();
  private final Telemetry telemetry;
  private final GroupEvents events;
  private final Replication replication;
  private final FallbackLimit fallbackLimit;
  private final Balancing balancing;
  private final WalQuery query;
  private final Leadership leadership;
  private final Rotation rotation;
  private PoolNode.@Nullable Group shared;
  private @Nullable ExecutorService worker;
  private @Nullable ScheduledExecutorService timer;

  private GroupStart(PoolGroup.Builder builder) {
    this.builder = builder;
    HostFailures failures = new HostFailures(builder.name, builder.timeSource);
    boolean silent = builder.telemetry == Telemetry.none();
    telemetry = silent ? Telemetry.none() : Telemetry.guarded(builder.telemetry, failures);
    EventSink sink = EventSink.guarded(builder.events, failures);
    events = new GroupEvents(builder.name, sink, telemetry, builder.timeSource);
    leadership = new Leadership(events, builder.timeSource);
    rotation = new Rotation(builder.maximumEjected, events);
    ReplicaReads reads = builder.replicaReads;
    Duration patience = reads.positionInterval().multipliedBy(2).plus(builder.probeTimeout);
    replication =
        new Replication(
            new ReplicationLag(builder.name, reads, patience, builder.timeSource, sink));
    balancing = reads.balancing();
    query = new WalQuery(builder.serverProbe);
    fallbackLimit = new FallbackLimit(reads.fallbacksPerSecond(), builder.timeSource);
  }

  static PoolGroup of(PoolGroup.Builder builder) {
    GroupStart start = new GroupStart(builder);
    start.plan();
    return start.run();
  }

  private void plan() {
    Problems problems = Problems.of("pool group '" + builder.name + "'");
    HikariConfig primary = builder.primary;
    problems.require(primary != null, "primary", "be set", "missing");
    if (primary != null) {
      plans.add(plan("primary", NodeRole.PRIMARY, primary));
    }
    Set<String> names = new HashSet<>(Set.of("primary"));
    for (PoolGroup.NamedConfig replica : builder.replicas) {
      problems.require(
          NAME.matcher(replica.name()).matches(),
          "replica name",
          "be lower-case letters and digits, joined by '-' or '_'",
          "'" + replica.name() + "'");
      problems.require(
          names.add(replica.name()),
          "replica name",
          "be unique in the group and not 'primary'",
          "'" + replica.name() + "' again");
      plans.add(plan(replica.name(), NodeRole.REPLICA, replica.config()));
    }
    plans.forEach(plan -> plan.check(problems));
    for (String weighted : balancing.weights().keySet()) {
      problems.require(names.contains(weighted), "weight", "be of a node of the group", weighted);
    }
    problems.require(
        builder.suspectProbeInterval.compareTo(builder.probeInterval) <= 0,
        "suspectProbeInterval",
        "be at most probeInterval (" + builder.probeInterval + ")",
        builder.suspectProbeInterval);
    problems.throwIfAny();
  }

  private NodePlan plan(String name, NodeRole label, HikariConfig config) {
    return new NodePlan(builder.name, name, label, config, builder.probeTimeout);
  }

  private PoolGroup run() {
    Running running = null;
    try {
      plans.forEach(this::openNode);
      running = running();
      awaitFirstAnswers();
      leadership.start();
      if (builder.primaryRequiredAtStart) {
        requirePrimary();
      }
      return new PoolGroup(builder.name, running);
    } catch (RuntimeException | Error failure) {
      stop(running);
      throw failure;
    }
  }

  private void stop(@Nullable Running running) {
    if (running == null) {
      nodes.forEach(PoolNode::close);
    } else {
      running.stop();
    }
  }

  private void openNode(NodePlan plan) {
    NodePool pool;
    try {
      pool = plan.open(plan.label());
    } catch (RuntimeException failure) {
      throw new PoolException(
          describe(plan)
              + " cannot have a pool: "
              + Errors.brief(failure)
              + "; check its URL and that its driver is on the class path",
          failure);
    }
    NodeMeters meters = new NodeMeters(telemetry, builder.name, plan.name());
    nodes.add(new PoolNode(plan, pool, meters, shared()));
  }

  private PoolNode.Group shared() {
    PoolNode.Group made = shared;
    if (made == null) {
      made =
          new PoolNode.Group(
              leadership,
              rotation,
              events,
              builder.timeSource,
              builder.suspectProbeInterval,
              builder.ejection,
              builder.slowStart,
              executor(),
              balancing,
              query);
      shared = made;
    }
    return made;
  }

  private Running running() {
    leadership.of(nodes);
    rotation.of(nodes);
    Topology topology = new Topology(nodes, leadership, balancing.balancer(), fallbackLimit);
    Telemetry.Counter fallbacks =
        telemetry.counter(
            Metric.named("pool.read.fallbacks")
                .tag("pool", builder.name)
                .help("reads that found no replica and went to the primary"));
    boolean timed = telemetry != Telemetry.none();
    ReplicaReads reads = builder.replicaReads;
    Router router =
        new Router(
            builder.name,
            topology,
            builder.timeSource,
            timed,
            fallbacks,
            new StatementKinds(reads.safeFunctions()),
            reads.autoCommitSelects());
    SessionRouting routing =
        new SessionRouting(
            router,
            topology,
            replication,
            reads,
            fallbackLimit,
            new SessionMeters(telemetry, builder.name),
            builder.timeSource,
            query);
    Sessions sessions = new Sessions(router, routing);
    return new Running(
        builder.name, topology, router, events, replication, sessions, owned, watch(topology));
  }

  private Future<?> watch(Topology topology) {
    return scheduler()
        .scheduleWithFixedDelay(
            () -> topology.all().forEach(PoolNode::tick),
            TICK_MILLIS,
            TICK_MILLIS,
            TimeUnit.MILLISECONDS);
  }

  private void awaitFirstAnswers() {
    ScheduledExecutorService scheduler = scheduler();
    NodeMonitor.Pace pace =
        new NodeMonitor.Pace(
            builder.probeInterval,
            builder.suspectProbeInterval,
            builder.probeTimeout,
            builder.startTimeout);
    CountDownLatch answers = new CountDownLatch(nodes.size());
    for (PoolNode node : nodes) {
      node.watch(pace, (int) builder.probeTimeout.toMillis(), scheduler, answers);
    }
    watchPositions(executor(), scheduler);
    await(answers, builder.startTimeout);
  }

  /** Nobody needs to know how far a single node has come. */
  private void watchPositions(ExecutorService executor, ScheduledExecutorService scheduler) {
    if (nodes.size() == 1) {
      return;
    }
    for (PoolNode node : nodes) {
      replication.add(
          new PositionWatch(
              node,
              node.source(),
              query,
              replication,
              builder.timeSource,
              builder.replicaReads.positionInterval().toNanos(),
              (int) builder.probeTimeout.toMillis(),
              executor,
              scheduler));
    }
    replication.start();
  }

  private void await(CountDownLatch answers, Duration atMost) {
    try {
      if (!answers.await(atMost.toNanos(), TimeUnit.NANOSECONDS)) {
        return;
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new PoolException(
          "pool group '" + builder.name + "': interrupted while its nodes were probed",
          interrupted);
    }
  }

  private ExecutorService executor() {
    if (builder.executor != null) {
      return builder.executor;
    }
    if (worker != null) {
      return worker;
    }
    ExecutorService executor =
        new ThreadPoolExecutor(
            0,
            3 * plans.size(),
            1,
            TimeUnit.MINUTES,
            new SynchronousQueue<>(),
            WorkerThreads.factory("pool", builder.name));
    owned.add(executor);
    worker = executor;
    return executor;
  }

  private ScheduledExecutorService scheduler() {
    ScheduledExecutorService given = builder.scheduler == null ? timer : builder.scheduler;
    if (given != null) {
      return given;
    }
    ScheduledExecutorService own = WorkerThreads.scheduler("pool", builder.name + "-timer", 1);
    owned.add(own);
    timer = own;
    return own;
  }

  /** Somebody must take writes; if nobody does, the node that should tells why. */
  private void requirePrimary() {
    Roster roster = leadership.roster();
    if (roster.writer() != null) {
      return;
    }
    PoolNode primary = nodes.get(0);
    Condition condition = primary.condition();
    String who = describe(plans.get(0));
    if (condition.state() != NodeState.UP) {
      Exception failure = primary.lastFailure();
      if (failure == null) {
        failure = new SQLException("no answer within " + builder.startTimeout, "08001");
      }
      throw new PoolException(
          who + " does not answer: " + Errors.brief(failure) + "; " + Errors.hint(failure),
          failure);
    }
    if (condition.role() == NodeRole.REPLICA) {
      throw new PoolException(
          who
              + " answers as a replica (pg_is_in_recovery() is true); name the server that"
              + " accepts writes as the primary",
          new SQLException("the server is in recovery", "25006"));
    }
    throw new PoolException(
        "pool group '" + builder.name + "': no node takes writes: " + roster.vacancy(),
        new SQLException("no primary", "08001"));
  }

  private String describe(NodePlan plan) {
    return "pool group '" + builder.name + "': node '" + plan.name() + "' at " + plan.place();
  }
}

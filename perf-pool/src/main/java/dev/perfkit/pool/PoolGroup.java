package dev.perfkit.pool;

import com.zaxxer.hikari.HikariConfig;
import dev.perfkit.spi.Beta;
import dev.perfkit.spi.Component;
import dev.perfkit.spi.EventSink;
import dev.perfkit.spi.Health;
import dev.perfkit.spi.Knob;
import dev.perfkit.spi.Telemetry;
import dev.perfkit.spi.TimeSource;
import dev.perfkit.spi.support.Options;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A primary and its read replicas, a HikariCP pool for each, behind one {@link DataSource}.
 *
 * <p>Connections are lazy: nothing is borrowed before the first statement, and what was set until
 * then decides where it goes. Read-only ones go to a replica that answers, or to the primary if
 * none does; all others go to the primary, which is the node that says so of itself: when another
 * one is promoted, writes follow. Nothing that was sent is sent again: SQLSTATE {@code 08S02} says
 * that nothing was committed and the transaction may be tried again, {@code 08007} that a commit
 * may have happened. The pooled connection stays until the logical one is closed. Each node is
 * probed over a connection of its own, leaves the rotation when it fails and comes back when it
 * answers.
 *
 * <p>Safe for use by any number of threads; its connections are for one thread at a time.
 */
@Beta
public final class PoolGroup implements Component {

  /** How often a node that answers is probed: every 10 seconds. */
  public static final Duration DEFAULT_PROBE_INTERVAL = Duration.ofSeconds(10);

  /** How often a node that does not answer is probed: every second. */
  public static final Duration DEFAULT_SUSPECT_PROBE_INTERVAL = Duration.ofSeconds(1);

  /** The longest wait for the answer to a probe: one second. */
  public static final Duration DEFAULT_PROBE_TIMEOUT = Duration.ofSeconds(1);

  /** The longest wait for first answers in {@link Builder#build}: 10 seconds. */
  public static final Duration DEFAULT_START_TIMEOUT = Duration.ofSeconds(10);

  /** How long a node is left alone at first that answers but fails its callers: 5 seconds. */
  public static final Duration DEFAULT_EJECTION = Duration.ofSeconds(5);

  /** The largest share of a group's nodes that is left alone at a time: a half. */
  public static final double DEFAULT_MAXIMUM_EJECTED = 0.5;

  /** How long a node that comes back takes to get its full share of reads: 10 seconds. */
  public static final Duration DEFAULT_SLOW_START = Duration.ofSeconds(10);

  private final String name;
  private final Running running;
  private final DataSource dataSource;
  private final DataSource reader;
  private final List<Knob> knobs;
  private final AtomicBoolean closed = new AtomicBoolean();

  PoolGroup(String name, Running running) {
    this.name = name;
    this.running = running;
    this.dataSource = new GroupDataSource(running.router(), false, null, running.sessions());
    this.reader = new GroupDataSource(running.router(), true, null, running.sessions());
    this.knobs = knobs(running.topology());
  }

  /**
   * Starts the configuration of a group.
   *
   * @param name unique among the pool groups of a process; part of messages, metrics and threads
   * @throws IllegalArgumentException if the name is blank
   */
  public static Builder named(String name) {
    return new Builder(Options.notBlank("name", name));
  }

  /** Returns connections that are routed by their read-only flag. Closing the group ends them. */
  public DataSource dataSource() {
    return dataSource;
  }

  /**
   * Returns connections that are read-only from the start and for good, for work that never writes.
   * They join no transaction of another connection and do not see what it has not committed.
   */
  public DataSource reader() {
    return reader;
  }

  /** Opens a session that has nothing to see yet, for the calling thread. */
  public Session openSession() {
    return running.sessions().open("");
  }

  /** Opens a session that goes on from a token, for the calling thread. */
  public Session openSession(SessionToken token) {
    return running.sessions().open(Objects.requireNonNull(token, "token"));
  }

  /**
   * Opens a session that goes on from the text of a token, such as a cookie, for the calling
   * thread. An empty text is a new session. Any other text that is no token is counted ({@code
   * pool.session.tokens.rejected}) and taken for one of everything written until now: such reads go
   * to the primary until its position is known, which is soon.
   *
   * @param untrusted what came from outside; who wants to know what is wrong with it uses {@link
   *     SessionToken#parse}
   */
  public Session openSession(String untrusted) {
    return running.sessions().open(Objects.requireNonNull(untrusted, "untrusted"));
  }

  /** Returns the session that the calling thread is in, if any. */
  public Optional<Session> session() {
    return Optional.ofNullable(running.sessions().current());
  }

  /** Returns the nodes as they are now, the primary first. No I/O. */
  public List<NodeStatus> nodes() {
    return running.topology().all().stream().map(PoolNode::status).toList();
  }

  /**
   * Takes a node out: it gets no new work, and what it has may end. It stays out until {@link
   * #resume}. A primary may be drained before a planned switchover: writes wait, for as long as
   * they may, until another node is promoted or this one resumes.
   *
   * @param node a name of {@link #nodes}
   * @param atMost the longest wait, 0 or more; then connections in use are ended
   * @return whether all came back in time; false also if the caller was interrupted, which is kept
   * @throws IllegalArgumentException if there is no such node or the time is negative
   */
  public boolean drain(String node, Duration atMost) {
    return new Draining(running).node(node, atMost);
  }

  /**
   * Ends {@link #drain(String, Duration)}; the node gets little work at first. Does nothing if it
   * was not drained.
   *
   * @param node a name of {@link #nodes}
   * @throws IllegalArgumentException if there is no such node
   */
  public void resume(String node) {
    running.node(node).drained(false);
  }

  /**
   * Lends no more connections, lets those in use come back, and closes the group.
   *
   * @param atMost the longest wait, 0 or more; then connections in use are ended
   * @return whether all came back in time; false also if the caller was interrupted, which is kept
   * @throws IllegalArgumentException if the time is negative
   */
  public boolean drain(Duration atMost) {
    boolean inTime = new Draining(running).group(atMost);
    close();
    return inTime;
  }

  /**
   * Replaces user and password of all nodes. New connections use them at once, idle ones are
   * replaced, and those in use are closed when they come back, so nothing fails as long as the
   * server accepts the old ones for the time of a transaction.
   *
   * @throws IllegalArgumentException if the user is blank
   * @throws IllegalStateException if a node was configured with a {@code
   *     HikariCredentialsProvider}, which is asked for every new connection already
   */
  public void credentials(String user, String password) {
    running.credentials(Options.notBlank("user", user), password);
  }

  /** Returns who does what now. */
  Roster roster() {
    return running.topology().roster();
  }

  @Override
  public String kind() {
    return "pool";
  }

  @Override
  public String name() {
    return name;
  }

  /**
   * Returns UP while all nodes answer; DEGRADED if some do not, if reads go on while writes fail,
   * or if a node refuses connections; DOWN if no node answers or the group is closed; UNKNOWN
   * before the first answer. The reason names the nodes, and there is one detail for each.
   */
  @Override
  public Health health() {
    return closed.get()
        ? Health.of(Health.Status.DOWN, "closed")
        : running.replication().lag().addTo(GroupHealth.of(running.topology()));
  }

  /**
   * Returns {@code maximum-size.<node>} for each node that was built for more than one connection:
   * 1 to the maximum it was built with. Lowered, idle connections over it are closed soon, and
   * those in use after they come back.
   */
  @Override
  public List<Knob> knobs() {
    return knobs;
  }

  /**
   * Ends probes and pools. Connections in use are aborted. Takes at most 15 seconds; what has not
   * ended by then is left behind and said in the log.
   */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      running.stop();
    }
  }

  @Override
  public String toString() {
    return "PoolGroup[" + name + ", " + running.topology().all() + "]";
  }

  private static List<Knob> knobs(Topology topology) {
    List<Knob> knobs = new ArrayList<>();
    for (PoolNode node : topology.all()) {
      if (node.ceiling() > 1) {
        knobs.add(
            Knob.of(
                "maximum-size." + node.name(),
                "connections",
                1,
                node.ceiling(),
                1,
                node::maximumSize,
                size -> node.maximumSize((int) Math.round(size))));
      }
    }
    return List.copyOf(knobs);
  }

  /** Collects the options of a {@link PoolGroup}. For one thread; may be used again. */
  @Beta
  public static final class Builder {

    private static final Duration SHORTEST = Duration.ofMillis(50);
    private static final Duration LONGEST = Duration.ofHours(1);

    final String name;
    @Nullable HikariConfig primary;
    final List<NamedConfig> replicas = new ArrayList<>();
    Duration probeInterval = DEFAULT_PROBE_INTERVAL;
    Duration suspectProbeInterval = DEFAULT_SUSPECT_PROBE_INTERVAL;
    Duration probeTimeout = DEFAULT_PROBE_TIMEOUT;
    Duration startTimeout = DEFAULT_START_TIMEOUT;
    boolean primaryRequiredAtStart = true;
    ReplicaReads replicaReads = ReplicaReads.defaults();
    ServerProbe serverProbe = ServerProbe.postgres();
    Duration ejection = DEFAULT_EJECTION;
    double maximumEjected = DEFAULT_MAXIMUM_EJECTED;
    Duration slowStart = DEFAULT_SLOW_START;
    Telemetry telemetry = Telemetry.none();
    EventSink events = EventSink.none();
    TimeSource timeSource = TimeSource.system();
    @Nullable ExecutorService executor;
    @Nullable ScheduledExecutorService scheduler;

    private Builder(String name) {
      this.name = name;
    }

    /**
     * Sets the pool of the primary, which is named {@code primary}. The configuration is copied and
     * respected; see the README for the few things that are changed in the copy.
     */
    public Builder primary(HikariConfig config) {
      this.primary = Objects.requireNonNull(config, "config");
      return this;
    }

    /** Sets the pool of the primary, which is named {@code primary}. */
    public Builder primary(NodeConfig config) {
      return primary(config.toHikariConfig());
    }

    /**
     * Adds a replica, or any other server of the cluster that may be promoted.
     *
     * @param name unique in the group and not {@code primary}; lower-case letters and digits,
     *     joined by {@code -} or {@code _}
     * @throws IllegalArgumentException if the name is blank
     */
    public Builder replica(String name, HikariConfig config) {
      Objects.requireNonNull(config, "config");
      replicas.add(new NamedConfig(Options.notBlank("replica name", name), config));
      return this;
    }

    /**
     * Adds a replica, or any other server of the cluster that may be promoted.
     *
     * @param name unique in the group and not {@code primary}; lower-case letters and digits,
     *     joined by {@code -} or {@code _}
     * @throws IllegalArgumentException if the name is blank
     */
    public Builder replica(String name, NodeConfig config) {
      return replica(name, config.toHikariConfig());
    }

    /**
     * Sets how often a node that answers is probed; default 10 seconds.
     *
     * @param interval 50 ms to 1 hour, at least {@link #suspectProbeInterval}
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder probeInterval(Duration interval) {
      this.probeInterval = Options.between("probeInterval", SHORTEST, LONGEST, interval);
      return this;
    }

    /**
     * Sets how often a node that is suspect or down is probed; default 1 second.
     *
     * @param interval 50 ms to 1 hour
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder suspectProbeInterval(Duration interval) {
      this.suspectProbeInterval =
          Options.between("suspectProbeInterval", SHORTEST, LONGEST, interval);
      return this;
    }

    /**
     * Sets the longest wait for the answer to a probe; default 1 second. A node is suspect after
     * one late answer and down after two.
     *
     * @param timeout 50 ms to 1 hour
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder probeTimeout(Duration timeout) {
      this.probeTimeout = Options.between("probeTimeout", SHORTEST, LONGEST, timeout);
      return this;
    }

    /**
     * Sets the longest wait for the first answers in {@link #build}; default 10 seconds.
     *
     * @param timeout 50 ms to 1 hour
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder startTimeout(Duration timeout) {
      this.startTimeout = Options.between("startTimeout", SHORTEST, LONGEST, timeout);
      return this;
    }

    /**
     * Sets whether {@link #build} fails if no node takes writes; default true, so that a wrong URL
     * or password is found at once. Without, the group starts UNKNOWN or DOWN and works when a
     * primary does. Replicas never keep a group from starting.
     */
    public Builder primaryRequiredAtStart(boolean required) {
      this.primaryRequiredAtStart = required;
      return this;
    }

    /** Sets what reads from replicas may miss; default {@link ReplicaReads#defaults}. */
    public Builder replicaReads(ReplicaReads reads) {
      this.replicaReads = Objects.requireNonNull(reads, "replicaReads");
      return this;
    }

    /** Sets who asks servers for their role and position; default {@link ServerProbe#postgres}. */
    public Builder serverProbe(ServerProbe probe) {
      this.serverProbe = Objects.requireNonNull(probe, "serverProbe");
      return this;
    }

    /**
     * Sets how long a node is left alone that answers probes but fails its callers; default 5
     * seconds, and longer with each repetition, up to twelve times that.
     *
     * @param ejection 50 ms to 1 hour
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder ejection(Duration ejection) {
      this.ejection = Options.between("ejection", SHORTEST, LONGEST, ejection);
      return this;
    }

    /**
     * Sets which share of the group's nodes may be left alone at a time; default a half. When less
     * than half of all nodes can be used, none is left alone.
     *
     * @param share 0 (none ever) to 1
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder maximumEjected(double share) {
      this.maximumEjected = Options.between("maximumEjected", 0, 1, share);
      return this;
    }

    /**
     * Sets how long a node that comes back takes to get its full share of reads, from a tenth of it
     * on; default 10 seconds.
     *
     * @param slowStart 0 (at once) to 1 hour
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder slowStart(Duration slowStart) {
      this.slowStart = Options.between("slowStart", Duration.ZERO, LONGEST, slowStart);
      return this;
    }

    /** Sets where measurements go; default nowhere. */
    public Builder telemetry(Telemetry telemetry) {
      this.telemetry = Objects.requireNonNull(telemetry, "telemetry");
      return this;
    }

    /** Sets who is told of nodes that fail, return or change roles; default nobody. */
    public Builder events(EventSink events) {
      this.events = Objects.requireNonNull(events, "events");
      return this;
    }

    /** Sets the clocks; default those of the JVM. HikariCP keeps its own. */
    public Builder timeSource(TimeSource timeSource) {
      this.timeSource = Objects.requireNonNull(timeSource, "timeSource");
      return this;
    }

    /**
     * Sets where probes run, one at a time for each node; default daemon threads of the group. It
     * is not shut down with the group.
     */
    public Builder executor(ExecutorService executor) {
      this.executor = Objects.requireNonNull(executor, "executor");
      return this;
    }

    /**
     * Sets who starts probes and watches their deadlines; default one daemon thread of the group.
     * It is not shut down with the group.
     */
    public Builder scheduler(ScheduledExecutorService scheduler) {
      this.scheduler = Objects.requireNonNull(scheduler, "scheduler");
      return this;
    }

    /**
     * Opens the pools, probes every node once and returns the running group.
     *
     * @throws IllegalArgumentException if the configuration has problems: one line for each
     * @throws PoolException if the primary is required at start and no node answers as one, or a
     *     pool cannot be made at all, for want of a driver for example
     */
    public PoolGroup build() {
      return GroupStart.of(this);
    }
  }

  /** A replica to be. */
  record NamedConfig(String name, HikariConfig config) {}
}

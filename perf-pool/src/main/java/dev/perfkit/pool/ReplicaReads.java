package dev.perfkit.pool;

import dev.perfkit.pool.balance.Balancer;
import dev.perfkit.pool.balance.Cost;
import dev.perfkit.spi.Beta;
import dev.perfkit.spi.ByteSize;
import dev.perfkit.spi.support.Options;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/** What reads from replicas may miss, and what they do about it. Immutable. */
@Beta
public final class ReplicaReads {

  /** How sessions see their writes: {@link ReadYourWrites#WAIT}. */
  public static final ReadYourWrites DEFAULT_READ_YOUR_WRITES = ReadYourWrites.WAIT;

  /** The longest wait for a replica to catch up with a session: 20 ms. */
  public static final Duration DEFAULT_REPLAY_WAIT = Duration.ofMillis(20);

  /** How often each node is asked how far it has come: every 500 ms. */
  public static final Duration DEFAULT_POSITION_INTERVAL = Duration.ofMillis(500);

  /** How many reads a second may go to the primary because replicas are behind. */
  public static final int DEFAULT_FALLBACKS_PER_SECOND = 500;

  /** The longest time a replica may be behind and still be read from: 10 seconds. */
  public static final Duration DEFAULT_MAXIMUM_LAG = Duration.ofSeconds(10);

  /** The most log that a replica may be behind and still be read from: 64 MiB. */
  public static final ByteSize DEFAULT_MAXIMUM_LAG_SIZE = ByteSize.ofMebibytes(64);

  private static final Duration LONGEST_LAG = Duration.ofMinutes(10);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);
  private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(20);
  private static final Duration LONGEST_INTERVAL = Duration.ofMinutes(1);
  private static final int MOST_FALLBACKS = 1_000_000;

  private final ReadYourWrites readYourWrites;
  private final Duration replayWait;
  private final Duration positionInterval;
  private final int fallbacksPerSecond;
  private final Duration maximumLag;
  private final ByteSize maximumLagSize;
  private final Supplier<? extends Balancer> balancer;
  private final Map<String, Double> weights;
  private final boolean autoCommitSelects;
  private final Set<String> safeFunctions;

  private ReplicaReads(Builder builder) {
    readYourWrites = builder.readYourWrites;
    replayWait = builder.replayWait;
    positionInterval = builder.positionInterval;
    fallbacksPerSecond = builder.fallbacksPerSecond;
    maximumLag = builder.maximumLag;
    maximumLagSize = builder.maximumLagSize;
    balancer = builder.balancer;
    weights = Map.copyOf(builder.weights);
    autoCommitSelects = builder.autoCommitSelects;
    safeFunctions = Set.copyOf(builder.safeFunctions);
  }

  private static Balancer defaultBalancer() {
    return Balancer.powerOfTwo(Cost.inFlight());
  }

  /** Returns the defaults. */
  public static ReplicaReads defaults() {
    return builder().build();
  }

  /** Starts with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns a builder that starts from these. */
  public Builder toBuilder() {
    Builder builder = new Builder();
    builder.weights.putAll(weights);
    builder.safeFunctions.addAll(safeFunctions);
    return builder
        .autoCommitSelects(autoCommitSelects)
        .balancer(balancer)
        .readYourWrites(readYourWrites)
        .replayWait(replayWait)
        .positionInterval(positionInterval)
        .fallbacksPerSecond(fallbacksPerSecond)
        .maximumLag(maximumLag)
        .maximumLagSize(maximumLagSize);
  }

  /** Returns how sessions see their writes. */
  public ReadYourWrites readYourWrites() {
    return readYourWrites;
  }

  /** Returns the longest wait for a replica to catch up with a session. */
  public Duration replayWait() {
    return replayWait;
  }

  /** Returns how often each node is asked how far it has come. */
  public Duration positionInterval() {
    return positionInterval;
  }

  /** Returns how many reads a second may go to the primary because replicas are behind. */
  public int fallbacksPerSecond() {
    return fallbacksPerSecond;
  }

  /** Returns the longest time a replica may be behind and still be read from. */
  public Duration maximumLag() {
    return maximumLag;
  }

  /** Returns the most log that a replica may be behind and still be read from. */
  public ByteSize maximumLagSize() {
    return maximumLagSize;
  }

  /** Returns whether SELECTs in autocommit are read from replicas without saying read-only. */
  public boolean autoCommitSelects() {
    return autoCommitSelects;
  }

  /** Returns the functions that only read, besides those of PostgreSQL; unmodifiable. */
  public Set<String> safeFunctions() {
    return safeFunctions;
  }

  Balancing balancing() {
    return new Balancing(Objects.requireNonNull(balancer.get(), "balancer"), weights);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ReplicaReads that
        && readYourWrites == that.readYourWrites
        && replayWait.equals(that.replayWait)
        && positionInterval.equals(that.positionInterval)
        && fallbacksPerSecond == that.fallbacksPerSecond
        && maximumLag.equals(that.maximumLag)
        && maximumLagSize.equals(that.maximumLagSize)
        && autoCommitSelects == that.autoCommitSelects
        && safeFunctions.equals(that.safeFunctions)
        && balancer.equals(that.balancer)
        && weights.equals(that.weights);
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        readYourWrites,
        replayWait,
        positionInterval,
        fallbacksPerSecond,
        maximumLag,
        maximumLagSize,
        autoCommitSelects,
        safeFunctions,
        balancer,
        weights);
  }

  @Override
  public String toString() {
    return "ReplicaReads["
        + readYourWrites
        + ", replayWait="
        + replayWait
        + ", positionInterval="
        + positionInterval
        + ", fallbacksPerSecond="
        + fallbacksPerSecond
        + ", maximumLag="
        + maximumLag
        + ", maximumLagSize="
        + maximumLagSize
        + ", weights="
        + weights
        + ", autoCommitSelects="
        + autoCommitSelects
        + "]";
  }

  /** Collects the options of {@link ReplicaReads}. For one thread. */
  @Beta
  public static final class Builder {

    private ReadYourWrites readYourWrites = DEFAULT_READ_YOUR_WRITES;
    private Duration replayWait = DEFAULT_REPLAY_WAIT;
    private Duration positionInterval = DEFAULT_POSITION_INTERVAL;
    private int fallbacksPerSecond = DEFAULT_FALLBACKS_PER_SECOND;
    private Duration maximumLag = DEFAULT_MAXIMUM_LAG;
    private ByteSize maximumLagSize = DEFAULT_MAXIMUM_LAG_SIZE;
    private Supplier<? extends Balancer> balancer = ReplicaReads::defaultBalancer;
    private final Map<String, Double> weights = new TreeMap<>();
    private boolean autoCommitSelects;
    private final Set<String> safeFunctions = new TreeSet<>();

    private Builder() {}

    /** Sets how sessions see their writes; default {@link ReadYourWrites#WAIT}. */
    public Builder readYourWrites(ReadYourWrites mode) {
      this.readYourWrites = Objects.requireNonNull(mode, "readYourWrites");
      return this;
    }

    /**
     * Sets the longest wait for a replica to catch up with a session before its read goes to the
     * primary; default 20 ms. Only {@link ReadYourWrites#WAIT} waits.
     *
     * @param wait 0 to 30 seconds; the acquire timeout of the primary limits it as well
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder replayWait(Duration wait) {
      this.replayWait = Options.between("replayWait", Duration.ZERO, LONGEST_WAIT, wait);
      return this;
    }

    /**
     * Sets how often each node is asked how far it has come; default 500 ms. Sessions that wait
     * have it asked at once.
     *
     * @param interval 20 ms to 1 minute
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder positionInterval(Duration interval) {
      this.positionInterval =
          Options.between("positionInterval", SHORTEST_INTERVAL, LONGEST_INTERVAL, interval);
      return this;
    }

    /**
     * Sets how many reads a second may go to the primary because replicas are behind; default
     * {@value ReplicaReads#DEFAULT_FALLBACKS_PER_SECOND}. A session's read over it waits for a
     * replica or its turn until the acquire timeout, and fails then; it never sees less than it
     * must. While no replica answers at all there is no such limit.
     *
     * @param reads 1 to 1,000,000
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder fallbacksPerSecond(int reads) {
      this.fallbacksPerSecond = Options.between("fallbacksPerSecond", 1, MOST_FALLBACKS, reads);
      return this;
    }

    /**
     * Sets the longest time a replica may be behind and still be read from; default 10 seconds. One
     * that was over it is read from again at half of it. Reads go to the primary meanwhile, as far
     * as {@link #fallbacksPerSecond} allows, and to the replica beyond that, unless a session must
     * see more.
     *
     * @param lag over 0, at most 10 minutes
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder maximumLag(Duration lag) {
      Options.positive("maximumLag", lag);
      this.maximumLag = Options.between("maximumLag", Duration.ZERO, LONGEST_LAG, lag);
      return this;
    }

    /**
     * Sets the most log that a replica may be behind and still be read from; default 64 MiB. Works
     * as {@link #maximumLag}; both must hold.
     *
     * @param size over 0
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder maximumLagSize(ByteSize size) {
      Options.require(size.toBytes() > 0, "maximumLagSize", "be over 0", size);
      this.maximumLagSize = size;
      return this;
    }

    /**
     * Sets how one of the replicas is chosen; default the one with less work in flight for its
     * weight, of two drawn at random.
     *
     * @param balancer makes a balancer for each group, such as {@code Balancer::roundRobin}
     */
    public Builder balancer(Supplier<? extends Balancer> balancer) {
      this.balancer = Objects.requireNonNull(balancer, "balancer");
      return this;
    }

    /**
     * Sets how much a replica should get in proportion to the others; default 1.
     *
     * @param replica its name in the group; {@link PoolGroup.Builder#build} refuses an unknown one
     * @param weight 0.01 to 100
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder weight(String replica, double weight) {
      weights.put(
          Options.notBlank("replica", replica), Options.between("weight", 0.01, 100, weight));
      return this;
    }

    /**
     * Sets whether SELECTs in autocommit are read from replicas although their connection does not
     * say read-only; default false. A statement goes to a replica only if its text shows that it
     * reads and does nothing else, in PostgreSQL's dialect; functions must be PostgreSQL's own or
     * {@link #safeFunctions}. Anything else goes to the primary, and with it all that the
     * connection does until it is closed, so that it sees its temporary tables, settings and
     * writes. Outside of a {@link Session} a connection does not see what another one wrote a
     * moment ago: open sessions before you set this.
     */
    public Builder autoCommitSelects(boolean onReplicas) {
      this.autoCommitSelects = onReplicas;
      return this;
    }

    /**
     * Adds functions that only read and leave nothing in the session, such as those of an
     * extension.
     *
     * @param names as they are called, without a schema; lower-case letters, digits, {@code _} and
     *     {@code $}
     * @throws IllegalArgumentException if one is no such name
     */
    public Builder safeFunctions(String... names) {
      for (String name : names) {
        Options.require(
            KnownFunctions.isName(name),
            "safeFunctions",
            "be names of lower-case letters, digits, '_' and '$'",
            "'" + name + "'");
      }
      safeFunctions.addAll(List.of(names));
      return this;
    }

    /** Returns the options. */
    public ReplicaReads build() {
      return new ReplicaReads(this);
    }
  }
}

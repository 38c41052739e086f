package dev.perfkit.cache;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.ByteTransform;
import dev.perfkit.spi.EventSink;
import dev.perfkit.spi.Health;
import dev.perfkit.spi.Knob;
import dev.perfkit.spi.Telemetry;
import dev.perfkit.spi.TimeSource;
import dev.perfkit.spi.support.Options;
import dev.perfkit.spi.support.Problems;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Builds a {@link TieredCache}. Everything has a default. For one thread; may be used again.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
@Beta
public final class TieredCacheBuilder<K, V> {

  /** 10,000 entries. */
  public static final Memory DEFAULT_MEMORY = Memory.entries(10_000);

  /** 5 min. */
  public static final Duration DEFAULT_TIME_TO_LIVE = Duration.ofMinutes(5);

  /** {@value}, a twentieth. */
  public static final double DEFAULT_TIME_TO_LIVE_JITTER = 0.05;

  /** 5 s. */
  public static final Duration DEFAULT_RETRY_LOAD_AFTER = Duration.ofSeconds(5);

  /** 10 s. */
  public static final Duration DEFAULT_WAIT_FOR_LOAD_AT_MOST = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(TieredCache.class);
  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONG_LOAD = Duration.ofMinutes(1);

  private final String name;
  private Memory memory = DEFAULT_MEMORY;
  private @Nullable RedisTier redis;
  private @Nullable Serializer<V> serializer;
  private @Nullable Function<? super K, String> keys;
  private List<ByteTransform> transforms = List.of();
  private @Nullable UnaryOperator<V> copier;
  private Duration timeToLive = DEFAULT_TIME_TO_LIVE;
  private double jitter = DEFAULT_TIME_TO_LIVE_JITTER;
  private Duration serveStaleFor = Duration.ZERO;
  private Duration retryLoadAfter = DEFAULT_RETRY_LOAD_AFTER;
  private Duration absentTimeToLive = Duration.ZERO;
  private @Nullable SourceOfTruth<K, V> source;
  private EarlyRefresh earlyRefresh = EarlyRefresh.NEVER;
  private @Nullable Duration softTimeout;
  private @Nullable Duration hardTimeout;
  private Duration waitForLoadAtMost = DEFAULT_WAIT_FOR_LOAD_AT_MOST;
  private Telemetry telemetry = Telemetry.none();
  private EventSink events = EventSink.none();
  private TimeSource time = TimeSource.system();
  private @Nullable Executor executor;
  private @Nullable ScheduledExecutorService scheduler;

  TieredCacheBuilder(String name) {
    Options.require(
        Options.notBlank("name", name).matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}"),
        "name",
        "be 1 to 64 letters, digits, '.', '_' and '-', the first a letter or digit,",
        "'" + name + "'");
    this.name = name;
  }

  /** How much memory holds; {@link #DEFAULT_MEMORY} unless set. */
  public TieredCacheBuilder<K, V> memory(Memory size) {
    memory = Objects.requireNonNull(size, "memory");
    return this;
  }

  /** Keeps values in Redis as well, in the form of a serializer. */
  public TieredCacheBuilder<K, V> remote(RedisTier tier, Serializer<V> serializer) {
    this.redis = Objects.requireNonNull(tier, "remote");
    this.serializer = Objects.requireNonNull(serializer, "serializer");
    return this;
  }

  /**
   * Gives every caller a copy of its own, for values that callers change, and keeps a copy of what
   * is put. Loaders get older values uncopied, and must not keep what they return. Not unless set:
   * all callers share the value that memory holds, which must not be changed.
   */
  public TieredCacheBuilder<K, V> copyOnRead(UnaryOperator<V> copier) {
    this.copier = Objects.requireNonNull(copier, "copyOnRead");
    return this;
  }

  /**
   * How to write a key as text for Redis: no two keys may have the same text, which must be
   * well-formed and have at most 1,024 bytes as UTF-8. Not needed if all keys are of class String,
   * Integer, Long or UUID, or of one enum.
   */
  public TieredCacheBuilder<K, V> keys(Function<? super K, String> toText) {
    keys = Objects.requireNonNull(toText, "keys");
    return this;
  }

  /**
   * What is done to the bytes of a value on their way to Redis, in this order, and undone on the
   * way back: compress, then encrypt. Replaces what was given before. An entry that lacks a {@link
   * ByteTransform#required} one is a miss. The context is the name of the cache and the key.
   */
  public TieredCacheBuilder<K, V> transform(ByteTransform... inOrder) {
    transforms = List.of(inOrder);
    return this;
  }

  /**
   * How long a value is fresh, 1 ms to 365 days; {@link #DEFAULT_TIME_TO_LIVE} unless set.
   *
   * @throws IllegalArgumentException if it is out of range
   */
  public TieredCacheBuilder<K, V> timeToLive(Duration time) {
    timeToLive = Options.between("timeToLive", SHORTEST, Lifetimes.LONGEST, time);
    return this;
  }

  /**
   * The share of its time to live by which a value may live shorter, drawn for each, so that values
   * stored together do not end together: 0 to 0.5, {@link #DEFAULT_TIME_TO_LIVE_JITTER} unless set.
   *
   * @throws IllegalArgumentException if it is out of range
   */
  public TieredCacheBuilder<K, V> timeToLiveJitter(double share) {
    jitter = Options.between("timeToLiveJitter", 0, 0.5, share);
    return this;
  }

  /**
   * How long after its time to live a value may be served when loading fails, 0 to 365 days; 0, not
   * at all, unless set.
   *
   * @throws IllegalArgumentException if it is out of range
   */
  public TieredCacheBuilder<K, V> serveStaleFor(Duration time) {
    serveStaleFor = Options.between("serveStaleFor", Duration.ZERO, Lifetimes.LONGEST, time);
    return this;
  }

  /**
   * How long a value past its time to live is served after a failed load before the next one, 1 ms
   * to 365 days; {@link #DEFAULT_RETRY_LOAD_AFTER} unless set.
   *
   * @throws IllegalArgumentException if it is out of range
   */
  public TieredCacheBuilder<K, V> retryLoadAfter(Duration pause) {
    retryLoadAfter = Options.between("retryLoadAfter", SHORTEST, Lifetimes.LONGEST, pause);
    return this;
  }

  /**
   * How long it is believed that the source has no value, after a loader returned null, 0 to 365
   * days; 0, not at all, unless set.
   *
   * @throws IllegalArgumentException if it is out of range
   */
  public TieredCacheBuilder<K, V> absentTimeToLive(Duration time) {
    absentTimeToLive = Options.between("absentTimeToLive", Duration.ZERO, Lifetimes.LONGEST, time);
    return this;
  }

  /**
   * Where the values really live: {@link TieredCache#put} stores there first, and {@link
   * TieredCache#get(Object)} loads from there. None unless set.
   */
  public TieredCacheBuilder<K, V> source(SourceOfTruth<K, V> source) {
    this.source = Objects.requireNonNull(source, "source");
    return this;
  }

  /**
   * How long a read waits for the load of another thread or node, 1 ms to 1 h; {@link
   * #DEFAULT_WAIT_FOR_LOAD_AT_MOST} unless set.
   *
   * @throws IllegalArgumentException if it is out of range
   */
  public TieredCacheBuilder<K, V> waitForLoadAtMost(Duration time) {
    waitForLoadAtMost = Options.between("waitForLoadAtMost", SHORTEST, Duration.ofHours(1), time);
    return this;
  }

  /** When a value that is still fresh is loaded anew in the background; never unless set. */
  public TieredCacheBuilder<K, V> earlyRefresh(EarlyRefresh when) {
    earlyRefresh = Objects.requireNonNull(when, "earlyRefresh");
    return this;
  }

  /**
   * How long a read waits for a load while there is an older value that may be served, which is
   * returned then; the load goes on, and what it returns is kept. 1 ms to 1 h; to the end unless
   * set.
   *
   * @throws IllegalArgumentException if it is out of range
   */
  public TieredCacheBuilder<K, V> softTimeout(Duration time) {
    softTimeout = Options.between("softTimeout", SHORTEST, Duration.ofHours(1), time);
    return this;
  }

  /**
   * How long a read waits for a load at all, 1 ms to 1 h; to the end unless set. Then it serves an
   * older value if it may, and otherwise throws a {@link LoadTimeoutException}; the load goes on,
   * and what it returns is kept.
   *
   * @throws IllegalArgumentException if it is out of range
   */
  public TieredCacheBuilder<K, V> hardTimeout(Duration time) {
    hardTimeout = Options.between("hardTimeout", SHORTEST, Duration.ofHours(1), time);
    return this;
  }

  /** Where counters, timers and gauges go; nowhere unless set. */
  public TieredCacheBuilder<K, V> telemetry(Telemetry telemetry) {
    this.telemetry = Objects.requireNonNull(telemetry, "telemetry");
    return this;
  }

  /** Where events go; nowhere, but to the log, unless set. */
  public TieredCacheBuilder<K, V> events(EventSink events) {
    this.events = Objects.requireNonNull(events, "events");
    return this;
  }

  /** The clocks; those of the JVM unless set. */
  public TieredCacheBuilder<K, V> timeSource(TimeSource time) {
    this.time = Objects.requireNonNull(time, "timeSource");
    return this;
  }

  /**
   * What runs loads that their callers do not wait for, or not to the end: early refreshes, loads
   * under a timeout, and {@link TieredCache#async}. Unless set, up to {@value Background#THREADS}
   * threads of the cache, for which {@value Background#WAITING} loads may wait. Stays the caller's.
   */
  public TieredCacheBuilder<K, V> executor(Executor executor) {
    this.executor = Objects.requireNonNull(executor, "executor");
    return this;
  }

  /**
   * What runs the recovery of Redis, which blocks for as long as Redis takes to answer; a thread of
   * the cache, started when first needed, unless set. Stays the caller's.
   */
  public TieredCacheBuilder<K, V> scheduler(ScheduledExecutorService scheduler) {
    this.scheduler = Objects.requireNonNull(scheduler, "scheduler");
    return this;
  }

  /**
   * Returns the cache, which works at once, with or without Redis.
   *
   * @throws IllegalArgumentException if options contradict each other; names all that do
   */
  public TieredCache<K, V> build() {
    return build(null);
  }

  /** Returns whether the host gave a scheduler. */
  boolean hasScheduler() {
    return scheduler != null;
  }

  /** Returns a cache that uses the connection of several, if given. */
  TieredCache<K, V> build(@Nullable RedisConnection shared) {
    validate();
    Telemetry guarded =
        telemetry == Telemetry.none()
            ? telemetry
            : Telemetry.guarded(telemetry, logOnce("telemetry"));
    Tallies tallies = new Tallies(guarded, name);
    Notices notices = new Notices(name, EventSink.guarded(events, logOnce("event sink")), time);
    Duration alone = redis == null ? null : redis.settings().timeToLiveWhileAway;
    Lifetimes lifetimes =
        new Lifetimes(
            timeToLive,
            jitter,
            serveStaleFor,
            retryLoadAfter,
            absentTimeToLive,
            earlyRefresh,
            memory.idle(),
            alone);
    Marks marks = new Marks();
    MemoryTier<K, V> tier =
        new MemoryTier<>(memory, keep(lifetimes), keys, marks, time, tallies.evictions);
    HeartbeatThread heartbeats = HeartbeatThread.of(name, scheduler);
    Freshness fresh = new Freshness(time);
    Remote<K, V> remote = remote(tier, marks, heartbeats, tallies, notices, fresh, shared);
    Knob factor = lifetimes.knob(() -> tier.keepFor(keep(lifetimes)));
    Background background = Background.of(name, executor);
    Patience limits = Patience.of(softTimeout, hardTimeout, waitForLoadAtMost);
    Fills<K, V> fills = new Fills<>(tier, remote, marks, lifetimes, time, tallies);
    Loads<K, V> loads =
        new Loads<>(
            name, tier, marks, fills, lifetimes, limits, background, fresh, time, tallies, notices);
    Refreshes<K, V> refreshes =
        new Refreshes<>(tier, remote, fills, loads, lifetimes, background, time, tallies, notices);
    Reads<K, V> reads =
        new Reads<>(name, tier, remote, marks, fills, loads, refreshes, time, tallies);
    Writes<K, V> writes = new Writes<>(tier, remote, marks, fills, source, fresh, tallies);
    return new TieredCache<>(
        new Parts<>(
            name,
            tier,
            remote,
            reads,
            new BulkReads<>(
                name, tier, remote, marks, reads, loads, fills, refreshes, time, tallies),
            writes,
            source,
            tallies,
            new Copies<>(copier),
            List.of(factor, tier.knob()),
            loads,
            background,
            new Inspections<>(tier, remote, marks, time),
            gauges(guarded, tallies, tier, remote, factor),
            () -> {
              background.close();
              heartbeats.stop();
            }));
  }

  private Duration keep(Lifetimes lifetimes) {
    return lifetimes.useful().plus(waitForLoadAtMost).plus(LONG_LOAD);
  }

  private void validate() {
    Problems problems = Problems.of("cache '" + name + "'");
    problems.require(
        redis != null || transforms.isEmpty(),
        "transform",
        "be used together with remote(...), as memory holds live objects,",
        transforms.size() + " without it");
    problems.require(
        redis != null || !memory.isByStoredBytes(),
        "memory",
        "be used together with remote(...) to know stored bytes,",
        memory);
    problems.require(
        redis != null || keys == null, "keys", "be used together with remote(...)", "without it");
    problems.require(
        transforms.size() <= Envelope.MAX_TRANSFORMS,
        "transform",
        "be at most " + Envelope.MAX_TRANSFORMS,
        transforms.size());
    List<Integer> ids = transforms.stream().map(ByteTransform::id).toList();
    problems.require(
        ids.stream().allMatch(TieredCacheBuilder::isByte)
            && ids.stream().distinct().count() == ids.size(),
        "ids of transform",
        "be 1 to 255 and differ",
        ids);
    if (serializer != null) {
      problems.require(isByte(serializer.id()), "id of serializer", "be 1 to 255", serializer.id());
    }
    problems.require(
        softTimeout == null || !serveStaleFor.isZero(),
        "softTimeout",
        "be used together with serveStaleFor(...), as it serves older values,",
        softTimeout + " without it");
    problems.require(
        softTimeout == null || hardTimeout == null || softTimeout.compareTo(hardTimeout) <= 0,
        "softTimeout",
        "not be over hardTimeout, " + hardTimeout + ",",
        String.valueOf(softTimeout));
    problems.throwIfAny();
  }

  private static boolean isByte(int id) {
    return id >= 1 && id <= 255;
  }

  private Remote<K, V> remote(
      MemoryTier<K, V> tier,
      Marks marks,
      HeartbeatThread heartbeats,
      Tallies tallies,
      Notices notices,
      Freshness freshness,
      @Nullable RedisConnection shared) {
    if (redis == null || serializer == null) {
      return Remote.none(marks, new Shard(0, time.nanoTime()));
    }
    RedisTier.Settings settings = redis.settings();
    String address = redis.address();
    KeyLayout<K> layout =
        new KeyLayout<>(name, keys, settings.cluster ? KeyLayout.SHARDS_OF_CLUSTER : 1);
    RedisConnection connection = shared == null ? new RedisConnection(settings, name) : shared;
    RedisLink link =
        new RedisLink(
            connection.route(), settings.maximumEncodedSize.toIntBytes(), settings.cluster);
    Lanes lanes =
        Lanes.of(
            layout.shards().size(),
            part ->
                new RedisCalls(link, connection.route(), time, tallies, notices, address + part));
    List<Shard> shards =
        layout.shards().stream().map(each -> new Shard(each.index(), time.nanoTime())).toList();
    Backplane backplane =
        new Backplane(
            lanes,
            connection.subscriber(),
            marks,
            shards,
            layout,
            new Backplane.Memory(
                (text, sequence) -> at(layout, text, key -> tier.invalidateAt(key, sequence)),
                text -> at(layout, text, tier::wakeAt)),
            freshness,
            notices,
            time,
            tallies,
            settings.timeToLiveWhileAway.toNanos());
    ValueCodec<V> codec =
        new ValueCodec<>(
            serializer,
            transforms,
            settings.maximumDecodedSize.toIntBytes(),
            settings.maximumEncodedSize.toIntBytes());
    return new RedisRemote<>(
        new RedisRemote.Parts<>(
            layout,
            shards,
            marks,
            link,
            lanes,
            backplane,
            codec,
            settings,
            heartbeats.scheduler(),
            time,
            tallies,
            notices,
            freshness,
            address,
            shared == null ? connection::close : () -> {}));
  }

  private static void at(KeyLayout<?> layout, String text, Consumer<Object> action) {
    Object key = layout.memoryKey(text);
    if (key != null) {
      action.accept(key);
    }
  }

  private List<Telemetry.Registration> gauges(
      Telemetry telemetry,
      Tallies tallies,
      MemoryTier<K, V> memory,
      Remote<K, V> remote,
      Knob factor) {
    return List.of(
        telemetry.gauge(tallies.metric("cache.memory.entries", "entries in memory"), memory::size),
        telemetry.gauge(tallies.metric("cache.ttl_factor", "the knob ttl-factor"), factor::value),
        telemetry.gauge(
            tallies.metric("cache.remote.pending_removals", "removals Redis has yet to hear of"),
            remote::pendingRemovals),
        telemetry.gauge(
            tallies.metric("cache.remote.up", "1 if the tier behind memory takes part, else 0"),
            () -> remote.health().status() == Health.Status.UP ? 1 : 0));
  }

  /** Host code that fails once is likely to fail each time. */
  private Consumer<Throwable> logOnce(String what) {
    AtomicBoolean said = new AtomicBoolean();
    return failure -> {
      if (said.compareAndSet(false, true)) {
        LOG.warn("cache '{}': its {} failed; said only once", name, what, failure);
      }
    };
  }
}

package dev.perfkit.cache;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.ByteSize;
import dev.perfkit.spi.support.Options;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where Redis is and how it is used. Immutable: every option returns a changed copy.
 *
 * <pre>{@code
 * RedisTier.at("redis://localhost:6379").commandTimeout(Duration.ofMillis(100)).poolSize(16)
 * }</pre>
 *
 * <p>Needs Redis 6.2 or newer, or a Redis Cluster of that. Nothing is connected before the first
 * use.
 */
@Beta
public final class RedisTier {

  /** {@value} connections. */
  public static final int DEFAULT_POOL_SIZE = 8;

  /** {@value} keys. */
  public static final int DEFAULT_PENDING_REMOVALS = 10_000;

  /** 500 ms. */
  public static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofMillis(500);

  /** 250 ms. */
  public static final Duration DEFAULT_COMMAND_TIMEOUT = Duration.ofMillis(250);

  /** 1 s. */
  public static final Duration DEFAULT_RETRY_AFTER = Duration.ofSeconds(1);

  /** 1 s. */
  public static final Duration DEFAULT_HEARTBEAT = Duration.ofSeconds(1);

  /** 30 s. */
  public static final Duration DEFAULT_TIME_TO_LIVE_WHILE_AWAY = Duration.ofSeconds(30);

  /** 4 MiB. */
  public static final ByteSize DEFAULT_MAXIMUM_SIZE = ByteSize.ofMebibytes(4);

  private static final ByteSize LARGEST = ByteSize.ofMebibytes(256);
  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofMinutes(1);
  private static final int DEFAULT_PORT = 6379;

  private final Settings settings;

  private RedisTier(Settings settings) {
    this.settings = settings;
  }

  /**
   * Returns the defaults for an address.
   *
   * @param uri {@code redis://host:port}, or {@code rediss://user:password@host:port/database} for
   *     TLS, a login and another database than 0; the port may be left out
   * @throws IllegalArgumentException if it is anything else; the message never shows it, as it may
   *     hold a password
   */
  public static RedisTier at(String uri) {
    Objects.requireNonNull(uri, "uri");
    Settings settings = new Settings();
    settings.uris = List.of(parse(uri));
    return new RedisTier(settings);
  }

  /**
   * Returns the defaults for a Redis Cluster.
   *
   * @param uris some of its nodes, from which the others are learnt, each as {@link #at} takes it;
   *     user and password must be the same for all, and there is no other database than 0
   * @throws IllegalArgumentException if it is anything else; the message never shows it
   */
  public static RedisTier cluster(String... uris) {
    Settings settings = new Settings();
    settings.cluster = true;
    settings.uris = Stream.of(uris).map(RedisTier::parse).toList();
    Options.require(uris.length > 0, "uris", "name at least one node", "none");
    URI first = settings.uris.get(0);
    Options.require(
        settings.uris.stream().allMatch(uri -> isLike(first, uri)),
        "uris",
        "have the same scheme, user and password, and database 0",
        "others (not shown, as they may hold a password)");
    return new RedisTier(settings);
  }

  private static boolean isLike(URI first, URI uri) {
    return uri.getScheme().equals(first.getScheme())
        && Objects.equals(uri.getRawUserInfo(), first.getRawUserInfo())
        && uri.getPath().matches("/?0?");
  }

  /**
   * How long opening a connection may take, 1 ms to 1 min; {@link #DEFAULT_CONNECT_TIMEOUT} unless
   * set.
   *
   * @throws IllegalArgumentException if it is out of range
   */
  public RedisTier connectTimeout(Duration timeout) {
    Options.between("connectTimeout", SHORTEST, LONGEST, timeout);
    return with(s -> s.connectTimeout = timeout);
  }

  /**
   * How long Redis may take to answer, and how long to wait for a free connection, 1 ms to 1 min;
   * {@link #DEFAULT_COMMAND_TIMEOUT} unless set.
   *
   * @throws IllegalArgumentException if it is out of range
   */
  public RedisTier commandTimeout(Duration timeout) {
    Options.between("commandTimeout", SHORTEST, LONGEST, timeout);
    return with(s -> s.commandTimeout = timeout);
  }

  /**
   * The most connections, to each node of a cluster, 1 to 1,024; {@link #DEFAULT_POOL_SIZE} unless
   * set. When all are busy for {@code commandTimeout}, an operation does without Redis.
   *
   * @throws IllegalArgumentException if it is out of range
   */
  public RedisTier poolSize(int connections) {
    Options.between("poolSize", 1, 1024, connections);
    return with(s -> s.poolSize = connections);
  }

  /**
   * How long to leave a Redis that failed alone before the next attempt, which is made in the
   * background, 1 ms to 1 min; {@link #DEFAULT_RETRY_AFTER} unless set.
   *
   * @throws IllegalArgumentException if it is out of range
   */
  public RedisTier retryAfter(Duration pause) {
    Options.between("retryAfter", SHORTEST, LONGEST, pause);
    return with(s -> s.retryAfter = pause);
  }

  /**
   * How often a node asks Redis whether it missed an invalidation, whose message may be lost, 10 ms
   * to 1 min; {@link #DEFAULT_HEARTBEAT} unless set. It bounds how old a value in memory may be
   * while Redis answers.
   *
   * @throws IllegalArgumentException if it is out of range
   */
  public RedisTier heartbeat(Duration interval) {
    Options.between("heartbeat", Duration.ofMillis(10), LONGEST, interval);
    return with(s -> s.heartbeat = interval);
  }

  /**
   * The longest life of a value that Redis did not take part in, and how long any value in memory
   * is a hit after Redis was last heard, over 0; {@link #DEFAULT_TIME_TO_LIVE_WHILE_AWAY} unless
   * set. It bounds how far the nodes drift apart during an outage.
   *
   * @throws IllegalArgumentException if it is not over 0
   */
  public RedisTier timeToLiveWhileAway(Duration atMost) {
    Options.between("timeToLiveWhileAway", SHORTEST, Lifetimes.LONGEST, atMost);
    return with(s -> s.timeToLiveWhileAway = atMost);
  }

  /**
   * The most keys and tags whose invalidation waits for Redis to come back, at least 1; {@link
   * #DEFAULT_PENDING_REMOVALS} unless set. With more, all entries of the cache are invalidated when
   * it is back.
   *
   * @throws IllegalArgumentException if it is under 1
   */
  public RedisTier pendingRemovals(int keys) {
    Options.atLeast("pendingRemovals", 1, keys);
    return with(s -> s.pendingRemovals = keys);
  }

  /**
   * The most bytes of a serialized value before transforms, 1 B to 256 MiB; {@link
   * #DEFAULT_MAXIMUM_SIZE} unless set. Larger ones live in memory only, and are a miss when found.
   *
   * @throws IllegalArgumentException if it is out of range
   */
  public RedisTier maximumDecodedSize(ByteSize size) {
    requireSize("maximumDecodedSize", size);
    return with(s -> s.maximumDecodedSize = size);
  }

  /**
   * The most bytes of an entry in Redis, with its header and after transforms, 1 B to 256 MiB;
   * {@link #DEFAULT_MAXIMUM_SIZE} unless set. Larger ones are not stored, and are a miss when
   * found; a read of one key takes no more than this from Redis, one of many takes them whole.
   *
   * @throws IllegalArgumentException if it is out of range
   */
  public RedisTier maximumEncodedSize(ByteSize size) {
    requireSize("maximumEncodedSize", size);
    return with(s -> s.maximumEncodedSize = size);
  }

  /** Returns host and port, of a cluster of each node that was named, without anything secret. */
  public String address() {
    return settings.uris.stream()
        .map(uri -> uri.getHost() + ":" + portOf(uri))
        .collect(Collectors.joining(","));
  }

  static int portOf(URI uri) {
    return uri.getPort() == -1 ? DEFAULT_PORT : uri.getPort();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RedisTier that && settings.values().equals(that.settings.values());
  }

  @Override
  public int hashCode() {
    return settings.values().hashCode();
  }

  /** Returns the address and the options, without user and password. */
  @Override
  public String toString() {
    return "RedisTier[" + address() + ", poolSize=" + settings.poolSize + "]";
  }

  Settings settings() {
    return settings;
  }

  private RedisTier with(Consumer<Settings> change) {
    Settings copy = settings.copy();
    change.accept(copy);
    return new RedisTier(copy);
  }

  private static void requireSize(String property, ByteSize size) {
    Options.require(
        size.toBytes() >= 1 && size.compareTo(LARGEST) <= 0,
        property,
        "be between 1 B and " + LARGEST,
        size);
  }

  private static URI parse(String text) {
    try {
      URI uri = new URI(text);
      String scheme = String.valueOf(uri.getScheme());
      String path = String.valueOf(uri.getPath());
      if (uri.getHost() != null
          && (scheme.equals("redis") || scheme.equals("rediss"))
          && path.matches("/?|/\\d{1,4}")) {
        return uri;
      }
    } catch (URISyntaxException malformed) {
      // Its message shows the text, which may hold a password.
    }
    throw new IllegalArgumentException(
        "uri must be like redis://host:6379 or rediss://user:password@host:6379/0 but was not"
            + " (the value is not shown, as it may hold a password)");
  }

  /** The values; never changed once a tier holds them. */
  static final class Settings {
    List<URI> uris = List.of();
    boolean cluster;
    Duration connectTimeout = DEFAULT_CONNECT_TIMEOUT;
    Duration commandTimeout = DEFAULT_COMMAND_TIMEOUT;
    int poolSize = DEFAULT_POOL_SIZE;
    Duration retryAfter = DEFAULT_RETRY_AFTER;
    Duration heartbeat = DEFAULT_HEARTBEAT;
    Duration timeToLiveWhileAway = DEFAULT_TIME_TO_LIVE_WHILE_AWAY;
    int pendingRemovals = DEFAULT_PENDING_REMOVALS;
    ByteSize maximumDecodedSize = DEFAULT_MAXIMUM_SIZE;
    ByteSize maximumEncodedSize = DEFAULT_MAXIMUM_SIZE;

    private Settings copy() {
      Settings copy = new Settings();
      copy.uris = uris;
      copy.cluster = cluster;
      copy.connectTimeout = connectTimeout;
      copy.commandTimeout = commandTimeout;
      copy.poolSize = poolSize;
      copy.retryAfter = retryAfter;
      copy.heartbeat = heartbeat;
      copy.timeToLiveWhileAway = timeToLiveWhileAway;
      copy.pendingRemovals = pendingRemovals;
      copy.maximumDecodedSize = maximumDecodedSize;
      copy.maximumEncodedSize = maximumEncodedSize;
      return copy;
    }

    private List<Object> values() {
      return List.of(
          uris,
          cluster,
          connectTimeout,
          commandTimeout,
          poolSize,
          retryAfter,
          heartbeat,
          timeToLiveWhileAway,
          pendingRemovals,
          maximumDecodedSize,
          maximumEncodedSize);
    }
  }
}

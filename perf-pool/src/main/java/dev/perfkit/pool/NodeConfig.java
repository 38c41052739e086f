package dev.perfkit.pool;

import com.zaxxer.hikari.HikariConfig;
import dev.perfkit.spi.Beta;
import dev.perfkit.spi.support.Options;
import dev.perfkit.spi.support.Problems;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The pool of one node, with defaults for a service under load: {@value #DEFAULT_MINIMUM_IDLE} to
 * {@value #DEFAULT_MAXIMUM_SIZE} connections, 30 seconds to acquire one, idle ones closed after 5
 * minutes. Who needs more of HikariCP hands a {@link HikariConfig} to the group instead.
 *
 * <p>Immutable. {@link #toString} shows neither password nor properties.
 */
@Beta
public final class NodeConfig {

  /** Connections that are kept ready. */
  public static final int DEFAULT_MINIMUM_IDLE = 5;

  /** The most connections. */
  public static final int DEFAULT_MAXIMUM_SIZE = 50;

  /** The longest wait for a connection: 30 seconds. */
  public static final Duration DEFAULT_ACQUIRE_TIMEOUT = Duration.ofSeconds(30);

  /** How long an unneeded connection stays open: 5 minutes. */
  public static final Duration DEFAULT_IDLE_TIMEOUT = Duration.ofMinutes(5);

  private static final Duration MIN_ACQUIRE_TIMEOUT = Duration.ofMillis(250);
  private static final Duration MAX_ACQUIRE_TIMEOUT = Duration.ofMinutes(10);
  private static final Duration MIN_IDLE_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration MAX_IDLE_TIMEOUT = Duration.ofMinutes(29);
  private static final int MAX_SIZE = 10_000;

  private final String jdbcUrl;
  private final String user;
  private final String password;
  private final int minimumIdle;
  private final int maximumSize;
  private final Duration acquireTimeout;
  private final Duration idleTimeout;
  private final Map<String, String> properties;

  private NodeConfig(Builder builder) {
    jdbcUrl = builder.jdbcUrl;
    user = builder.user;
    password = builder.password;
    minimumIdle = builder.minimumIdle;
    maximumSize = builder.maximumSize;
    acquireTimeout = builder.acquireTimeout;
    idleTimeout = builder.idleTimeout;
    properties = Collections.unmodifiableMap(new TreeMap<>(builder.properties));
  }

  /**
   * Starts the configuration of a node.
   *
   * @param jdbcUrl where its server is, such as {@code jdbc:postgresql://db1:5432/orders}
   * @throws IllegalArgumentException if it does not start with {@code jdbc:}
   */
  public static Builder at(String jdbcUrl) {
    return new Builder(jdbcUrl);
  }

  /** Returns a builder that starts from this configuration. */
  public Builder toBuilder() {
    Builder builder = new Builder(jdbcUrl).minimumIdle(minimumIdle).maximumSize(maximumSize);
    builder.user = user;
    builder.password = password;
    builder.acquireTimeout(acquireTimeout).idleTimeout(idleTimeout);
    properties.forEach(builder::property);
    return builder;
  }

  /** Returns where the server is. */
  public String jdbcUrl() {
    return jdbcUrl;
  }

  /** Returns who connects; empty if the URL or the driver says so. */
  public String user() {
    return user;
  }

  /** Returns how many connections are kept ready. */
  public int minimumIdle() {
    return minimumIdle;
  }

  /** Returns the most connections. */
  public int maximumSize() {
    return maximumSize;
  }

  /** Returns the longest wait for a connection. */
  public Duration acquireTimeout() {
    return acquireTimeout;
  }

  /** Returns how long an unneeded connection stays open. */
  public Duration idleTimeout() {
    return idleTimeout;
  }

  /** Returns the properties handed to the driver, which may hold secrets; unmodifiable. */
  public Map<String, String> properties() {
    return properties;
  }

  HikariConfig toHikariConfig() {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(jdbcUrl);
    if (!user.isEmpty()) {
      config.setUsername(user);
      config.setPassword(password);
    }
    config.setMinimumIdle(minimumIdle);
    config.setMaximumPoolSize(maximumSize);
    config.setConnectionTimeout(acquireTimeout.toMillis());
    if (minimumIdle < maximumSize) {
      config.setIdleTimeout(idleTimeout.toMillis());
    }
    properties.forEach(config::addDataSourceProperty);
    return config;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof NodeConfig that
        && jdbcUrl.equals(that.jdbcUrl)
        && user.equals(that.user)
        && password.equals(that.password)
        && minimumIdle == that.minimumIdle
        && maximumSize == that.maximumSize
        && acquireTimeout.equals(that.acquireTimeout)
        && idleTimeout.equals(that.idleTimeout)
        && properties.equals(that.properties);
  }

  @Override
  public int hashCode() {
    return Objects.hash(jdbcUrl, user, minimumIdle, maximumSize, acquireTimeout, idleTimeout);
  }

  @Override
  public String toString() {
    return "NodeConfig["
        + JdbcUrls.shown(jdbcUrl)
        + ", user="
        + user
        + ", size="
        + minimumIdle
        + ".."
        + maximumSize
        + ", acquireTimeout="
        + acquireTimeout
        + ", idleTimeout="
        + idleTimeout
        + "]";
  }

  /** Collects the options of a {@link NodeConfig}. For one thread. */
  @Beta
  public static final class Builder {

    private final String jdbcUrl;
    private String user = "";
    private String password = "";
    private int minimumIdle = DEFAULT_MINIMUM_IDLE;
    private int maximumSize = DEFAULT_MAXIMUM_SIZE;
    private Duration acquireTimeout = DEFAULT_ACQUIRE_TIMEOUT;
    private Duration idleTimeout = DEFAULT_IDLE_TIMEOUT;
    private final Map<String, String> properties = new TreeMap<>();

    private Builder(String jdbcUrl) {
      Objects.requireNonNull(jdbcUrl, "jdbcUrl");
      Options.require(
          jdbcUrl.startsWith("jdbc:"),
          "jdbcUrl",
          "start with 'jdbc:'",
          "'" + JdbcUrls.shown(jdbcUrl) + "'");
      this.jdbcUrl = jdbcUrl;
    }

    /**
     * Sets who connects, and the password.
     *
     * @throws IllegalArgumentException if the user is blank
     */
    public Builder credentials(String user, String password) {
      this.user = Options.notBlank("user", user);
      this.password = Objects.requireNonNull(password, "password");
      return this;
    }

    /**
     * Sets how many connections are kept ready; default {@value #DEFAULT_MINIMUM_IDLE}.
     *
     * @param connections 0 to 10,000, at most {@link #maximumSize}
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder minimumIdle(int connections) {
      this.minimumIdle = Options.between("minimumIdle", 0, MAX_SIZE, connections);
      return this;
    }

    /**
     * Sets the most connections; default {@value #DEFAULT_MAXIMUM_SIZE}. It is also the ceiling of
     * the node's knob.
     *
     * @param connections 1 to 10,000
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder maximumSize(int connections) {
      this.maximumSize = Options.between("maximumSize", 1, MAX_SIZE, connections);
      return this;
    }

    /**
     * Sets the longest wait for a connection; default 30 seconds.
     *
     * @param timeout 250 ms to 10 minutes
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder acquireTimeout(Duration timeout) {
      this.acquireTimeout =
          Options.between("acquireTimeout", MIN_ACQUIRE_TIMEOUT, MAX_ACQUIRE_TIMEOUT, timeout);
      return this;
    }

    /**
     * Sets how long a connection over {@link #minimumIdle} stays open unused; default 5 minutes.
     *
     * @param timeout 10 seconds to 29 minutes
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder idleTimeout(Duration timeout) {
      this.idleTimeout =
          Options.between("idleTimeout", MIN_IDLE_TIMEOUT, MAX_IDLE_TIMEOUT, timeout);
      return this;
    }

    /**
     * Hands a property to the driver, such as {@code ssl} or {@code ApplicationName}.
     *
     * @throws IllegalArgumentException if the name is blank
     */
    public Builder property(String name, String value) {
      properties.put(Options.notBlank("property name", name), Objects.requireNonNull(value, name));
      return this;
    }

    /**
     * Returns the configuration.
     *
     * @throws IllegalArgumentException if more connections are to be ready than are allowed
     */
    public NodeConfig build() {
      Problems.of("node at " + JdbcUrls.shown(jdbcUrl))
          .require(
              minimumIdle <= maximumSize,
              "minimumIdle",
              "be at most maximumSize (" + maximumSize + ")",
              minimumIdle)
          .throwIfAny();
      return new NodeConfig(this);
    }
  }
}

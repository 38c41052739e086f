package dev.perfkit.testkit.redis;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.support.Options;
import dev.perfkit.testkit.internal.FixtureFolder;
import dev.perfkit.testkit.internal.FixtureHome;
import dev.perfkit.testkit.internal.Ports;
import dev.perfkit.testkit.internal.ServerProcess;
import dev.perfkit.testkit.internal.Waiting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A real Redis server on the loopback interface, for a test to use and to break.
 *
 * <p>It keeps nothing on disk, needs no password, and starts empty. Needs {@code
 * com.github.codemonstur:embedded-redis} on the class path, or the path of an installed Redis; runs
 * on Linux and macOS. It starts no threads. All methods are safe for use by several threads; those
 * that start or stop the server wait until that is done.
 *
 * <p>{@link #close} ends the server and deletes its files. If the JVM exits without it, a shutdown
 * hook does; if the JVM is killed, the next fixture of the same user does.
 */
@Beta
public final class RedisFixture implements AutoCloseable {

  /** How long a server may take to start unless said otherwise: 30 s. */
  public static final Duration DEFAULT_START_TIMEOUT = Duration.ofSeconds(30);

  private static final Duration STOP_WAIT = Duration.ofSeconds(10);

  private final ReentrantLock lock = new ReentrantLock();
  private final FixtureFolder folder;
  private final Path program;
  private final Duration startTimeout;
  private int port;
  private volatile @Nullable ServerProcess process;
  private volatile boolean closed;

  private RedisFixture(FixtureFolder folder, Path program, Duration startTimeout) {
    this.folder = folder;
    this.program = program;
    this.startTimeout = startTimeout;
  }

  /**
   * Starts a server with the defaults.
   *
   * @throws IllegalStateException if it cannot run here; the message says why and what helps
   */
  public static RedisFixture start() {
    return builder().start();
  }

  /** Returns a builder with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns the address as clients take it, such as {@code redis://127.0.0.1:23456}. */
  public String uri() {
    return "redis://" + host() + ":" + port();
  }

  /** Returns the loopback address, {@code 127.0.0.1}. */
  public String host() {
    return Ports.LOOPBACK;
  }

  /** Returns the port; the same for the life of the fixture. */
  public int port() {
    return port;
  }

  /** Returns the process id of the server, or of the last one when none runs. */
  public long pid() {
    ServerProcess current = process;
    if (current == null) {
      throw new IllegalStateException("redis on port " + port + " was never started");
    }
    return current.pid();
  }

  /** Returns whether the server's process is alive. */
  public boolean isRunning() {
    ServerProcess current = process;
    return current != null && current.isAlive();
  }

  /** Stops the server in good order, as SIGTERM does; does nothing if it does not run. */
  public void stop() {
    lock.lock();
    try {
      ServerProcess current = process;
      if (current != null && current.isAlive()) {
        current.terminate();
        if (!current.awaitEnd(STOP_WAIT)) {
          current.kill(folder.path());
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Kills the server with SIGKILL, as a crash would; does nothing if it does not run. */
  public void kill() {
    lock.lock();
    try {
      ServerProcess current = process;
      if (current != null && current.isAlive()) {
        current.kill(folder.path());
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Starts an empty server on the same port; stops the present one first if it runs.
   *
   * @throws IllegalStateException if the fixture is closed, or the server does not start
   */
  public void restart() {
    lock.lock();
    try {
      if (closed) {
        throw new IllegalStateException(
            "redis on port " + port + " cannot restart: its fixture is closed");
      }
      stop();
      if (!launch(port)) {
        throw new IllegalStateException(
            "redis cannot restart: another process took port " + port + " while it was down");
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ends the server and deletes its files; further calls do nothing. Takes 20 s at most. */
  @Override
  public void close() {
    closed = true;
    lock.lock();
    try {
      kill();
      folder.close();
    } finally {
      lock.unlock();
    }
  }

  private void launchOnFreePort() {
    for (int attempt = 1; attempt <= Ports.ATTEMPTS; attempt++) {
      port = Ports.free();
      if (launch(port)) {
        return;
      }
    }
    throw new IllegalStateException(
        "redis found its port taken in " + Ports.ATTEMPTS + " attempts with different ports");
  }

  /** Returns false if another process has the port. */
  private boolean launch(int onPort) {
    ServerProcess started = ServerProcess.start(folder, "redis.log", command(onPort));
    process = started;
    boolean decided =
        Waiting.until(
            startTimeout,
            () -> closed || !started.isAlive() || RedisProbe.answers(onPort, started.pid()));
    if (decided && started.isAlive() && !closed) {
      return true;
    }
    String report = started.report();
    started.kill(folder.path());
    if (!closed && !Ports.isFree(onPort)) {
      return false;
    }
    throw new IllegalStateException(
        "redis on port "
            + onPort
            + " did not start (startTimeout is "
            + startTimeout
            + "): it "
            + report);
  }

  private List<String> command(int onPort) {
    return List.of(
        program.toString(),
        "--port",
        Integer.toString(onPort),
        "--bind",
        Ports.LOOPBACK,
        "--save",
        "",
        "--appendonly",
        "no",
        "--daemonize",
        "no",
        "--dir",
        folder.path().toString());
  }

  /** Configures and starts a {@link RedisFixture}. For one thread. */
  @Beta
  public static final class Builder {

    private @Nullable Path binary;
    private Duration startTimeout = DEFAULT_START_TIMEOUT;

    private Builder() {}

    /**
     * Uses another Redis program than the packed one.
     *
     * @throws IllegalArgumentException if there is no such executable file
     */
    public Builder binary(Path binary) {
      Options.require(
          java.nio.file.Files.isExecutable(binary), "binary", "be an executable file", binary);
      this.binary = binary.toAbsolutePath();
      return this;
    }

    /**
     * Limits how long the server may take to start; {@link #DEFAULT_START_TIMEOUT} by default.
     *
     * @throws IllegalArgumentException if it is not over 0
     */
    public Builder startTimeout(Duration startTimeout) {
      this.startTimeout = Options.positive("startTimeout", startTimeout);
      return this;
    }

    /**
     * Starts the server and waits until it answers.
     *
     * @throws IllegalStateException if it cannot run here; the message says why and what helps
     */
    public RedisFixture start() {
      FixtureHome home = FixtureHome.open();
      Path own = binary;
      Path program = own == null ? RedisBinary.unpacked(home) : own;
      FixtureFolder folder = home.create("redis", program);
      try {
        RedisBinary.requireRunnable(program, folder);
        RedisFixture fixture = new RedisFixture(folder, program, startTimeout);
        fixture.launchOnFreePort();
        return fixture;
      } catch (RuntimeException failed) {
        folder.close();
        throw failed;
      }
    }
  }
}

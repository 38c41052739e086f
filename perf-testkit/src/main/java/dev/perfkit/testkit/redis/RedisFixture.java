package dev.perfkit.testkit.redis;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.support.Options;
import dev.perfkit.testkit.internal.FixtureFolder;
import dev.perfkit.testkit.internal.FixtureHome;
import dev.perfkit.testkit.internal.Ports;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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

  private final FixtureFolder folder;
  private final RedisInstance server;

  private RedisFixture(FixtureFolder folder, RedisInstance server) {
    this.folder = folder;
    this.server = server;
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
    return server.port();
  }

  /** Returns the process id of the server, or of the last one when none runs. */
  public long pid() {
    return server.pid();
  }

  /** Returns whether the server's process is alive; it is while it is frozen. */
  public boolean isRunning() {
    return server.isRunning();
  }

  /** Stops the server in good order, as SIGTERM does; does nothing if it does not run. */
  public void stop() {
    server.stop();
  }

  /** Kills the server with SIGKILL, as a crash would; does nothing if it does not run. */
  public void kill() {
    server.kill();
  }

  /**
   * Freezes the server with SIGSTOP, as a hung machine would: the system still accepts connections
   * for it, but nothing answers. Ended by {@link #thaw}; a frozen server can be killed, and is
   * thawed by {@link #stop} and {@link #restart}.
   *
   * @throws IllegalStateException if the server does not run
   */
  public void freeze() {
    server.freeze();
  }

  /** Lets a frozen server go on, with all it held; does nothing if it is not frozen. */
  public void thaw() {
    server.thaw();
  }

  /**
   * Starts an empty server on the same port; stops the present one first if it runs.
   *
   * @throws IllegalStateException if the fixture is closed, or the server does not start
   */
  public void restart() {
    server.restart();
  }

  /**
   * Leaves the closing to the caller also when the JVM exits. Shutdown hooks run all at once, in no
   * order: for a program whose own hook closes the clients before this fixture. If the JVM is
   * killed, the next fixture cleans up as ever.
   */
  public void removeShutdownHook() {
    folder.removeShutdownHook();
  }

  /** Ends the server and deletes its files; further calls do nothing. Takes 20 s at most. */
  @Override
  public void close() {
    server.close();
    folder.close();
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
        RedisInstance server =
            new RedisInstance(folder, folder.path(), program, startTimeout, List.of());
        server.launchOnFreePort();
        return new RedisFixture(folder, server);
      } catch (RuntimeException failed) {
        folder.close();
        throw failed;
      }
    }
  }
}

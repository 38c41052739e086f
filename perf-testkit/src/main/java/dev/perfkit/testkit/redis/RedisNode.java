package dev.perfkit.testkit.redis;

import dev.perfkit.spi.Beta;
import dev.perfkit.testkit.internal.Ports;

/**
 * One server of a {@link RedisClusterFixture}. All methods are safe for use by several threads;
 * those that start or stop the server wait until that is done.
 */
@Beta
public final class RedisNode {

  private final RedisInstance server;
  private final String id;
  private volatile boolean frozen;

  RedisNode(RedisInstance server, String id) {
    this.server = server;
    this.id = id;
  }

  /** Returns the address as clients take it, such as {@code redis://127.0.0.1:20123}. */
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

  /** Stops the server in good order; does nothing if it does not run. */
  public void stop() {
    frozen = false;
    server.stop();
  }

  /** Kills the server with SIGKILL, as a crash would; does nothing if it does not run. */
  public void kill() {
    server.kill();
    frozen = false;
  }

  /**
   * Freezes the server with SIGSTOP, as a hung machine would. Ended by {@link #thaw}.
   *
   * @throws IllegalStateException if the server does not run
   */
  public void freeze() {
    server.freeze();
    frozen = true;
  }

  /** Lets a frozen server go on, with all it held; does nothing if it is not frozen. */
  public void thaw() {
    server.thaw();
    frozen = false;
  }

  /**
   * Starts the server anew, without its data but in its old place in the cluster; stops the present
   * one first if it runs. It takes part about two seconds after this returns, which {@link
   * RedisClusterFixture#awaitReady} waits for.
   *
   * @throws IllegalStateException if the fixture is closed, or the server does not start
   */
  public void restart() {
    frozen = false;
    server.restart();
  }

  /** Returns host and port. */
  @Override
  public String toString() {
    return "RedisNode[" + host() + ":" + port() + "]";
  }

  String id() {
    return id;
  }

  boolean answers() {
    return isRunning() && !frozen;
  }

  String ask(String command) {
    return RedisProbe.ask(port(), command);
  }

  void close() {
    server.close();
  }
}

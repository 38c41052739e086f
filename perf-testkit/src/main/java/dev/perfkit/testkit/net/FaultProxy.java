package dev.perfkit.testkit.net;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.support.Options;
import dev.perfkit.spi.support.WorkerThreads;
import dev.perfkit.testkit.internal.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * A TCP proxy on the loopback interface that passes bytes on to a target until it is told to be
 * slow, dead or rude. A test gives its client the proxy's address instead of the target's.
 *
 * <p>Faults take effect before the method that switches them returns, on open connections too, and
 * last until {@link #heal}. When the target itself refuses a connection, the proxy resets the
 * client's: it has accepted it already and cannot refuse it any more. Each direction of a
 * connection holds up to 1 MiB; beyond that, the sender has to wait.
 *
 * <p>All methods are safe for use by several threads. One daemon thread, {@code
 * perf-testkit-proxy-<port>-1}, moves the bytes of all connections; {@link #close} ends it.
 */
@Beta
public final class FaultProxy implements AutoCloseable {

  /** The longest delay in each direction: 1 h. */
  public static final Duration MAX_DELAY = Duration.ofHours(1);

  private final InetSocketAddress target;
  private final ProxyLoop loop;
  private final Thread thread;

  private FaultProxy(InetSocketAddress target, ProxyLoop loop) {
    this.target = target;
    this.loop = loop;
    this.thread =
        WorkerThreads.factory("testkit", "proxy-" + loop.address().getPort()).newThread(loop);
  }

  /**
   * Starts a proxy to a target. The target need not run yet.
   *
   * @param host the name or address of the target; looked up once, now
   * @param port the port of the target, 1 to 65535
   * @throws IllegalArgumentException if the host is not known or the port is out of range
   * @throws IllegalStateException if no port is free
   */
  public static FaultProxy to(String host, int port) {
    Options.notBlank("host", host);
    Options.between("port", 1, 65_535, port);
    InetSocketAddress target = new InetSocketAddress(host, port);
    Options.require(!target.isUnresolved(), "host", "be a known name or address", host);
    FaultProxy proxy = new FaultProxy(target, listen(target));
    proxy.thread.start();
    return proxy;
  }

  /** Returns the loopback address, {@code 127.0.0.1}. */
  public String host() {
    return Ports.LOOPBACK;
  }

  /** Returns the port; the same for the life of the proxy. */
  public int port() {
    return loop.address().getPort();
  }

  /** Returns how many connections are open now. */
  public int connections() {
    return loop.connections();
  }

  /**
   * Delays every byte in each direction, so that a round trip takes twice as long; zero ends it.
   * Throughput stays as it is. Bytes that are under way are delayed by the new value, counted from
   * when the proxy received them.
   *
   * @throws IllegalArgumentException if it is negative or over {@link #MAX_DELAY}
   * @throws IllegalStateException if the proxy is closed
   */
  public void delay(Duration delay) {
    delay(delay, delay);
  }

  /**
   * Delays each direction differently.
   *
   * @param toTarget of bytes from clients
   * @param toClient of bytes from the target
   * @throws IllegalArgumentException if one is negative or over {@link #MAX_DELAY}
   * @throws IllegalStateException if the proxy is closed
   */
  public void delay(Duration toTarget, Duration toClient) {
    Options.between("toTarget", Duration.ZERO, MAX_DELAY, toTarget);
    Options.between("toClient", Duration.ZERO, MAX_DELAY, toClient);
    loop.call(
        "delay",
        () -> {
          loop.line(Direction.TO_TARGET).delay(toTarget.toNanos());
          loop.line(Direction.TO_CLIENT).delay(toClient.toNanos());
        });
  }

  /**
   * Swallows every byte in both directions, as a dead route would: connections stay open, new ones
   * are accepted, and nothing arrives, not even that one side is gone. Bytes that are under way are
   * swallowed, too, and are lost for good: a connection that lost some is of no use after {@link
   * #heal}, unlike with a real network, which would send them again.
   *
   * @throws IllegalStateException if the proxy is closed
   */
  public void blackHole() {
    loop.call("swallow", () -> loop.swallow(List.of(Direction.values())));
  }

  /**
   * Swallows every byte in one direction, as {@link #blackHole()} does in both; bytes of the other
   * are passed on. The reset of a connection is told to neither side until {@link #heal}.
   *
   * @throws IllegalStateException if the proxy is closed
   */
  public void blackHole(Direction direction) {
    loop.call("swallow", () -> loop.swallow(List.of(direction)));
  }

  /**
   * Limits how many bytes each connection passes on per second, in each direction. Bytes go in
   * portions of a fiftieth of that; a sender waits when the proxy holds its 1 MiB.
   *
   * @param bytesPerSecond at least 1
   * @throws IllegalArgumentException if it is less
   * @throws IllegalStateException if the proxy is closed
   */
  public void throttle(long bytesPerSecond) {
    Options.atLeast("bytesPerSecond", 1, bytesPerSecond);
    loop.call(
        "throttle",
        () -> {
          loop.line(Direction.TO_TARGET).throttle(bytesPerSecond);
          loop.line(Direction.TO_CLIENT).throttle(bytesPerSecond);
        });
  }

  /**
   * Limits one direction, as {@link #throttle(long)} does both; the other stays as it is.
   *
   * @param bytesPerSecond at least 1
   * @throws IllegalArgumentException if it is less
   * @throws IllegalStateException if the proxy is closed
   */
  public void throttle(Direction direction, long bytesPerSecond) {
    Options.atLeast("bytesPerSecond", 1, bytesPerSecond);
    loop.call("throttle", () -> loop.line(direction).throttle(bytesPerSecond));
  }

  /**
   * Closes all open connections, dropping what is under way, and refuses new ones, as if the target
   * had been stopped.
   *
   * @throws IllegalStateException if the proxy is closed
   */
  public void cut() {
    loop.call("cut", loop::cut);
  }

  /**
   * Resets all open connections (TCP RST), so that both ends fail at once. New ones are accepted.
   *
   * @throws IllegalStateException if the proxy is closed
   */
  public void reset() {
    loop.call("reset", loop::reset);
  }

  /**
   * Ends all faults: no delay, no limit, no byte swallowed, and new connections are accepted.
   * Connections that were closed stay closed.
   *
   * @throws IllegalStateException if the proxy is closed, or another process took its port while it
   *     was cut
   */
  public void heal() {
    loop.call("heal", loop::heal);
  }

  /** Closes all connections and ends the thread; further calls do nothing. Takes 10 s at most. */
  @Override
  public void close() {
    loop.stop();
    try {
      thread.join(Duration.ofSeconds(10).toMillis());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    return "FaultProxy[" + host() + ":" + port() + " to " + target + "]";
  }

  private static ProxyLoop listen(InetSocketAddress target) {
    for (int attempt = 1; attempt <= Ports.ATTEMPTS; attempt++) {
      try {
        return ProxyLoop.open(new InetSocketAddress(Ports.loopback(), Ports.free()), target);
      } catch (BindException taken) {
        // Somebody was faster; the next one.
      } catch (IOException failed) {
        throw new UncheckedIOException("cannot start a proxy to " + target, failed);
      }
    }
    throw new IllegalStateException(
        "a proxy to " + target + " found its port taken in " + Ports.ATTEMPTS + " attempts");
  }
}

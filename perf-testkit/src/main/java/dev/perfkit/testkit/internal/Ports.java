package dev.perfkit.testkit.internal;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports of the loopback interface for servers that come and go.
 *
 * <p>They lie below the range from which the system takes the ports of outgoing connections. From
 * that range another connection could take the port of a server that is down for a moment, and a
 * client that connects to a dead server could be connected to itself.
 */
public final class Ports {

  /** The address on which every fixture listens. */
  public static final String LOOPBACK = "127.0.0.1";

  /** How often a fixture tries another port when somebody took the one it chose. */
  public static final int ATTEMPTS = 20;

  private static final int FIRST = 20_000;
  private static final int END = 32_000;
  private static final int BUS_OFFSET = 10_000;

  private Ports() {}

  /**
   * Returns a port that nobody listens on now. Another process may take it at any time: who starts
   * a server on it must be ready to try again.
   *
   * @throws IllegalStateException if no free port was found
   */
  public static int free() {
    for (int attempt = 0; attempt < 1_000; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, END);
      if (isFree(port)) {
        return port;
      }
    }
    throw new IllegalStateException(
        "no free port on " + LOOPBACK + " between " + FIRST + " and " + END + " in 1000 attempts");
  }

  /**
   * Returns ports that are free likewise, each with the one that is 10,000 higher: a node of a
   * Redis Cluster talks to the others there.
   *
   * @throws IllegalStateException if there are not so many
   */
  public static List<Integer> freeWithBus(int count) {
    Set<Integer> found = new LinkedHashSet<>();
    for (int attempt = 0; attempt < 1_000 && found.size() < count; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, END - BUS_OFFSET);
      if (isFree(port) && isFree(port + BUS_OFFSET)) {
        found.add(port);
      }
    }
    if (found.size() < count) {
      throw new IllegalStateException(
          "no " + count + " free ports on " + LOOPBACK + " from " + FIRST + " in 1000 attempts");
    }
    return List.copyOf(found);
  }

  /** Returns whether a server could listen on the port now. */
  public static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(loopback(), port));
      return true;
    } catch (IOException taken) {
      return false;
    }
  }

  /** Returns {@link #LOOPBACK} as an address. */
  public static InetAddress loopback() {
    try {
      return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    } catch (UnknownHostException impossible) {
      throw new AssertionError(impossible);
    }
  }
}

package dev.perfkit.examples.auth;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Looks at a port before the long work begins, not after. */
final class Ports {

  private Ports() {}

  /**
   * @throws PortTakenException if another process listens there
   */
  static void requireFree(int port) {
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    } catch (IOException taken) {
      throw new PortTakenException(port, taken);
    }
  }
}

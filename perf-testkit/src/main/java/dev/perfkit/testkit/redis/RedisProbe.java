package dev.perfkit.testkit.redis;

import dev.perfkit.testkit.internal.Ports;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Talks to a server without a client library. */
final class RedisProbe {

  private static final int TIMEOUT_MILLIS = 2_000;
  private static final int MAX_REPLY_BYTES = 16_384;

  private RedisProbe() {}

  /** Asks a server for its process id, so that no other Redis on the port is taken for ours. */
  static boolean answers(int port, long pid) {
    return ask(port, "INFO server").contains("process_id:" + pid + "\r\n");
  }

  /** Returns what a server answers, as it is on the wire; empty if it does not answer. */
  static String ask(int port, String command) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(Ports.loopback(), port), TIMEOUT_MILLIS);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      String lines = command + "\r\nQUIT\r\n";
      socket.getOutputStream().write(lines.getBytes(StandardCharsets.US_ASCII));
      byte[] reply = socket.getInputStream().readNBytes(MAX_REPLY_BYTES);
      return new String(reply, StandardCharsets.US_ASCII);
    } catch (IOException noAnswer) {
      return "";
    }
  }
}

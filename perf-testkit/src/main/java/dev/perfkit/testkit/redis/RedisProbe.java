package dev.perfkit.testkit.redis;

import dev.perfkit.testkit.internal.Ports;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Asks a server for its process id, so that no other Redis on the port is taken for ours. */
final class RedisProbe {

  private static final int TIMEOUT_MILLIS = 2_000;
  private static final int MAX_REPLY_BYTES = 16_384;

  private RedisProbe() {}

  static boolean answers(int port, long pid) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(Ports.loopback(), port), TIMEOUT_MILLIS);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.getOutputStream().write("INFO server\r\nQUIT\r\n".getBytes(StandardCharsets.US_ASCII));
      byte[] reply = socket.getInputStream().readNBytes(MAX_REPLY_BYTES);
      return new String(reply, StandardCharsets.US_ASCII).contains("process_id:" + pid + "\r\n");
    } catch (IOException notYet) {
      return false;
    }
  }
}

package dev.perfkit.testkit.redis;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** As much of a Redis client as these tests need: commands of one line, replies of one line. */
final class RedisConversation implements AutoCloseable {

  private final Socket socket;
  private final BufferedReader replies;

  private RedisConversation(Socket socket) throws IOException {
    this.socket = socket;
    this.replies =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
  }

  static RedisConversation with(RedisFixture redis) throws IOException {
    Socket socket = new Socket(redis.host(), redis.port());
    socket.setSoTimeout(20_000);
    return new RedisConversation(socket);
  }

  /** Returns the first line of the reply; {@code end} if the connection ended instead. */
  String say(String command) throws IOException {
    socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
    String reply = replies.readLine();
    return reply == null ? "end" : reply;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}

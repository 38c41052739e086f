package dev.perfkit.testkit.jvm;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/**
 * The connection to the program of another JVM. Requests are numbered, so that an answer nobody
 * waits for any more is not taken for the next one.
 */
final class Conversation {

  private static final int LOOK_MILLIS = 200;

  private final Socket socket;
  private final DataInputStream in;
  private final DataOutputStream out;
  private final AtomicLong numbers = new AtomicLong();

  /** What of an answer has been read: a read that times out in its midst goes on there. */
  private final byte[] head = new byte[13];

  private int headRead;
  private byte[] text = new byte[0];
  private int textRead;

  private Conversation(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new DataInputStream(socket.getInputStream());
    this.out = new DataOutputStream(socket.getOutputStream());
  }

  /** Waits for a program that knows the word, as long as there may be one. */
  static Conversation accept(
      ServerSocket door, String word, Duration atMost, BooleanSupplier mayCome) throws IOException {
    long end = System.nanoTime() + atMost.toNanos();
    while (true) {
      Socket socket = accept(door, end, mayCome);
      socket.setSoTimeout(millisUntil(end));
      socket.setTcpNoDelay(true);
      Conversation conversation = new Conversation(socket);
      if (conversation.in.readUTF().equals(word)) {
        return conversation;
      }
      socket.close();
    }
  }

  private static Socket accept(ServerSocket door, long end, BooleanSupplier mayCome)
      throws IOException {
    while (true) {
      door.setSoTimeout(Math.min(LOOK_MILLIS, millisUntil(end)));
      try {
        return door.accept();
      } catch (SocketTimeoutException notYet) {
        if (!mayCome.getAsBoolean()) {
          throw new IOException("it has ended", notYet);
        }
      }
    }
  }

  /** What was answered. */
  record Answer(boolean failed, String text) {}

  Answer ask(String command, Duration atMost) throws IOException {
    long number = numbers.incrementAndGet();
    byte[] bytes = command.getBytes(StandardCharsets.UTF_8);
    out.writeLong(number);
    out.writeInt(bytes.length);
    out.write(bytes);
    out.flush();
    return await(number, atMost);
  }

  /** Waits for the answer to the request with that number; 0 is the start. */
  Answer await(long number, Duration atMost) throws IOException {
    long end = System.nanoTime() + atMost.toNanos();
    while (true) {
      long got = read(end);
      Answer answer = new Answer(head[8] != 0, new String(text, StandardCharsets.UTF_8));
      headRead = 0;
      if (got == number) {
        return answer;
      }
    }
  }

  private long read(long end) throws IOException {
    while (headRead < head.length) {
      headRead += read(head, headRead, end);
      if (headRead == head.length) {
        text = new byte[(int) number(9, 4)];
        textRead = 0;
      }
    }
    while (textRead < text.length) {
      textRead += read(text, textRead, end);
    }
    return number(0, 8);
  }

  private int read(byte[] into, int from, long end) throws IOException {
    socket.setSoTimeout(millisUntil(end));
    int count = in.read(into, from, into.length - from);
    if (count < 0) {
      throw new IOException("it has ended");
    }
    return count;
  }

  private long number(int from, int length) {
    long number = 0;
    for (int i = from; i < from + length; i++) {
      number = number << 8 | (head[i] & 0xFF);
    }
    return number;
  }

  private static int millisUntil(long end) throws SocketTimeoutException {
    long left = (end - System.nanoTime()) / 1_000_000;
    if (left <= 0) {
      throw new SocketTimeoutException("it did not answer in time");
    }
    return (int) Math.min(Integer.MAX_VALUE, left);
  }

  void close() {
    try {
      socket.close();
    } catch (IOException ended) {
      headRead = 0; // there is nothing left to do for a connection that is gone
    }
  }
}

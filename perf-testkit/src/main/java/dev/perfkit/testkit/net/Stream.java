package dev.perfkit.testkit.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * One direction of a connection: what was read, each piece with the time it came, until it is due
 * and written. The line is given with every call, so its faults hold for what is under way, too.
 * For the loop's thread.
 */
final class Stream {

  private static final int PIECE_BYTES = 16 * 1024;
  private static final int MAX_BYTES = 1024 * 1024;

  private final SocketChannel from;
  private final SocketChannel to;
  private final Deque<Piece> pieces = new ArrayDeque<>();
  private int bytes;
  private long freeAt = System.nanoTime();
  private boolean ended;
  private boolean finished;
  private boolean blocked;

  Stream(SocketChannel from, SocketChannel to) {
    this.from = from;
    this.to = to;
  }

  /** Bytes, or an empty buffer for the end of them, and when they came. */
  private record Piece(ByteBuffer content, long nanos) {}

  boolean hasRoom() {
    return !ended && bytes < MAX_BYTES;
  }

  /** Returns whether due bytes wait for the receiver. */
  boolean isBlocked() {
    return blocked;
  }

  /** Returns whether the end was passed on. */
  boolean isFinished() {
    return finished;
  }

  void read(long now) throws IOException {
    ByteBuffer content = ByteBuffer.allocate(PIECE_BYTES);
    int count = from.read(content);
    if (count == 0) {
      return;
    }
    ended = count < 0;
    bytes += Math.max(0, count);
    pieces.add(new Piece(content.flip(), now));
  }

  void write(long now, Line line) throws IOException {
    blocked = false;
    if (line.isSwallowing()) {
      swallow();
      return;
    }
    writeDue(now, line);
    finishIfDrained();
  }

  /** The end of the bytes is not passed on either, but kept for when the line is healed. */
  private void swallow() {
    pieces.clear();
    bytes = 0;
  }

  private void writeDue(long now, Line line) throws IOException {
    if (line.isThrottled() && now - freeAt < 0) {
      return;
    }
    int allowed = line.portion();
    int before = allowed;
    for (Piece piece = pieces.peek();
        piece != null && nanosUntil(piece, now, line.delayNanos()) <= 0;
        piece = pieces.peek()) {
      allowed -= write(piece.content(), allowed);
      if (piece.content().hasRemaining()) {
        blocked = allowed > 0;
        break;
      }
      pieces.remove();
    }
    freeAt = now + line.nanosFor(before - allowed);
  }

  private int write(ByteBuffer content, int atMost) throws IOException {
    int end = content.limit();
    content.limit(content.position() + Math.min(atMost, content.remaining()));
    try {
      int written = to.write(content);
      bytes -= written;
      return written;
    } finally {
      content.limit(end);
    }
  }

  /** Returns how long nothing is to do; a blocked receiver tells when it is ready. */
  long nanosUntilDue(long now, Line line) {
    Piece next = pieces.peek();
    if (next == null || blocked) {
      return Long.MAX_VALUE;
    }
    long pause = line.isThrottled() ? freeAt - now : 0;
    return Math.max(pause, Math.max(0, nanosUntil(next, now, line.delayNanos())));
  }

  private void finishIfDrained() throws IOException {
    if (ended && !finished && pieces.isEmpty()) {
      finished = true;
      to.shutdownOutput();
    }
  }

  private static long nanosUntil(Piece piece, long now, long delay) {
    return piece.nanos() + delay - now;
  }
}

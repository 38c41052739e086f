package dev.perfkit.compress;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Encodes whole bodies. The codec works on two direct buffers and the body passes through them in
 * pieces: a native call on a Java array would hold up garbage collection for as long as it
 * computes. A body of one piece, which is most, is one native call and one exact array.
 */
abstract class Encoder implements NativeContext {

  /** The largest piece of a body, in bytes. */
  static final int PIECE = 1 << 16;

  /** After a body larger than this the context holds memory that small bodies do not need. */
  static final int LARGE = 1 << 20;

  final ByteBuffer in = ByteBuffer.allocateDirect(PIECE);
  final ByteBuffer out;
  private boolean reusable = true;

  Encoder(int outSize) {
    out = ByteBuffer.allocateDirect(outSize);
  }

  /** Starts a body; may write to {@link #out}. */
  abstract void begin(byte[] body, int level);

  /**
   * Encodes from {@link #in}, which holds the next piece or what is left of it, to {@link #out}.
   *
   * @param last whether no piece follows
   * @return whether the body is complete in {@code out}; never unless {@code last}
   */
  abstract boolean step(boolean last);

  /**
   * Encodes a body.
   *
   * @param limit the most bytes the result may have
   * @return a new array, or null if the result would be larger
   */
  final byte @Nullable [] encode(byte[] body, int level, int limit) {
    reusable = false;
    in.clear().limit(0);
    out.clear();
    begin(body, level);
    Pieces done = new Pieces(limit);
    int next = 0;
    boolean complete = false;
    while (!complete) {
      if (!in.hasRemaining() && next < body.length) {
        next = refill(in, body, next, body.length);
      }
      complete = step(next == body.length);
      if (complete && done.isEmpty()) {
        reusable = body.length <= LARGE;
        return out.position() <= limit ? taken(out) : null;
      }
      if ((complete || !out.hasRemaining()) && !done.add(taken(out))) {
        return null;
      }
    }
    reusable = body.length <= LARGE;
    return done.joined();
  }

  /** Puts the next piece into a buffer and returns where the one after it begins. */
  static int refill(ByteBuffer buffer, byte[] source, int from, int to) {
    int length = Math.min(buffer.capacity(), to - from);
    buffer.clear();
    buffer.put(source, from, length).flip();
    return from + length;
  }

  @Override
  public final boolean isReusable() {
    return reusable;
  }

  private static byte[] taken(ByteBuffer buffer) {
    buffer.flip();
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes).clear();
    return bytes;
  }

  /** The encoded pieces of a body of several. */
  private static final class Pieces {

    private final List<byte[]> pieces = new ArrayList<>(0);
    private final int limit;
    private long length;

    Pieces(int limit) {
      this.limit = limit;
    }

    boolean isEmpty() {
      return pieces.isEmpty();
    }

    /** Adds a piece; false if all are too long together. */
    boolean add(byte[] piece) {
      pieces.add(piece);
      length += piece.length;
      return length <= limit;
    }

    byte[] joined() {
      ByteBuffer all = ByteBuffer.allocate((int) length);
      pieces.forEach(all::put);
      return all.array();
    }
  }
}

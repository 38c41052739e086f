package dev.perfkit.compress;

import dev.perfkit.compress.BodyEncoder.Goal;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Encodes bodies. The codec works on two direct buffers and the body passes through them in pieces:
 * a native call on a Java array would hold up garbage collection for as long as it computes. A
 * whole body of one piece, which is most, is one native call and one exact array.
 */
abstract class Encoder implements NativeContext {

  /** The largest piece of a body, in bytes. */
  static final int PIECE = 1 << 16;

  /** After a body larger than this the context holds memory that small bodies do not need. */
  static final int LARGE = 1 << 20;

  /** The largest piece of a stream, in bytes: many streams may be open. */
  static final int STREAM_PIECE = 1 << 13;

  /** The length of a body that is not known when it begins. */
  static final long UNKNOWN = BodyEncoder.UNKNOWN_LENGTH;

  final ByteBuffer in;
  final ByteBuffer out;
  private boolean reusable = true;

  Encoder(int inSize, int outSize) {
    in = ByteBuffer.allocateDirect(inSize);
    out = ByteBuffer.allocateDirect(outSize);
  }

  /**
   * Starts a body; may write to {@link #out}.
   *
   * @param length of the body in bytes, or {@link #UNKNOWN}
   */
  abstract void begin(long length, int level);

  /** Takes note of a new piece in {@link #in}, before it is encoded. */
  abstract void feed();

  /**
   * Encodes from {@link #in}, which holds the next piece or what is left of it, to {@link #out}.
   *
   * @return whether the goal is reached; if not, {@code out} is to be emptied before the next step
   */
  abstract boolean step(Goal goal);

  /**
   * Encodes a body.
   *
   * @param limit the most bytes the result may have
   * @return a new array, or null if the result would be larger
   */
  final byte @Nullable [] encode(byte[] body, int level, int limit) {
    return encode(body, level, limit, Goal.END);
  }

  /**
   * Encodes a body up to a goal; one that is only flushed takes what ends it from elsewhere.
   *
   * @param limit the most bytes the result may have
   * @return a new array, or null if the result would be larger
   */
  final byte @Nullable [] encode(byte[] body, int level, int limit, Goal goal) {
    start(body.length, level);
    Pieces done = new Pieces(limit);
    int next = 0;
    boolean complete = false;
    while (!complete) {
      if (!in.hasRemaining() && next < body.length) {
        next = refill(in, body, next, body.length);
        feed();
      }
      boolean last = next == body.length;
      complete = step(last ? goal : Goal.TAKE) && last;
      if (complete && done.isEmpty()) {
        reusable = body.length <= LARGE && goal == Goal.END;
        return out.position() <= limit ? taken(out) : null;
      }
      if ((complete || !out.hasRemaining()) && !done.add(taken(out))) {
        return null;
      }
    }
    reusable = body.length <= LARGE && goal == Goal.END;
    return done.joined();
  }

  /** Starts a body with empty buffers. */
  final void start(long length, int level) {
    reusable = false;
    in.clear().limit(0);
    out.clear();
    begin(length, level);
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

package dev.perfkit.compress;

import dev.perfkit.spi.TransformException;
import dev.perfkit.spi.TransformException.Reason;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Restores whole payloads whose length is declared, and believes nothing: the declared length is
 * held against the limit and against what so many bytes can ever expand to before memory is taken
 * for it, and the payload must then be exactly that long and end exactly where it should.
 */
abstract class Decoder implements NativeContext {

  private static final byte[] NOWHERE = {};

  final ByteBuffer in = ByteBuffer.allocateDirect(Encoder.PIECE);
  final ByteBuffer out = ByteBuffer.allocateDirect(Encoder.PIECE);
  private final String format;
  private final int mostExpansion;
  private boolean reusable = true;

  /**
   * @param format for messages
   * @param mostExpansion the most bytes that one encoded byte can stand for
   */
  Decoder(String format, int mostExpansion) {
    this.format = format;
    this.mostExpansion = mostExpansion;
  }

  /** Checks the form of a payload and returns the length it declares, in bytes. */
  abstract long declaredLength(byte[] input, int offset, int length);

  /** Returns how many bytes of the payload the steps do not see, before and after the rest. */
  abstract int headerLength();

  abstract int trailerLength();

  /** Starts a payload. */
  abstract void begin();

  /** Decodes from {@link #in} to {@link #out} and returns whether the payload is complete. */
  abstract boolean step() throws DamagedException;

  /** Checks the result against what the payload says of it. */
  abstract void verify(byte[] result, byte[] input, int end) throws DamagedException;

  final byte[] decode(byte[] input, int offset, int length, int maxLength) {
    Objects.checkFromIndexSize(offset, length, input.length);
    try {
      long declared = plausibleLength(input, offset, length);
      reusable = false;
      int end = offset + length;
      int from = offset + headerLength();
      int to = end - trailerLength();
      if (declared > maxLength) {
        throw refusal(input, from, to, maxLength);
      }
      byte[] result = new byte[(int) declared];
      inflate(input, from, to, result, result.length);
      verify(result, input, end);
      reusable = result.length <= Encoder.LARGE;
      return result;
    } catch (DamagedException damaged) {
      throw new TransformException(
          Reason.DAMAGED, format + " payload is damaged: " + damaged.getMessage(), damaged);
    }
  }

  private long plausibleLength(byte[] input, int offset, int length) throws DamagedException {
    if (length < headerLength() + trailerLength()) {
      throw new DamagedException("it is cut short");
    }
    long declared = declaredLength(input, offset, length);
    if (declared < 0) {
      throw new DamagedException("it does not begin as one");
    }
    if (declared > (long) length * mostExpansion) {
      throw new DamagedException("it declares more bytes than it can hold");
    }
    return declared;
  }

  /**
   * Finds out whether a payload is as large as it says: one that was cut short says whatever stands
   * where its length should. Decodes to nowhere, up to the limit.
   */
  private TransformException refusal(byte[] input, int from, int to, int maxLength)
      throws DamagedException {
    try {
      inflate(input, from, to, NOWHERE, maxLength);
    } catch (OverrunException largerIndeed) {
      return new TransformException(
          Reason.TOO_LARGE,
          format + " payload must decode to at most " + maxLength + " bytes but has more");
    }
    throw new DamagedException("it declares another length than it has");
  }

  private void inflate(byte[] input, int from, int to, byte[] result, int limit)
      throws DamagedException {
    begin();
    in.clear().limit(0);
    out.clear();
    int next = from;
    int produced = 0;
    boolean complete = false;
    while (!complete) {
      if (!in.hasRemaining() && next < to) {
        next = Encoder.refill(in, input, next, to);
      }
      int before = in.remaining();
      complete = step();
      out.flip();
      if (!complete && !out.hasRemaining() && in.remaining() == before) {
        throw new DamagedException("it is cut short");
      }
      produced = take(result, produced, limit);
    }
    if (in.hasRemaining() || next < to) {
      throw new DamagedException("it goes on after its end");
    }
    if (produced < limit) {
      throw new DamagedException("it declares another length than it has");
    }
  }

  private int take(byte[] result, int produced, int limit) throws DamagedException {
    int length = out.remaining();
    if (length > limit - produced) {
      throw new OverrunException();
    }
    if (result != NOWHERE) {
      out.get(result, produced, length);
    }
    out.clear();
    return produced + length;
  }

  @Override
  public final boolean isReusable() {
    return reusable;
  }

  /** What is wrong with a payload, in words that hold nothing of it. */
  static class DamagedException extends Exception {

    private static final long serialVersionUID = 1;

    DamagedException(String message) {
      this(message, null);
    }

    DamagedException(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** There are more bytes than there should be. */
  private static final class OverrunException extends DamagedException {

    private static final long serialVersionUID = 1;

    OverrunException() {
      super("it declares another length than it has");
    }
  }
}

package dev.perfkit.compress;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.encoder.Encoder.Mode;
import com.aayushatharva.brotli4j.encoder.EncoderJNI.Operation;
import com.aayushatharva.brotli4j.encoder.EncoderJNI.Wrapper;
import com.aayushatharva.brotli4j.encoder.PreparedDictionary;
import dev.perfkit.compress.BodyEncoder.Goal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Brotli (RFC 7932) by brotli4j. The library cannot reset an encoder, so each body has its own; the
 * window follows the body's length, because the encoder takes memory for it.
 *
 * <p>Loaded only by {@link Codecs}, because the library may be absent.
 */
final class BrotliCodec implements Codec {

  /** Levels 0 and 1 start anew at each flush. */
  private static final int MIN_STREAM_LEVEL = 2;

  private static final int MIN_WINDOW = 16;
  private static final int MAX_WINDOW = 22;
  private static final int STREAM_WINDOW = 18;

  /** Incompressible data grows by a few bytes for each 16 MiB, and by what a flush writes. */
  private static final int SLACK = 256;

  private static final byte[] NO_HEADER = {};

  /** Fails as the library fails if it is absent or its native part cannot be loaded. */
  BrotliCodec() {
    Brotli4jLoader.ensureAvailability();
  }

  @Override
  public Coding coding() {
    return Coding.BROTLI;
  }

  @Override
  public int minStreamLevel() {
    return MIN_STREAM_LEVEL;
  }

  /** Returns an encoder; the format has no checksum. */
  @Override
  public Encoder newEncoder(boolean checksum) {
    return new BrotliEncoder(Encoder.PIECE, NO_HEADER, () -> null);
  }

  @Override
  public Encoder newStreamEncoder() {
    return new BrotliEncoder(Encoder.STREAM_PIECE, NO_HEADER, () -> null);
  }

  static int window(long length) {
    if (length == Encoder.UNKNOWN) {
      return STREAM_WINDOW;
    }
    int bits = Long.SIZE - Long.numberOfLeadingZeros(length);
    return Math.max(MIN_WINDOW, Math.min(MAX_WINDOW, bits + 1));
  }

  /** An encoder, with a dictionary or without. */
  static final class BrotliEncoder extends Encoder {

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private @Nullable Wrapper stream;

    /** What the library has written and {@link #out} had no room for; valid until its next call. */
    private ByteBuffer pending = NOTHING;

    /** The last goal that was told to the library, once it has all input. */
    private Goal told = Goal.TAKE;

    private Operation last = Operation.PROCESS;

    private final byte[] header;
    private final Supplier<? extends @Nullable PreparedDictionary> dictionary;

    /**
     * @param header what comes before each body
     * @param dictionary is asked when a body begins, and holds what it gives: the library does not
     */
    BrotliEncoder(
        int piece, byte[] header, Supplier<? extends @Nullable PreparedDictionary> dictionary) {
      super(piece, piece + SLACK);
      this.header = header;
      this.dictionary = dictionary;
    }

    @Override
    void begin(long length, int level) {
      close();
      int piece = length == UNKNOWN ? in.capacity() : (int) Math.min(length + 1, in.capacity());
      try {
        Wrapper begun = new Wrapper(piece, level, window(length), Mode.GENERIC);
        stream = begun;
        attach(begun);
      } catch (IOException noMemory) {
        throw new UncheckedIOException(noMemory);
      }
      told = Goal.TAKE;
      out.put(header);
    }

    private void attach(Wrapper to) {
      PreparedDictionary prepared = dictionary.get();
      if (prepared != null && !to.attachDictionary(prepared.getData())) {
        throw new IllegalStateException("brotli encoder refused the dictionary");
      }
    }

    @Override
    void feed() {
      told = Goal.TAKE;
    }

    @Override
    boolean step(Goal goal) {
      Wrapper now = stream;
      if (now == null) {
        throw new IllegalStateException("brotli encoder is closed");
      }
      while (emptied(now)) {
        if (in.hasRemaining()) {
          push(now, goal);
        } else if (told.compareTo(goal) >= 0) {
          return ended(goal);
        } else {
          push(now, operation(goal), 0);
          told = goal;
        }
      }
      return false;
    }

    private boolean ended(Goal goal) {
      if (goal == Goal.END) {
        close();
      }
      return true;
    }

    private void push(Wrapper to, Goal goal) {
      ByteBuffer buffer = to.getInputBuffer();
      buffer.clear();
      int length = Math.min(buffer.remaining(), in.remaining());
      boolean all = length == in.remaining();
      buffer.put(in.slice(in.position(), length));
      in.position(in.position() + length);
      push(to, all ? operation(goal) : Operation.PROCESS, length);
      told = all ? goal : Goal.TAKE;
    }

    private void push(Wrapper to, Operation operation, int length) {
      last = operation;
      to.push(operation, length);
      if (!to.isSuccess()) {
        throw new IllegalStateException("brotli encoder failed");
      }
    }

    /**
     * Moves what the library has written to {@link #out}, until it has taken the input it was
     * given; false if {@code out} is full before.
     */
    private boolean emptied(Wrapper from) {
      while (true) {
        int length = Math.min(pending.remaining(), out.remaining());
        out.put(pending.slice(pending.position(), length));
        pending.position(pending.position() + length);
        if (pending.hasRemaining()) {
          return false;
        }
        if (from.hasMoreOutput()) {
          pending = from.pull();
        } else if (from.hasRemainingInput()) {
          push(from, last, 0);
        } else {
          return true;
        }
      }
    }

    private static Operation operation(Goal goal) {
      return switch (goal) {
        case TAKE -> Operation.PROCESS;
        case FLUSH -> Operation.FLUSH;
        case END -> Operation.FINISH;
      };
    }

    @Override
    public void close() {
      Wrapper now = stream;
      stream = null;
      pending = NOTHING;
      if (now != null) {
        now.destroy();
      }
    }
  }
}

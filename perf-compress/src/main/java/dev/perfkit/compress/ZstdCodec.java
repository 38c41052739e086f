package dev.perfkit.compress;

import com.github.luben.zstd.EndDirective;
import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import dev.perfkit.compress.BodyEncoder.Goal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Zstandard (RFC 8878) by zstd-jni: one frame that declares its content's length. Levels end at 19,
 * the last whose window is at most 8 MiB, which is what RFC 9659 lets an HTTP client refuse.
 *
 * <p>Loaded only by {@link Codecs}, because the library may be absent.
 */
final class ZstdCodec implements PayloadCodec {

  static final int MAX_WINDOW_LOG = 23;

  /** A stream remembers so many of its last bytes, whatever the level: 256 KiB. */
  static final int STREAM_WINDOW_LOG = 18;

  /** Fails as the library fails if it is absent or its native part cannot be loaded. */
  ZstdCodec() {
    newEncoder(false).close();
    newDecoder().close();
  }

  @Override
  public Coding coding() {
    return Coding.ZSTD;
  }

  @Override
  public Encoder newEncoder(boolean checksum) {
    return new ZstdEncoder(Encoder.PIECE, checksum);
  }

  @Override
  public Encoder newStreamEncoder() {
    return new ZstdEncoder(Encoder.STREAM_PIECE, false);
  }

  @Override
  public Decoder newDecoder() {
    return new ZstdDecoder();
  }

  static EndDirective directive(Goal goal) {
    return switch (goal) {
      case TAKE -> EndDirective.CONTINUE;
      case FLUSH -> EndDirective.FLUSH;
      case END -> EndDirective.END;
    };
  }

  private static final class ZstdEncoder extends Encoder {

    private final ZstdCompressCtx context = new ZstdCompressCtx();
    private int level;
    private boolean whole;

    ZstdEncoder(int piece, boolean checksum) {
      super(piece, Math.toIntExact(Zstd.compressBound(piece)));
      context.setChecksum(checksum);
    }

    @Override
    void begin(long length, int level) {
      if (this.level != level) {
        context.setLevel(level);
        this.level = level;
      }
      whole = length >= 0 && length <= in.capacity();
      if (length == UNKNOWN) {
        // Without this the frame would declare the window of the level, and take memory for it.
        context.setWindowLog(STREAM_WINDOW_LOG);
      } else if (!whole) {
        context.setPledgedSrcSize(length);
      }
    }

    @Override
    void feed() {
      // The library has a checksum of its own.
    }

    @Override
    boolean step(Goal goal) {
      if (!whole) {
        boolean done = context.compressDirectByteBufferStream(out, in, directive(goal));
        return goal == Goal.TAKE ? !in.hasRemaining() : done;
      }
      // One call on the whole body needs no buffers inside the context.
      context.compress(out, in);
      return true;
    }

    @Override
    public void close() {
      context.close();
    }
  }

  /** Returns what the window descriptor of a frame says, in bytes. */
  static long windowSize(int descriptor) {
    long base = 1L << (10 + (descriptor >>> 3));
    return base + base / 8 * (descriptor & 7);
  }

  private static final class ZstdDecoder extends Decoder {

    /** The magic number and the frame header descriptor. */
    private static final int SHORTEST = 5;

    private static final int MAGIC = 0xfd2fb528;

    /** A block of 128 KiB takes at least four bytes. */
    private static final int MOST_EXPANSION = 1 << 15;

    /** Of the descriptor: unused and reserved bit, checksum flag, dictionary flag. */
    private static final int FLAGS = 0x1f;

    private static final int CHECKSUM_ONLY = 0x04;
    private static final int SINGLE_SEGMENT = 0x20;

    private final ZstdDecompressCtx context = new ZstdDecompressCtx();

    ZstdDecoder() {
      super("zstd", MOST_EXPANSION);
      context.setLongMax(MAX_WINDOW_LOG);
    }

    @Override
    int headerLength() {
      return 0;
    }

    @Override
    int trailerLength() {
      return 0;
    }

    @Override
    long declaredLength(byte[] input, int offset, int length) {
      if (length < SHORTEST || !isOurs(ByteBuffer.wrap(input, offset, length))) {
        return -1;
      }
      return Zstd.getFrameContentSize(input, offset, length);
    }

    /** Returns whether a frame is of the kind we write: with a checksum, within the window. */
    private static boolean isOurs(ByteBuffer frame) {
      if (frame.order(ByteOrder.LITTLE_ENDIAN).getInt() != MAGIC) {
        return false;
      }
      int descriptor = frame.get();
      return (descriptor & FLAGS) == CHECKSUM_ONLY
          && ((descriptor & SINGLE_SEGMENT) != 0
              || (frame.hasRemaining() && windowSize(frame.get() & 0xff) <= 1 << MAX_WINDOW_LOG));
    }

    @Override
    void begin() {
      // A context that failed is never used again, so there is nothing to reset.
    }

    @Override
    boolean step() throws DamagedException {
      try {
        return context.decompressDirectByteBufferStream(out, in);
      } catch (ZstdException invalid) {
        throw new DamagedException("its data is invalid", invalid);
      }
    }

    @Override
    void verify(byte[] result, byte[] input, int end) {
      // The library has compared the checksum.
    }

    @Override
    public void close() {
      context.close();
    }
  }
}

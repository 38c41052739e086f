package dev.perfkit.compress;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdDictCompress;
import com.github.luben.zstd.ZstdDictDecompress;
import com.github.luben.zstd.ZstdDictTrainer;
import com.github.luben.zstd.ZstdException;
import dev.perfkit.compress.BodyEncoder.Goal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The payloads of trained dictionaries, by zstd-jni: a version, the dictionary's id (0 is none),
 * and a zstd frame without magic number and dictionary id, with length and checksum.
 *
 * <p>Loaded only where zstd-jni works.
 */
final class TrainedCodec {

  static final byte VERSION = 1;

  /** Version and dictionary id. */
  static final int HEADER = 5;

  private static final byte[] NO_DICTIONARY = {};

  private TrainedCodec() {}

  /**
   * Returns a dictionary trained on values.
   *
   * @param size its most bytes
   * @return null if the values have too little in common
   */
  static byte @Nullable [] train(List<byte[]> values, int size, int level) {
    int total = values.stream().mapToInt(value -> value.length).sum();
    ZstdDictTrainer trainer = new ZstdDictTrainer(Math.max(1, total), size, level);
    values.forEach(trainer::addSample);
    try {
      return trainer.trainSamples();
    } catch (ZstdException tooLittle) {
      return null;
    }
  }

  /** A dictionary as the library has it; closed once no context uses it. */
  static final class Digest implements AutoCloseable {

    final int id;
    final ZstdDictCompress forEncoding;
    final ZstdDictDecompress forDecoding;

    Digest(TrainedDictionary dictionary, int level) {
      id = dictionary.id();
      forEncoding = new ZstdDictCompress(dictionary.content(), level);
      forDecoding = new ZstdDictDecompress(dictionary.content());
    }

    @Override
    public void close() {
      forEncoding.close();
      forDecoding.close();
    }
  }

  /** Encodes payloads with whatever dictionary it is told to use. */
  static final class TrainedEncoder extends Encoder {

    private final ZstdCompressCtx context = new ZstdCompressCtx();
    private final int level;
    private @Nullable Digest digest;
    private boolean whole;

    TrainedEncoder(int level) {
      super(PIECE, Math.toIntExact(Zstd.compressBound(PIECE)) + HEADER);
      this.level = level;
      context.setMagicless(true).setDictID(false).setChecksum(true).setLevel(level);
    }

    byte @Nullable [] encode(byte[] value, @Nullable Digest with, int limit) {
      if (digest != with) {
        if (with == null) {
          context.loadDict(NO_DICTIONARY);
        } else {
          context.loadDict(with.forEncoding);
        }
        digest = with;
      }
      return encode(value, level, limit);
    }

    @Override
    void begin(long length, int ignored) {
      whole = length <= in.capacity();
      if (!whole) {
        context.setPledgedSrcSize(length);
      }
      out.put(VERSION).putInt(digest == null ? 0 : digest.id);
    }

    @Override
    void feed() {
      // The library has a checksum of its own.
    }

    @Override
    boolean step(Goal goal) {
      if (!whole) {
        boolean done = context.compressDirectByteBufferStream(out, in, ZstdCodec.directive(goal));
        return goal == Goal.TAKE ? !in.hasRemaining() : done;
      }
      context.compress(out, in);
      return true;
    }

    @Override
    public void close() {
      context.close();
    }
  }

  /** Decodes payloads with whatever dictionary it is told to use. */
  static final class TrainedDecoder extends Decoder {

    /** A block of 128 KiB takes at least four bytes. */
    private static final int MOST_EXPANSION = 1 << 15;

    /** Of the descriptor: unused and reserved bit, checksum flag, dictionary flag. */
    private static final int FLAGS = 0x1f;

    private static final int CHECKSUM_ONLY = 0x04;
    private static final int SINGLE_SEGMENT = 0x20;

    private final ZstdDecompressCtx context = new ZstdDecompressCtx();
    private @Nullable Digest digest;

    TrainedDecoder() {
      super("trained zstd", MOST_EXPANSION);
      context.setMagicless(true).setLongMax(ZstdCodec.MAX_WINDOW_LOG);
    }

    void use(@Nullable Digest with) {
      if (digest != with) {
        if (with == null) {
          context.loadDict(NO_DICTIONARY);
        } else {
          context.loadDict(with.forDecoding);
        }
        digest = with;
      }
    }

    @Override
    int headerLength() {
      return HEADER;
    }

    @Override
    int trailerLength() {
      return 0;
    }

    @Override
    long declaredLength(byte[] input, int offset, int length) {
      int frame = offset + HEADER;
      int rest = length - HEADER;
      if (rest < 2 || (input[frame] & FLAGS) != CHECKSUM_ONLY) {
        return -1;
      }
      if ((input[frame] & SINGLE_SEGMENT) == 0 && isTooWide(input[frame + 1] & 0xff)) {
        return -1;
      }
      return Zstd.getFrameContentSize(input, frame, rest, true);
    }

    private static boolean isTooWide(int descriptor) {
      return ZstdCodec.windowSize(descriptor) > 1 << ZstdCodec.MAX_WINDOW_LOG;
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

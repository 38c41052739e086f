package dev.perfkit.compress;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDictCompress;
import com.github.luben.zstd.ZstdDictContentType;
import dev.perfkit.compress.BodyEncoder.Goal;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * {@code dcz} of RFC 9842: 8 fixed bytes, the SHA-256 of the dictionary, and a zstd frame that was
 * made with the dictionary as raw content. The header is a skippable frame for other decoders.
 *
 * <p>The dictionary is digested once for each level. What that takes is freed when neither codec
 * nor any encoder of it is reachable: contexts must be closed before their dictionary.
 *
 * <p>Loaded only where zstd-jni works.
 */
final class DictionaryZstdCodec implements Codec {

  private static final byte[] MAGIC = {0x5e, 0x2a, 0x4d, 0x18, 0x20, 0, 0, 0};

  /** Clients take windows of 8 MiB, or of 1.25 times the dictionary, but of 128 MiB at most. */
  private static final int LEAST_WINDOW_LOG = 23;

  private static final int MOST_WINDOW_LOG = 27;
  private static final Cleaner CLEANER = Cleaner.create();

  private final Digests digests;
  private final byte[] header;
  private final int mostWindowLog;
  private final int streamWindowLog;

  DictionaryZstdCodec(Dictionary dictionary) {
    this.digests = new Digests(dictionary.content());
    this.header =
        ByteBuffer.allocate(MAGIC.length + 32).put(MAGIC).put(dictionary.hash().toBytes()).array();
    this.mostWindowLog = mostWindowLog(dictionary.size().toBytes());
    this.streamWindowLog =
        Math.max(
            ZstdCodec.STREAM_WINDOW_LOG,
            Math.min(LEAST_WINDOW_LOG, log(dictionary.size().toBytes())));
    CLEANER.register(this, digests::close);
  }

  /** Returns the largest power of two that clients take. */
  static int mostWindowLog(long dictionary) {
    long limit = dictionary + dictionary / 4;
    int whole = Long.SIZE - 1 - Long.numberOfLeadingZeros(Math.max(1, limit));
    return Math.max(LEAST_WINDOW_LOG, Math.min(MOST_WINDOW_LOG, whole));
  }

  /** Returns the least power of two that is not under a length. */
  private static int log(long length) {
    return Long.SIZE - Long.numberOfLeadingZeros(Math.max(1, length) - 1);
  }

  @Override
  public Coding coding() {
    return Coding.DICTIONARY_ZSTD;
  }

  @Override
  public Encoder newEncoder(boolean checksum) {
    return new DictionaryEncoder(Encoder.PIECE, checksum);
  }

  @Override
  public Encoder newStreamEncoder() {
    return new DictionaryEncoder(Encoder.STREAM_PIECE, false);
  }

  private final class DictionaryEncoder extends Encoder {

    private final ZstdCompressCtx context = new ZstdCompressCtx();
    private int level;

    DictionaryEncoder(int piece, boolean checksum) {
      super(piece, Math.toIntExact(Zstd.compressBound(piece)) + header.length);
      context.setChecksum(checksum);
    }

    @Override
    void begin(long length, int level) {
      if (this.level != level) {
        context.setLevel(level);
        context.loadDict(digests.at(level));
        this.level = level;
      }
      // The dictionary is out of reach once the body is longer than the window.
      context.setWindowLog(
          length == UNKNOWN
              ? streamWindowLog
              : Math.max(ZstdCodec.STREAM_WINDOW_LOG, Math.min(mostWindowLog, log(length))));
      if (length != UNKNOWN) {
        context.setPledgedSrcSize(length);
      }
      out.put(header);
    }

    @Override
    void feed() {
      // The library has a checksum of its own.
    }

    @Override
    boolean step(Goal goal) {
      boolean done = context.compressDirectByteBufferStream(out, in, ZstdCodec.directive(goal));
      return goal == Goal.TAKE ? !in.hasRemaining() : done;
    }

    @Override
    public void close() {
      context.close();
    }
  }

  /** The dictionary as the library has it, by level; apart, so that the cleaner holds no codec. */
  private static final class Digests {

    private final ByteBuffer content;
    private final Map<Integer, ZstdDictCompress> byLevel = new HashMap<>();
    private final ReentrantLock lock = new ReentrantLock();

    Digests(ByteBuffer content) {
      this.content = content;
    }

    ZstdDictCompress at(int level) {
      lock.lock();
      try {
        return byLevel.computeIfAbsent(
            level,
            absent ->
                new ZstdDictCompress(
                    content.duplicate(), absent, true, ZstdDictContentType.RAW_CONTENT));
      } finally {
        lock.unlock();
      }
    }

    void close() {
      byLevel.values().forEach(ZstdDictCompress::close);
    }
  }
}

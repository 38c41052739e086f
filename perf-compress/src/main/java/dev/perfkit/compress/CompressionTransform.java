package dev.perfkit.compress;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.ByteSize;
import dev.perfkit.spi.ByteTransform;
import dev.perfkit.spi.support.Options;
import java.util.Objects;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Compresses payloads, such as cache values, where it makes them smaller.
 *
 * <p>Decoding reads any level's payloads. It refuses whatever is not exactly what such a transform
 * wrote, and holds the declared length against the limit before it takes memory. A change that
 * leaves the decoded bytes as they were may go unnoticed; to notice every change, encrypt. The
 * context plays no part.
 *
 * <p>Compress before encrypting, never after. Do not compress a secret together with what an
 * attacker can choose where the length can be seen.
 *
 * <p>Safe for use by any number of threads: as many encode and decode at once as there are
 * contexts, two for each processor, and others wait for one. A closed transform still works, only
 * slower; one that is forgotten instead of closed frees its native memory with the garbage
 * collection.
 */
@Beta
public final class CompressionTransform implements ByteTransform, AutoCloseable {

  /** Payloads under this size are not compressed unless another size is given: 1 KiB. */
  public static final ByteSize DEFAULT_MINIMUM_SIZE = ByteSize.ofKibibytes(1);

  /** The id of gzip payloads: {@value}. */
  public static final int GZIP_ID = 1;

  /** The id of zstd payloads: {@value}. */
  public static final int ZSTD_ID = 2;

  private final int id;
  private final String coding;
  private final int level;
  private final int minimumSize;
  private final ContextPool<Encoder> encoders;
  private final ContextPool<Decoder> decoders;

  private CompressionTransform(
      int id, PayloadCodec codec, int level, ByteSize minimumSize, int contexts) {
    this.id = id;
    this.coding = codec.coding().token();
    this.level = Options.between("level", codec.minLevel(), codec.maxLevel(), level);
    this.minimumSize = (int) Math.min(Integer.MAX_VALUE, minimumSize.toBytes());
    this.encoders = new ContextPool<>(contexts, () -> codec.newEncoder(true));
    this.decoders = new ContextPool<>(contexts, codec::newDecoder);
  }

  /**
   * Returns a transform to gzip, for payloads of {@link #DEFAULT_MINIMUM_SIZE} or more.
   *
   * @param level 1 (fast) to 9 (small); 6 is usual
   * @throws IllegalArgumentException if the level is out of range
   */
  public static CompressionTransform gzip(int level) {
    return gzip(level, DEFAULT_MINIMUM_SIZE);
  }

  /**
   * Returns a transform to gzip.
   *
   * @param level 1 (fast) to 9 (small); 6 is usual
   * @param minimumSize smaller payloads are left as they are
   * @throws IllegalArgumentException if the level is out of range
   */
  public static CompressionTransform gzip(int level, ByteSize minimumSize) {
    return create(GZIP_ID, GzipCodec.INSTANCE, level, minimumSize);
  }

  /**
   * Returns a transform to zstd, for payloads of {@link #DEFAULT_MINIMUM_SIZE} or more.
   *
   * @param level 1 (fast) to 19 (small); 3 is usual
   * @throws IllegalArgumentException if the level is out of range
   * @throws CompressException if {@code com.github.luben:zstd-jni} is absent or does not work here
   */
  public static CompressionTransform zstd(int level) {
    return zstd(level, DEFAULT_MINIMUM_SIZE);
  }

  /**
   * Returns a transform to zstd.
   *
   * @param level 1 (fast) to 19 (small); 3 is usual
   * @param minimumSize smaller payloads are left as they are
   * @throws IllegalArgumentException if the level is out of range
   * @throws CompressException if {@code com.github.luben:zstd-jni} is absent or does not work here
   */
  public static CompressionTransform zstd(int level, ByteSize minimumSize) {
    Codecs.Availability zstd = Codecs.of(Coding.ZSTD);
    if (!(zstd.codec() instanceof PayloadCodec codec)) {
      throw new CompressException(
          "a zstd transform cannot be made: " + zstd.problem() + ", or use gzip", zstd.cause());
    }
    return create(ZSTD_ID, codec, level, minimumSize);
  }

  private static CompressionTransform create(
      int id, PayloadCodec codec, int level, ByteSize minimumSize) {
    Objects.requireNonNull(minimumSize, "minimumSize");
    return new CompressionTransform(id, codec, level, minimumSize, ContextPool.defaultMaximum());
  }

  @Override
  public int id() {
    return id;
  }

  /** Returns false: a payload that was not worth it is read as it is. */
  @Override
  public boolean required() {
    return false;
  }

  /** Returns the compressed payload, or null if it is too small or would not get smaller. */
  @Override
  public byte @Nullable [] encode(byte[] input, byte[] context) {
    Objects.requireNonNull(context, "context");
    if (input.length < minimumSize || input.length == 0) {
      return null;
    }
    Encoder encoder = encoders.acquire();
    try {
      return encoder.encode(input, level, input.length - 1);
    } finally {
      encoders.release(encoder);
    }
  }

  @Override
  public byte[] decode(byte[] input, int offset, int length, byte[] context, int maxLength) {
    Objects.checkFromIndexSize(offset, length, input.length);
    Objects.requireNonNull(context, "context");
    Options.atLeast("maxLength", 0, maxLength);
    Decoder decoder = decoders.acquire();
    try {
      return decoder.decode(input, offset, length, maxLength);
    } finally {
      decoders.release(decoder);
    }
  }

  /** Frees the native memory that is not in use. Further calls do nothing. */
  @Override
  public void close() {
    encoders.close();
    decoders.close();
  }

  @Override
  public String toString() {
    return "CompressionTransform[" + coding + " " + level + "]";
  }

  /** Returns how many native contexts exist; a reader that does not hold the transform. */
  IntSupplier openContexts() {
    IntSupplier encoding = encoders.open();
    IntSupplier decoding = decoders.open();
    return () -> encoding.getAsInt() + decoding.getAsInt();
  }
}

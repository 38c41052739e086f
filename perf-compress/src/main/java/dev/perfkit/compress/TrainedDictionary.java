package dev.perfkit.compress;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.ByteSize;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A zstd dictionary that was trained on values, with the id by which payloads name it. The id is of
 * its content, so whoever has the bytes can tell that they are the right ones. Immutable.
 *
 * <p>It holds pieces of the values it was trained on, in the clear: keep it like them.
 */
@Beta
public final class TrainedDictionary {

  /** The largest dictionary: 1 MiB. */
  public static final ByteSize MAXIMUM_SIZE = ByteSize.ofMebibytes(1);

  private static final byte[] MAGIC = "PZDT".getBytes(StandardCharsets.US_ASCII);
  private static final byte VERSION = 1;

  /** Magic, version, time. */
  private static final int HEADER = 4 + 1 + 8;

  private final byte[] content;
  private final int id;
  private final long trainedAtMillis;

  TrainedDictionary(byte[] content, long trainedAtMillis) {
    this.content = content;
    this.id = idOf(content);
    this.trainedAtMillis = trainedAtMillis;
  }

  /** Returns the first four bytes of the SHA-256; 0 is that of no dictionary. */
  private static int idOf(byte[] content) {
    int id = (int) (ContentHash.of(content).first() >>> Integer.SIZE);
    return id == 0 ? 1 : id;
  }

  /**
   * Reads what {@link #toBytes} wrote, as from another node.
   *
   * @throws CompressException if these are not such bytes
   */
  public static TrainedDictionary from(byte[] bytes) {
    if (bytes.length <= HEADER
        || bytes.length - HEADER > MAXIMUM_SIZE.toBytes()
        || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)
        || bytes[MAGIC.length] != VERSION) {
      throw new CompressException(
          "a trained dictionary must begin as one of version 1 and have at most "
              + MAXIMUM_SIZE
              + " but does not",
          null);
    }
    long trainedAt = ByteBuffer.wrap(bytes).getLong(MAGIC.length + 1);
    return new TrainedDictionary(Arrays.copyOfRange(bytes, HEADER, bytes.length), trainedAt);
  }

  /** Returns the bytes for another node, with a header that says what they are. */
  public byte[] toBytes() {
    return ByteBuffer.allocate(HEADER + content.length)
        .put(MAGIC)
        .put(VERSION)
        .putLong(trainedAtMillis)
        .put(content)
        .array();
  }

  /** Returns the id in payloads; never 0. */
  public int id() {
    return id;
  }

  /** Returns when it was trained, by the clock of who did. */
  public Instant trainedAt() {
    return Instant.ofEpochMilli(trainedAtMillis);
  }

  /** Returns its size. */
  public ByteSize size() {
    return ByteSize.ofBytes(content.length);
  }

  /** Returns the dictionary itself; not to be changed. */
  byte[] content() {
    return content;
  }

  /** Returns the id as people read it. */
  static String name(int id) {
    return String.format(Locale.ROOT, "%08x", id);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof TrainedDictionary that && Arrays.equals(content, that.content);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(content);
  }

  @Override
  public String toString() {
    return "TrainedDictionary[" + name(id) + ", " + size() + "]";
  }
}

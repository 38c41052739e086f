package dev.perfkit.compress;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.SecureRandom;

/**
 * Random bytes in places of an encoded body that decoders skip, so that its length tells less:
 *
 * <ul>
 *   <li>gzip: an extra field of the header (RFC 1952, section 2.3.1.1), in place of the plain
 *       header
 *   <li>zstd: a skippable frame before the others (RFC 8878, section 3.1.2)
 *   <li>br: a metadata block (RFC 7932, section 9.2), which begins at a byte because the encoder
 *       was flushed, before the empty last block
 * </ul>
 *
 * <p>The number of bytes is evenly spread over 0 to 255, drawn anew for each body from a generator
 * that nobody outside can predict.
 */
final class Padding {

  /** The most bytes of padding. */
  static final int MOST = 255;

  /** Magic, deflate, the flag of an extra field, no time, no extra flags, unknown system. */
  private static final byte[] GZIP_HEADER = {0x1f, (byte) 0x8b, 8, 4, 0, 0, 0, 0, 0, (byte) 0xff};

  /** What a gzip encoder writes before the data. */
  private static final int PLAIN_GZIP_HEADER = 10;

  private static final int SKIPPABLE_MAGIC = 0x184d2a50;

  /** Not last, metadata, length in one byte; the length is shifted by six bits. */
  private static final int METADATA = 0b01_0_11_0;

  /** Not last, metadata, no length: of no bytes at all. */
  private static final byte EMPTY_METADATA = 0b00_0_11_0;

  /** Last and empty. */
  private static final byte LAST_BLOCK = 0b11;

  private static final byte[] NOTHING = {};
  private static final SecureRandom RANDOM = new SecureRandom();

  private Padding() {}

  /** Returns whether bodies of a coding have a place for padding. */
  static boolean fits(Coding coding) {
    return coding.equals(Coding.GZIP) || coding.equals(Coding.ZSTD) || coding.equals(Coding.BROTLI);
  }

  private static byte[] random() {
    byte[] bytes = new byte[RANDOM.nextInt(MOST + 1)];
    RANDOM.nextBytes(bytes);
    return bytes;
  }

  /** Returns what a body begins with. */
  static byte[] before(Coding coding) {
    if (coding.equals(Coding.GZIP)) {
      return gzipHeader(random());
    }
    return coding.equals(Coding.ZSTD) ? skippableFrame(random()) : NOTHING;
  }

  /** Returns how many of the encoder's first bytes {@link #before} stands for. */
  static int replaced(Coding coding) {
    return coding.equals(Coding.GZIP) ? PLAIN_GZIP_HEADER : 0;
  }

  /** Returns what ends a body whose encoder was flushed instead of ended. */
  static byte[] end(Coding coding) {
    return endsFlushed(coding) ? lastBlocks(random()) : NOTHING;
  }

  /** Returns whether the encoder is to be flushed instead of ended, because {@link #end} ends. */
  static boolean endsFlushed(Coding coding) {
    return coding.equals(Coding.BROTLI);
  }

  /** Returns a whole body with its padding. */
  static byte[] around(Coding coding, byte[] encoded) {
    byte[] before = before(coding);
    byte[] end = end(coding);
    int from = replaced(coding);
    return ByteBuffer.allocate(before.length + encoded.length - from + end.length)
        .put(before)
        .put(encoded, from, encoded.length - from)
        .put(end)
        .array();
  }

  /** Returns a header with an extra field of one subfield: id {@code pk}, length, padding. */
  private static byte[] gzipHeader(byte[] padding) {
    return ByteBuffer.allocate(GZIP_HEADER.length + 6 + padding.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(GZIP_HEADER)
        .putShort((short) (4 + padding.length))
        .put((byte) 'p')
        .put((byte) 'k')
        .putShort((short) padding.length)
        .put(padding)
        .array();
  }

  private static byte[] skippableFrame(byte[] padding) {
    return ByteBuffer.allocate(8 + padding.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(SKIPPABLE_MAGIC)
        .putInt(padding.length)
        .put(padding)
        .array();
  }

  /** Returns a metadata block of so many bytes, which are stored with one less, and the end. */
  private static byte[] lastBlocks(byte[] padding) {
    ByteBuffer blocks = ByteBuffer.allocate(3 + padding.length).order(ByteOrder.LITTLE_ENDIAN);
    if (padding.length == 0) {
      blocks.put(EMPTY_METADATA);
    } else {
      blocks.putShort((short) (METADATA | (padding.length - 1) << 6)).put(padding);
    }
    byte[] bytes = new byte[blocks.put(LAST_BLOCK).position()];
    blocks.flip().get(bytes);
    return bytes;
  }
}

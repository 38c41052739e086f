package dev.perfkit.compress;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * gzip (RFC 1952) over the JDK's zlib: one member, without name, time or extra fields, so the same
 * body and level always give the same bytes.
 */
enum GzipCodec implements PayloadCodec {
  INSTANCE;

  /** Magic, deflate, no flags, no time, no extra flags, unknown operating system. */
  private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff};

  private static final int TRAILER_LENGTH = 8;

  /** A deflate match of 258 bytes takes at least two bits. */
  private static final int MOST_EXPANSION = 1032;

  @Override
  public Coding coding() {
    return Coding.GZIP;
  }

  /** Returns an encoder; gzip always carries a checksum. */
  @Override
  public Encoder newEncoder(boolean checksum) {
    return new GzipEncoder(Encoder.PIECE);
  }

  @Override
  public Encoder newStreamEncoder() {
    return new GzipEncoder(Encoder.STREAM_PIECE);
  }

  @Override
  public Decoder newDecoder() {
    return new GzipDecoder();
  }

  private static final class GzipEncoder extends DeflaterEncoder {

    private final CRC32 crc = new CRC32();
    private int length;

    GzipEncoder(int piece) {
      super(piece, true);
      out.order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    void begin(long ignored, int level) {
      super.begin(ignored, level);
      crc.reset();
      length = 0;
      out.put(HEADER);
    }

    @Override
    void feed() {
      length += in.remaining();
      crc.update(in.duplicate());
    }

    @Override
    boolean end() {
      if (out.remaining() < TRAILER_LENGTH) {
        // Not a full buffer yet, but one without room for the trailer.
        out.limit(out.position());
        return false;
      }
      out.putInt((int) crc.getValue()).putInt(length);
      return true;
    }
  }

  private static final class GzipDecoder extends Decoder {

    private final Inflater inflater = new Inflater(true);
    private final CRC32 crc = new CRC32();

    GzipDecoder() {
      super("gzip", MOST_EXPANSION);
    }

    @Override
    int headerLength() {
      return HEADER.length;
    }

    @Override
    int trailerLength() {
      return TRAILER_LENGTH;
    }

    @Override
    long declaredLength(byte[] input, int offset, int length) {
      return Arrays.equals(input, offset, offset + HEADER.length, HEADER, 0, HEADER.length)
          ? littleEndian(input, offset + length - 4)
          : -1;
    }

    @Override
    void begin() {
      inflater.reset();
    }

    @Override
    boolean step() throws DamagedException {
      try {
        inflater.setInput(in);
        inflater.inflate(out);
        return inflater.finished();
      } catch (DataFormatException invalid) {
        throw new DamagedException("its data is invalid", invalid);
      }
    }

    @Override
    void verify(byte[] result, byte[] input, int end) throws DamagedException {
      crc.reset();
      crc.update(result);
      if (crc.getValue() != littleEndian(input, end - TRAILER_LENGTH)) {
        throw new DamagedException("its checksum is wrong");
      }
    }

    @Override
    public void close() {
      inflater.end();
    }

    private static long littleEndian(byte[] bytes, int offset) {
      return Integer.toUnsignedLong(
          ByteBuffer.wrap(bytes, offset, 4).order(ByteOrder.LITTLE_ENDIAN).getInt());
    }
  }
}

package dev.perfkit.benchmarks.compress;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.github.luben.zstd.ZstdCompressCtx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** What a careful user writes on the library alone: one context, reused by one thread. */
interface RawCodec extends AutoCloseable {

  /** Returns the encoded body as an exact array. */
  byte[] encode(byte[] body);

  @Override
  void close();

  /** Returns one by coding and level, such as {@code zstd-3}. */
  static RawCodec of(String coding, boolean checksum) {
    int level = levelOf(coding);
    return switch (coding.substring(0, coding.indexOf('-'))) {
      case "zstd" -> new RawZstd(level, checksum);
      case "br" -> new RawBrotli(level);
      case "gzip" -> new RawGzip(level);
      case "deflate" -> new RawDeflate(level);
      default -> throw new IllegalArgumentException(coding);
    };
  }

  /** Returns the level of a name such as {@code zstd-3}. */
  static int levelOf(String coding) {
    return Integer.parseInt(coding.substring(coding.indexOf('-') + 1));
  }

  /** The context's own call, which allocates the exact array. */
  final class RawZstd implements RawCodec {

    private final ZstdCompressCtx context = new ZstdCompressCtx();

    RawZstd(int level, boolean checksum) {
      context.setLevel(level).setChecksum(checksum);
    }

    @Override
    public byte[] encode(byte[] body) {
      return context.compress(body);
    }

    @Override
    public void close() {
      context.close();
    }
  }

  /** The library's own call; it cannot reuse an encoder. */
  final class RawBrotli implements RawCodec {

    private final com.aayushatharva.brotli4j.encoder.Encoder.Parameters parameters;

    RawBrotli(int level) {
      Brotli4jLoader.ensureAvailability();
      parameters = com.aayushatharva.brotli4j.encoder.Encoder.Parameters.create(level);
    }

    @Override
    public byte[] encode(byte[] body) {
      try {
        return com.aayushatharva.brotli4j.encoder.Encoder.compress(body, parameters);
      } catch (IOException noMemory) {
        throw new UncheckedIOException(noMemory);
      }
    }

    @Override
    public void close() {
      // Nothing is kept.
    }
  }

  /** A deflater and a buffer that are reused. */
  final class RawDeflate implements RawCodec {

    private final Deflater deflater;
    private final Output output = new Output();

    RawDeflate(int level) {
      deflater = new Deflater(level, false);
    }

    @Override
    public byte[] encode(byte[] body) {
      ByteBuffer buffer = output.roomFor(body);
      Output.deflate(deflater, body, buffer);
      return Output.taken(buffer);
    }

    @Override
    public void close() {
      deflater.end();
    }
  }

  /** The same with header and trailer around. */
  final class RawGzip implements RawCodec {

    private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff};

    private final Deflater deflater;
    private final CRC32 crc = new CRC32();
    private final Output output = new Output();

    RawGzip(int level) {
      deflater = new Deflater(level, true);
    }

    @Override
    public byte[] encode(byte[] body) {
      crc.reset();
      crc.update(body);
      ByteBuffer buffer = output.roomFor(body).put(HEADER);
      Output.deflate(deflater, body, buffer);
      buffer.putInt((int) crc.getValue()).putInt(body.length);
      return Output.taken(buffer);
    }

    @Override
    public void close() {
      deflater.end();
    }
  }

  /** A buffer that fits whatever a body becomes. */
  final class Output {

    private static final int SLACK = 1024;

    private ByteBuffer buffer = ByteBuffer.allocate(1 << 17);

    ByteBuffer roomFor(byte[] body) {
      int most = body.length + body.length / 64 + SLACK;
      if (buffer.capacity() < most) {
        buffer = ByteBuffer.allocate(most);
      }
      return buffer.clear().order(ByteOrder.LITTLE_ENDIAN);
    }

    static byte[] taken(ByteBuffer buffer) {
      byte[] bytes = new byte[buffer.flip().remaining()];
      buffer.get(bytes);
      return bytes;
    }

    static void deflate(Deflater deflater, byte[] body, ByteBuffer to) {
      deflater.reset();
      deflater.setInput(body);
      deflater.finish();
      deflater.deflate(to);
    }
  }
}

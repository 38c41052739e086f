package dev.perfkit.benchmarks.compress;

import com.github.luben.zstd.ZstdCompressCtx;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
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
    int level = Integer.parseInt(coding.substring(coding.indexOf('-') + 1));
    return coding.startsWith("zstd") ? new RawZstd(level, checksum) : new RawGzip(level);
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

  /** A deflater and a buffer that are reused, header and trailer around. */
  final class RawGzip implements RawCodec {

    private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff};

    private final Deflater deflater;
    private final CRC32 crc = new CRC32();
    private final ByteBuffer buffer = ByteBuffer.allocate(1 << 17).order(ByteOrder.LITTLE_ENDIAN);

    RawGzip(int level) {
      deflater = new Deflater(level, true);
    }

    @Override
    public byte[] encode(byte[] body) {
      deflater.reset();
      crc.reset();
      crc.update(body);
      buffer.clear().put(HEADER);
      deflater.setInput(body);
      deflater.finish();
      deflater.deflate(buffer);
      buffer.putInt((int) crc.getValue()).putInt(body.length);
      return Arrays.copyOf(buffer.array(), buffer.position());
    }

    @Override
    public void close() {
      deflater.end();
    }
  }
}

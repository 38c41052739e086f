package dev.perfkit.compress;

import dev.perfkit.spi.ByteSize;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A request's body as it is decoded, within limits. The decoders begin at the first read. */
final class DecodedBody extends InputStream {

  private final Source source;
  private final List<BodyDecoder> layers;
  private final long maximumSize;
  private final int maximumRatio;
  private final DecoderMemory memory;
  private final byte[] one = new byte[1];
  private @Nullable InputStream decoded;
  private long reserved;
  private long produced;
  private boolean closed;

  DecodedBody(
      InputStream body,
      List<BodyDecoder> layers,
      long maximumSize,
      int maximumRatio,
      DecoderMemory memory) {
    this.source = new Source(body);
    this.layers = layers;
    this.maximumSize = maximumSize;
    this.maximumRatio = maximumRatio;
    this.memory = memory;
  }

  @Override
  public int read() throws IOException {
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    if (closed) {
      throw new IOException("stream closed");
    }
    if (length == 0) {
      return 0;
    }
    try {
      int read = decoded().read(bytes, offset, length);
      return read < 0 ? read : withinLimits(read);
    } catch (SourceException failure) {
      throw failure.original();
    } catch (RequestRefusedException refused) {
      throw refused;
    } catch (EOFException cut) {
      throw new RequestRefusedException(400, "request body is damaged: it is cut short", cut);
    } catch (IOException | RuntimeException damaged) {
      throw new RequestRefusedException(400, "request body is damaged", damaged);
    }
  }

  private int withinLimits(int read) throws RequestRefusedException {
    produced += read;
    if (produced > maximumSize) {
      throw new RequestRefusedException(
          413,
          "decoded request body must have at most " + maximumSize + " bytes but has more",
          null);
    }
    if (produced > RequestDecoder.RATIO_GRACE && produced / maximumRatio > source.taken) {
      throw new RequestRefusedException(
          413,
          "request body must decode to at most " + maximumRatio + " times its size but has more",
          null);
    }
    return read;
  }

  private InputStream decoded() throws IOException {
    InputStream now = decoded;
    if (now == null) {
      now = start();
      decoded = now;
    }
    return now;
  }

  private InputStream start() throws IOException {
    long needed = layers.stream().mapToLong(layer -> layer.memory().toBytes()).sum();
    if (!memory.take(needed)) {
      throw new RequestRefusedException(
          503, "too many request bodies are being decoded: try again later", null);
    }
    reserved = needed;
    InputStream now = source;
    for (int i = layers.size() - 1; i >= 0; i--) {
      now = layers.get(i).decode(now, ByteSize.ofBytes(maximumSize));
    }
    return now;
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try {
      if (decoded != null) {
        decoded.close();
      }
    } finally {
      memory.giveBack(reserved);
      source.close();
    }
  }

  /** The encoded body: counts what is taken of it, and marks its own failures. */
  private static final class Source extends FilterInputStream {

    private long taken;

    Source(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      byte[] single = new byte[1];
      return read(single, 0, 1) < 0 ? -1 : single[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      try {
        int read = in.read(bytes, offset, length);
        taken += Math.max(0, read);
        return read;
      } catch (IOException failure) {
        throw new SourceException(failure);
      }
    }
  }

  /** A failure of the connection, not of the decoder. */
  private static final class SourceException extends IOException {

    private static final long serialVersionUID = 1;
    private final IOException original;

    SourceException(IOException original) {
      super(original);
      this.original = original;
    }

    IOException original() {
      return original;
    }
  }
}

package dev.perfkit.compress;

import dev.perfkit.spi.ByteSize;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A request's body as it is decoded, within limits. The decoders begin at the first read. Where
 * codings lie over one another, the limits hold for what each of them gives: the next may make
 * nothing of all that it reads.
 */
final class DecodedBody extends InputStream {

  private final Source source;
  private final List<BodyDecoder> layers;
  private final long maximumSize;
  private final int maximumRatio;
  private final DecoderMemory memory;
  private final byte[] one = new byte[1];
  private @Nullable InputStream decoded;
  private long reserved;

  /** Why nothing more comes: the first failure, whatever the decoders over it take it for. */
  private @Nullable IOException stopped;

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
    if (stopped == null) {
      try {
        int read = decoded().read(bytes, offset, length);
        if (stopped == null) {
          return read;
        }
      } catch (IOException | RuntimeException failure) {
        if (stopped == null) {
          stopped = refusal(failure);
        }
      }
    }
    throw stopped;
  }

  private static RequestRefusedException refusal(Exception failure) {
    if (failure instanceof RequestRefusedException refused) {
      return refused;
    }
    String how = failure instanceof EOFException ? ": it is cut short" : "";
    return new RequestRefusedException(400, "request body is damaged" + how, failure);
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
      // Encoded once more, a body that does not shrink has some bytes more.
      long most = i == 0 ? maximumSize : maximumSize + RequestDecoder.RATIO_GRACE;
      now = new Limited(layers.get(i).decode(now, ByteSize.ofBytes(most)), most);
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

  private IOException stop(IOException why) {
    if (stopped == null) {
      stopped = why;
    }
    return why;
  }

  /** What one coding gives. */
  private final class Limited extends FilterInputStream {

    private final long most;
    private long produced;

    Limited(InputStream decoded, long most) {
      super(decoded);
      this.most = most;
    }

    @Override
    public int read() throws IOException {
      byte[] single = new byte[1];
      return read(single, 0, 1) < 0 ? -1 : single[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read = in.read(bytes, offset, length);
      produced += Math.max(0, read);
      if (produced > most) {
        throw stop(
            new RequestRefusedException(
                413,
                "decoded request body must have at most " + maximumSize + " bytes but has more",
                null));
      }
      if (produced > RequestDecoder.RATIO_GRACE && produced / maximumRatio > source.taken) {
        throw stop(
            new RequestRefusedException(
                413,
                "request body must decode to at most "
                    + maximumRatio
                    + " times its size but has more",
                null));
      }
      return read;
    }

    /** By reading, because what is skipped counts. */
    @Override
    public long skip(long bytes) throws IOException {
      long skipped = 0;
      while (skipped < bytes && read() >= 0) {
        skipped++;
      }
      return skipped;
    }
  }

  /** The encoded body: counts what is taken of it. Its failures are the connection's. */
  private final class Source extends FilterInputStream {

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
        throw stop(failure);
      }
    }
  }
}

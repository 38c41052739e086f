package dev.perfkit.compress;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Encodes through a stream; what that writes waits on the heap for room in the buffer. */
final class OutputStreamEncoder implements BodyEncoder {

  private static final int PIECE = 1 << 13;

  private final StreamFactory factory;
  private final byte[] piece = new byte[PIECE];
  private ByteBuffer pending = ByteBuffer.allocate(0);
  private ByteArrayOutputStream written = new ByteArrayOutputStream();
  private @Nullable OutputStream stream;
  private boolean told;

  OutputStreamEncoder(StreamFactory factory) {
    this.factory = Objects.requireNonNull(factory, "factory");
  }

  @Override
  public void begin(long length, int level) {
    close();
    pending = ByteBuffer.allocate(0);
    written = new ByteArrayOutputStream();
    told = false;
    try {
      stream = factory.open(written, level);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  @Override
  public boolean encode(ByteBuffer in, ByteBuffer out, Goal goal) {
    try {
      while (moved(out)) {
        if (in.hasRemaining()) {
          take(in);
        } else if (goal == Goal.TAKE || told) {
          told = false;
          return true;
        } else {
          tell(goal);
        }
      }
      return false;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private void take(ByteBuffer in) throws IOException {
    int length = Math.min(piece.length, in.remaining());
    in.get(piece, 0, length);
    open().write(piece, 0, length);
  }

  private void tell(Goal goal) throws IOException {
    if (goal == Goal.FLUSH) {
      open().flush();
    } else {
      open().close();
      stream = null;
    }
    told = true;
  }

  private OutputStream open() {
    return Objects.requireNonNull(stream, "encode must come after begin");
  }

  /** Moves what the stream has written to the buffer; false if that is full before. */
  private boolean moved(ByteBuffer out) {
    if (!pending.hasRemaining() && written.size() > 0) {
      pending = ByteBuffer.wrap(written.toByteArray());
      written.reset();
    }
    int length = Math.min(pending.remaining(), out.remaining());
    out.put(pending.slice(pending.position(), length));
    pending.position(pending.position() + length);
    return !pending.hasRemaining();
  }

  @Override
  public void close() {
    OutputStream now = stream;
    stream = null;
    if (now == null) {
      return;
    }
    try {
      now.close();
    } catch (IOException | RuntimeException ofNoUse) {
      // The body was given up: what is left of it goes nowhere.
    }
  }
}

package dev.perfkit.compress;

import dev.perfkit.compress.BodyEncoder.Goal;
import dev.perfkit.spi.Beta;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A body that is encoded while it is written. Whatever was decided, the host does the same:
 *
 * <pre>{@code
 * EncodedStream stream = compressor.stream(decision);
 * stream.decision().changes().applyTo(headers::set, headers::remove); // then send the head
 * try (OutputStream body = stream.to(server)) {
 *   write(body); // flush() makes all that was written readable for the client
 * } catch (IOException | RuntimeException failure) {
 *   stream.abort(); // and end the connection: the client must not take the rest for the whole
 * }
 * }</pre>
 *
 * <p>For one thread at a time. A stream that is neither closed nor aborted gives its native memory
 * back with the garbage collection.
 */
@Beta
public final class EncodedStream {

  private static final Cleaner CLEANER = Cleaner.create();

  private final Decision decision;
  private final @Nullable Context context;
  private final Cleaner.@Nullable Cleanable cleanable;
  private boolean taken;

  /**
   * @param decision final, but for the length, which is never known before
   * @param context what encodes, or null if the body is sent as it is written
   */
  EncodedStream(Decision decision, @Nullable Context context) {
    this.decision = decision;
    this.context = context;
    this.cleanable = context == null ? null : CLEANER.register(this, context::free);
  }

  /** Returns the final decision: coding, reason, status and header changes of what is sent. */
  public Decision decision() {
    return decision;
  }

  /**
   * Returns where the body is to be written. Closing it ends the coding and closes the sink; its
   * flush makes what was written so far decodable and flushes the sink. A codec that fails is an
   * {@link IOException}, as is a body that has not the length the application declared: then the
   * coding is not ended, the sink not closed, and the connection must be.
   *
   * @param sink where the encoded body goes; may be null for the response to a HEAD request
   * @throws IllegalStateException if it was called before
   */
  public OutputStream to(@Nullable OutputStream sink) {
    if (taken) {
      throw new IllegalStateException("stream.to must be called once but was called again");
    }
    taken = true;
    if (decision.isHead() || decision.dropsBody()) {
      return new Nowhere(sink);
    }
    Objects.requireNonNull(sink, "sink");
    return context == null ? new AsWritten(sink) : new Encoding(sink, context);
  }

  /** Frees the memory of the coding without ending it. Does nothing after the end, or again. */
  public void abort() {
    if (cleanable != null) {
      cleanable.clean();
    }
  }

  @Override
  public String toString() {
    return "EncodedStream[" + decision + "]";
  }

  /** What a stream holds: apart from it, so that the cleaner does not hold the stream. */
  static final class Context {

    final Encoder encoder;
    private final Runnable onFree;
    private final AtomicBoolean freed = new AtomicBoolean();
    private final Listener listener;

    /** Is told once how a stream ended. */
    interface Listener {
      void ended(long before, long after, long nanos);

      void failed(Throwable failure);

      /** Returns a mark of CPU time. */
      long cpuMark();

      /** Is told of each step, also of streams that end otherwise. */
      void spent(long cpuMark, long nanos);

      long nanoTime();
    }

    Context(Encoder encoder, Listener listener, Runnable onFree) {
      this.encoder = encoder;
      this.listener = listener;
      this.onFree = onFree;
    }

    boolean isFree() {
      return freed.get();
    }

    void free() {
      if (freed.compareAndSet(false, true)) {
        try {
          encoder.close();
        } finally {
          onFree.run();
        }
      }
    }
  }

  /** Counts what is written and holds it against the declared length. */
  private abstract class Counted extends OutputStream {

    private final byte[] one = new byte[1];
    private long written;
    private boolean closed;

    @Override
    public final void write(int b) throws IOException {
      one[0] = (byte) b;
      write(one, 0, 1);
    }

    @Override
    public final void write(byte[] bytes, int offset, int length) throws IOException {
      Objects.checkFromIndexSize(offset, length, bytes.length);
      if (closed) {
        throw new IOException("stream closed");
      }
      long declared = decision.declaredLength();
      if (declared != Decision.UNDECLARED && length > declared - written) {
        abort();
        throw new IOException("body must have the declared " + declared + " bytes but has more");
      }
      written += length;
      put(bytes, offset, length);
    }

    @Override
    public final void close() throws IOException {
      if (closed) {
        return;
      }
      closed = true;
      long declared = decision.declaredLength();
      if (declared != Decision.UNDECLARED && declared != written) {
        abort();
        throw new IOException(
            "body must have the declared " + declared + " bytes but has " + written);
      }
      end(written);
    }

    abstract void put(byte[] bytes, int offset, int length) throws IOException;

    abstract void end(long length) throws IOException;
  }

  /** Sends a body as it is written. */
  private final class AsWritten extends Counted {

    private final OutputStream sink;

    AsWritten(OutputStream sink) {
      this.sink = sink;
    }

    @Override
    void put(byte[] bytes, int offset, int length) throws IOException {
      sink.write(bytes, offset, length);
    }

    @Override
    public void flush() throws IOException {
      sink.flush();
    }

    @Override
    void end(long length) throws IOException {
      sink.close();
    }
  }

  /** Takes the body of a response that has none. */
  private static final class Nowhere extends OutputStream {

    private final @Nullable OutputStream sink;

    Nowhere(@Nullable OutputStream sink) {
      this.sink = sink;
    }

    @Override
    public void write(int b) {
      // Nobody asked for it.
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      Objects.checkFromIndexSize(offset, length, bytes.length);
    }

    @Override
    public void close() throws IOException {
      if (sink != null) {
        sink.close();
      }
    }
  }

  /** Encodes a body as it is written. */
  private final class Encoding extends Counted {

    private final OutputStream sink;
    private final Context context;
    private final Encoder encoder;
    private final byte[] piece;
    private final boolean padded = decision.treatment().padded();
    private boolean flushed = true;
    private boolean begun;
    private long sent;
    private long nanos;

    Encoding(OutputStream sink, Context context) {
      this.sink = sink;
      this.context = context;
      this.encoder = context.encoder;
      this.piece = new byte[encoder.out.capacity()];
      encoder.in.clear();
    }

    @Override
    void put(byte[] bytes, int offset, int length) throws IOException {
      int next = offset;
      while (next < offset + length) {
        int room = Math.min(encoder.in.remaining(), offset + length - next);
        requireOpen();
        encoder.in.put(bytes, next, room);
        next += room;
        flushed = false;
        if (!encoder.in.hasRemaining()) {
          encode(Goal.TAKE);
        }
      }
    }

    @Override
    public void flush() throws IOException {
      if (!flushed && !context.isFree()) {
        encode(Goal.FLUSH);
        flushed = true;
      }
      sink.flush();
    }

    @Override
    void end(long length) throws IOException {
      boolean endsFlushed = padded && length > 0 && Padding.endsFlushed(decision.coding());
      encode(endsFlushed ? Goal.FLUSH : Goal.END);
      if (endsFlushed) {
        sendAside(Padding.end(decision.coding()));
      }
      context.listener.ended(length, sent, nanos);
      abort();
      sink.close();
    }

    private void encode(Goal goal) throws IOException {
      requireOpen();
      ByteBuffer in = encoder.in.flip();
      boolean fed = !in.hasRemaining();
      boolean done = false;
      while (!done) {
        long start = context.listener.nanoTime();
        long cpuMark = context.listener.cpuMark();
        try {
          if (!fed) {
            encoder.feed();
            fed = true;
          }
          done = encoder.step(goal);
        } catch (RuntimeException | LinkageError failure) {
          context.listener.failed(failure);
          abort();
          throw new IOException(
              decision.coding().token() + " failed in the midst of a body", failure);
        }
        long took = context.listener.nanoTime() - start;
        nanos += took;
        context.listener.spent(cpuMark, took);
        send();
      }
      in.clear();
    }

    private void send() throws IOException {
      encoder.out.flip();
      if (padded && !begun) {
        sendAside(Padding.before(decision.coding()));
        encoder.out.position(Padding.replaced(decision.coding()));
      }
      begun = true;
      int length = encoder.out.remaining();
      encoder.out.get(piece, 0, length).clear();
      if (length > 0) {
        sent += length;
        sink.write(piece, 0, length);
      }
    }

    private void sendAside(byte[] bytes) throws IOException {
      sent += bytes.length;
      sink.write(bytes);
    }

    private void requireOpen() throws IOException {
      if (context.isFree()) {
        throw new IOException("stream aborted");
      }
    }
  }
}

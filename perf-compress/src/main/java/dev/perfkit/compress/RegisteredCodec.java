package dev.perfkit.compress;

import dev.perfkit.compress.BodyEncoder.Goal;
import java.util.Objects;

/** A codec that a host has registered, in the form of the built-in ones. */
record RegisteredCodec(ContentCodec registered) implements Codec {

  /** Room for what little data that does not shrink grows by. */
  private static final int SLACK = 1 << 10;

  @Override
  public Coding coding() {
    return registered.coding();
  }

  /** Returns an encoder; whether there is a checksum is the codec's choice. */
  @Override
  public Encoder newEncoder(boolean checksum) {
    return new RegisteredEncoder(registered.newEncoder(), Encoder.PIECE);
  }

  @Override
  public Encoder newStreamEncoder() {
    return new RegisteredEncoder(registered.newEncoder(), Encoder.STREAM_PIECE);
  }

  private static final class RegisteredEncoder extends Encoder {

    private final BodyEncoder delegate;

    RegisteredEncoder(BodyEncoder delegate, int piece) {
      super(piece, piece + SLACK);
      this.delegate = Objects.requireNonNull(delegate, "newEncoder");
    }

    @Override
    void begin(long length, int level) {
      delegate.begin(length, level);
    }

    @Override
    void feed() {
      // The codec is given the buffer at each step.
    }

    @Override
    boolean step(Goal goal) {
      return delegate.encode(in, out, goal);
    }

    @Override
    public void close() {
      delegate.close();
    }
  }
}

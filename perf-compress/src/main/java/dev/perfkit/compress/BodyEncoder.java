package dev.perfkit.compress;

import dev.perfkit.spi.Beta;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * Encodes one body after the other, in pieces from one direct buffer to another. For one thread at
 * a time. What it throws becomes a response that is sent as it is, or, in the midst of a stream, a
 * connection that ends; such an encoder is closed, not used again.
 */
@Beta
public interface BodyEncoder extends AutoCloseable {

  /** The length of a body that is not known when it begins: {@value}. */
  long UNKNOWN_LENGTH = -1;

  /** What is to be done with the pieces so far. */
  enum Goal {
    /** Take them; more may come. */
    TAKE,
    /** Take them, and make all of them decodable from what was written. */
    FLUSH,
    /** Take them, and end the body. */
    END
  }

  /**
   * Starts a body and forgets the one before.
   *
   * @param length of the body in bytes, or {@link #UNKNOWN_LENGTH}
   * @param level one of the coding's
   */
  void begin(long length, int level);

  /**
   * Encodes what remains of {@code in} to {@code out}.
   *
   * @return whether the goal is reached, and {@code in} empty; if not, {@code out} is emptied and
   *     the same is asked again
   */
  boolean encode(ByteBuffer in, ByteBuffer out, Goal goal);

  /** Frees the memory. Further calls do nothing. */
  @Override
  void close();

  /** Makes the stream that encodes one body. */
  @Beta
  @FunctionalInterface
  interface StreamFactory {

    /**
     * Returns a stream whose flush makes all that was written decodable, and whose close ends the
     * body.
     *
     * @param encoded where it writes to
     * @param level one of the coding's
     * @throws IOException if it cannot begin
     */
    OutputStream open(OutputStream encoded, int level) throws IOException;
  }

  /**
   * Returns an encoder over an encoding {@link OutputStream}, as most libraries in Java have one.
   */
  static BodyEncoder over(StreamFactory factory) {
    return new OutputStreamEncoder(factory);
  }
}

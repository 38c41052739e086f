package dev.perfkit.compress;

import dev.perfkit.spi.Beta;
import java.util.Objects;

/**
 * What a decision needs to know of a response, before any of it is sent.
 *
 * @param status such as 200
 * @param headers a view of the header fields the application set
 * @param bodyLength the length of the identity body in bytes; {@link #UNKNOWN_LENGTH} means what
 *     {@code Content-Length} says, or else not known yet
 */
@Beta
public record ResponseHead(int status, Headers headers, long bodyLength) {

  /** The body's length is not known yet: {@value}. */
  public static final long UNKNOWN_LENGTH = -1;

  /**
   * Checks the length.
   *
   * @throws IllegalArgumentException if the length is under -1
   */
  public ResponseHead {
    Objects.requireNonNull(headers, "headers");
    if (bodyLength < UNKNOWN_LENGTH) {
      throw new IllegalArgumentException("bodyLength must be at least -1 but was " + bodyLength);
    }
  }

  /** Returns a head without a known body length. */
  public static ResponseHead of(int status, Headers headers) {
    return new ResponseHead(status, headers, UNKNOWN_LENGTH);
  }

  /**
   * Returns this head with a body length.
   *
   * @param length in bytes, or {@link #UNKNOWN_LENGTH}
   */
  public ResponseHead withBodyLength(long length) {
    return new ResponseHead(status, headers, length);
  }
}

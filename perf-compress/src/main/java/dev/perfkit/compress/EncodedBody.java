package dev.perfkit.compress;

import dev.perfkit.spi.Beta;

/**
 * A whole body, ready to be sent, and the final decision about it. The array must not be changed: a
 * variant that is kept is sent with other responses, too. For identity it is the very array that
 * was given.
 */
@Beta
public final class EncodedBody {

  private final Decision decision;
  private final byte[] bytes;

  EncodedBody(Decision decision, byte[] bytes) {
    this.decision = decision;
    this.bytes = bytes;
  }

  /** Returns the final decision: coding, reason, status and header changes of what is sent. */
  public Decision decision() {
    return decision;
  }

  /** Returns the body to send. */
  public byte[] bytes() {
    return bytes;
  }

  @Override
  public String toString() {
    return "EncodedBody[" + decision + ", " + bytes.length + " bytes]";
  }
}

package dev.perfkit.pool;

import dev.perfkit.spi.Beta;

/** A text is no session token. Names the reason and never the text, which came from outside. */
@Beta
public final class InvalidTokenException extends IllegalArgumentException {

  /** What is wrong with the text. */
  @Beta
  public enum Reason {
    /** It was never a token. */
    MALFORMED,
    /** It starts with a version that this release does not know. */
    UNKNOWN_VERSION
  }

  private static final long serialVersionUID = 1;

  /** Why. */
  private final Reason reason;

  InvalidTokenException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  /** Returns why the text was refused. */
  public Reason reason() {
    return reason;
  }
}

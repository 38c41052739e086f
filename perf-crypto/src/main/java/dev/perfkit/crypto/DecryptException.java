package dev.perfkit.crypto;

import dev.perfkit.spi.Beta;
import org.jspecify.annotations.Nullable;

/** A ciphertext could not be decrypted; no part of the plaintext was returned. */
@Beta
public final class DecryptException extends CryptoException {

  private static final long serialVersionUID = 1;

  /** Why. */
  public enum Reason {
    /** Shorter than any ciphertext of this format: cut off, or never encrypted. */
    TRUNCATED,
    /** Does not begin with a known format version: never encrypted, or by something else. */
    UNKNOWN_FORMAT,
    /** Names a key that the keyset does not hold. */
    UNKNOWN_KEY,
    /** Names a key that is disabled or destroyed. */
    DISABLED_KEY,
    /** Changed since it was written, or written for another context. Which of both is not said. */
    NOT_AUTHENTIC,
    /** The plaintext is larger than the caller allowed; no memory was taken for it. */
    TOO_LARGE,
    /** Authentic, but bytes that are not UTF-8 where text was asked for. */
    NOT_TEXT,
    /** Authentic, but bytes that are not those of a record where one was asked for. */
    NOT_A_RECORD,
    /** The data key could not be unwrapped because the key-management service is away. */
    SERVICE_UNAVAILABLE,
    /** The JCE provider failed. */
    PROVIDER
  }

  private final Reason reason;

  DecryptException(Reason reason, String message) {
    this(reason, message, null);
  }

  DecryptException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** Returns why. */
  public Reason reason() {
    return reason;
  }
}

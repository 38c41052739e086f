package dev.perfkit.crypto;

import dev.perfkit.spi.Beta;
import org.jspecify.annotations.Nullable;

/** A plaintext could not be encrypted; nothing was written. */
@Beta
public final class EncryptException extends CryptoException {

  private static final long serialVersionUID = 1;

  /** Why. */
  public enum Reason {
    /** The plaintext and what is added to it do not fit an array. */
    TOO_LARGE,
    /** The random source failed or repeated itself: a nonce from it could break the key. */
    RANDOM_SOURCE,
    /** The key has encrypted as many messages as is safe; the keyring needs a new primary key. */
    KEY_EXHAUSTED,
    /**
     * The store that counts the key's messages, or the key-management service, is away, and what
     * was taken from it ahead is used up.
     */
    STORE_UNAVAILABLE,
    /** The JCE provider failed. */
    PROVIDER
  }

  private final Reason reason;

  EncryptException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** Returns why. */
  public Reason reason() {
    return reason;
  }
}

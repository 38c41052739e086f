package dev.perfkit.crypto;

import dev.perfkit.spi.Beta;
import org.jspecify.annotations.Nullable;

/** A keyset could not be used, read or written. A file that was there before is unchanged. */
@Beta
public final class KeysetException extends CryptoException {

  private static final long serialVersionUID = 1;

  /** Why. */
  public enum Reason {
    /** Holds keys, or is of a file version, that this module does not work with. */
    UNSUPPORTED,
    /** The file's bytes are not what was written: cut off or changed. Restore a backup. */
    DAMAGED,
    /** The password (or the wrapping key) is wrong, or somebody changed the file on purpose. */
    WRONG_PASSWORD,
    /** A keyset would be overwritten. */
    EXISTS,
    /** A key would be lost, and with it what was encrypted under it. */
    LOSES_KEYS,
    /** Another process or thread is writing the file. */
    BUSY,
    /** The file is not there or cannot be read or written. */
    FILE,
    /** A rule of the keyring forbids the step now; the message names the rule and the way. */
    REFUSED,
    /** Two different keys have one id: ciphertexts would name the wrong one. */
    COLLISION,
    /** An older state was put in the place of a newer one. Restore the newer one. */
    ROLLED_BACK,
    /** The coordination store or the key-management service is away; nothing was changed by us. */
    UNAVAILABLE,
    /** The step could not be written to the audit log and was therefore not taken. */
    AUDIT
  }

  private final Reason reason;

  KeysetException(Reason reason, String message) {
    this(reason, message, null);
  }

  KeysetException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** Returns why. */
  public Reason reason() {
    return reason;
  }
}

package dev.perfkit.crypto;

import dev.perfkit.spi.Beta;

/** What a key of a {@link Keyring} may do. */
@Beta
public enum KeyState {
  /** Decrypts, and waits until every process has it before it may encrypt. */
  PENDING,
  /** Encrypts and decrypts. A keyring always has exactly one. */
  PRIMARY,
  /** Decrypts what it encrypted before. */
  DECRYPT_ONLY,
  /** Does nothing, but can be enabled again. */
  DISABLED,
  /** Is gone, and with it what was encrypted under it. Its id is never used again. */
  DESTROYED
}

package dev.perfkit.crypto;

import dev.perfkit.crypto.NonceSource.NonceException;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;

/** One AES-256-GCM key, and messages of nonce, ciphertext and tag under it. */
final class GcmKey {

  static final int TAG_BYTES = 16;
  static final int OVERHEAD = NonceSource.NONCE_BYTES + TAG_BYTES;

  private final WipeableKey secret;
  private final CipherPool sealing;
  private final CipherPool opening;

  GcmKey(WipeableKey secret, Engine engine) {
    this.secret = secret;
    this.sealing = new CipherPool(engine);
    this.opening = new CipherPool(engine);
  }

  /** Writes nonce, ciphertext and tag. */
  void seal(
      byte[] input, int offset, int length, byte[] associatedData, byte[] target, int targetOffset)
      throws GeneralSecurityException, NonceException {
    PooledCipher cipher = sealing.take();
    boolean sealed = false;
    try {
      byte[] nonce = cipher.nonces().next();
      cipher.gcm().seal(secret, nonce, input, offset, length, associatedData, target, targetOffset);
      sealed = true;
    } finally {
      sealing.give(cipher, sealed);
    }
  }

  /**
   * Reads nonce, ciphertext and tag, and writes the plaintext, which is erased again on failure.
   *
   * @throws AEADBadTagException if it is not authentic
   */
  void open(
      byte[] sealed, int offset, int length, byte[] associatedData, byte[] target, int targetOffset)
      throws GeneralSecurityException {
    PooledCipher cipher = opening.take();
    boolean opened = false;
    try {
      cipher.gcm().open(secret, sealed, offset, length, associatedData, target, targetOffset);
      opened = true;
    } finally {
      opening.give(cipher, opened);
      if (!opened) {
        Arrays.fill(target, targetOffset, targetOffset + length - OVERHEAD, (byte) 0);
      }
    }
  }

  boolean isDestroyed() {
    return secret.isDestroyed();
  }

  /** Erases the secret and drops what was derived from it. Operations under way fail or end. */
  void destroy() {
    secret.destroy();
    sealing.close();
    opening.close();
  }

  /** Returns how many ciphers wait for use, for tests of what failures leave behind. */
  int idleCiphers() {
    return sealing.idle() + opening.idle();
  }
}

package dev.perfkit.crypto;

import dev.perfkit.crypto.NonceSource.NonceException;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;

/**
 * One AES-256-GCM key and the format of its ciphertexts, which is Tink's: {@code 01}, key id,
 * nonce, ciphertext, tag.
 */
final class GcmKey {

  static final byte VERSION = 1;
  static final int PREFIX_BYTES = 5;
  static final int TAG_BYTES = 16;
  static final int OVERHEAD = PREFIX_BYTES + NonceSource.NONCE_BYTES + TAG_BYTES;

  private final int id;
  private final WipeableKey secret;
  private final CipherPool sealing;
  private final CipherPool opening;

  /** Takes the secret over. */
  GcmKey(int id, byte[] secret, Engine engine) {
    this.id = id;
    this.secret = new WipeableKey(secret);
    this.sealing = new CipherPool(engine);
    this.opening = new CipherPool(engine);
  }

  int id() {
    return id;
  }

  /** Returns the ciphertext in a new array. */
  byte[] seal(byte[] input, int offset, int length, byte[] associatedData)
      throws GeneralSecurityException, NonceException {
    byte[] sealed = new byte[OVERHEAD + length];
    writePrefix(sealed);
    PooledCipher cipher = sealing.take();
    cipher.seal(secret, input, offset, length, associatedData, sealed, PREFIX_BYTES);
    // Not in a finally: a cipher that failed is in an unknown state and is dropped.
    sealing.give(cipher);
    return sealed;
  }

  /**
   * Returns the plaintext in a new array.
   *
   * @throws AEADBadTagException if it is not authentic
   */
  byte[] open(byte[] sealed, int offset, int length, byte[] associatedData)
      throws GeneralSecurityException {
    byte[] plain = new byte[length - OVERHEAD];
    PooledCipher cipher = opening.take();
    try {
      cipher.open(
          secret, sealed, offset + PREFIX_BYTES, length - PREFIX_BYTES, associatedData, plain, 0);
    } catch (GeneralSecurityException | RuntimeException failure) {
      Arrays.fill(plain, (byte) 0);
      throw failure;
    }
    opening.give(cipher);
    return plain;
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

  private void writePrefix(byte[] sealed) {
    sealed[0] = VERSION;
    sealed[1] = (byte) (id >>> 24);
    sealed[2] = (byte) (id >>> 16);
    sealed[3] = (byte) (id >>> 8);
    sealed[4] = (byte) id;
  }
}

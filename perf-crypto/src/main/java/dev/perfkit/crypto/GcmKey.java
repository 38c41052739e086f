package dev.perfkit.crypto;

import dev.perfkit.crypto.NonceSource.NonceException;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;

/**
 * One AES-256-GCM key and the format of its ciphertexts, which is Tink's: {@code 01}, key id,
 * nonce, ciphertext, tag.
 */
final class GcmKey {

  static final byte VERSION = 1;
  static final int PREFIX_BYTES = 5;
  static final int TAG_BYTES = 16;
  static final int OVERHEAD = PREFIX_BYTES + NonceSource.NONCE_BYTES + TAG_BYTES;

  private static final int BODY = PREFIX_BYTES + NonceSource.NONCE_BYTES;
  private static final int TAG_BITS = TAG_BYTES * 8;

  private final int id;
  private final WipeableKey secret;
  private final CipherPool sealing = new CipherPool();
  private final CipherPool opening = new CipherPool();

  /** Takes the secret over. */
  GcmKey(int id, byte[] secret) {
    this.id = id;
    this.secret = new WipeableKey(secret);
  }

  int id() {
    return id;
  }

  /** Returns the ciphertext in a new array. */
  byte[] seal(byte[] input, int offset, int length, byte[] associatedData, NonceSource nonces)
      throws GeneralSecurityException, NonceException {
    byte[] sealed = new byte[OVERHEAD + length];
    writePrefix(sealed);
    nonces.next(sealed, PREFIX_BYTES);
    Cipher cipher = sealing.take();
    cipher.init(Cipher.ENCRYPT_MODE, secret, nonceAt(sealed, 0));
    cipher.updateAAD(associatedData);
    cipher.doFinal(input, offset, length, sealed, BODY);
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
    Cipher cipher = opening.take();
    try {
      cipher.init(Cipher.DECRYPT_MODE, secret, nonceAt(sealed, offset));
      cipher.updateAAD(associatedData);
      cipher.doFinal(sealed, offset + BODY, length - BODY, plain, 0);
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

  private static GCMParameterSpec nonceAt(byte[] sealed, int offset) {
    return new GCMParameterSpec(TAG_BITS, sealed, offset + PREFIX_BYTES, NonceSource.NONCE_BYTES);
  }
}

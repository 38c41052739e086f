package dev.perfkit.crypto;

import dev.perfkit.crypto.NonceSource.NonceException;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.util.Arrays;
import javax.crypto.Cipher;

/** A JCE cipher of one key and direction, with nonces of its own. For one thread at a time. */
final class PooledCipher {

  private final Cipher cipher;
  private final int generation;
  private final NonceBatch nonces;
  private final GcmNonce parameters = new GcmNonce();

  PooledCipher(Cipher cipher, int generation, NonceBatch nonces) {
    this.cipher = cipher;
    this.generation = generation;
    this.nonces = nonces;
  }

  /** Returns which choice of a provider it was made under. */
  int generation() {
    return generation;
  }

  /** Writes nonce, ciphertext and tag. */
  void seal(
      Key key,
      byte[] input,
      int offset,
      int length,
      byte[] associatedData,
      byte[] target,
      int targetOffset)
      throws GeneralSecurityException, NonceException {
    byte[] nonce = nonces.next();
    // Before the provider sees the array: what is written is what the nonce was.
    System.arraycopy(nonce, 0, target, targetOffset, NonceSource.NONCE_BYTES);
    cipher.init(Cipher.ENCRYPT_MODE, key, parameters.of(nonce));
    cipher.updateAAD(associatedData);
    cipher.doFinal(input, offset, length, target, targetOffset + NonceSource.NONCE_BYTES);
  }

  /** Reads nonce, ciphertext and tag, and writes the plaintext. */
  void open(
      Key key,
      byte[] sealed,
      int offset,
      int length,
      byte[] associatedData,
      byte[] target,
      int targetOffset)
      throws GeneralSecurityException {
    int body = offset + NonceSource.NONCE_BYTES;
    cipher.init(Cipher.DECRYPT_MODE, key, parameters.of(Arrays.copyOfRange(sealed, offset, body)));
    cipher.updateAAD(associatedData);
    cipher.doFinal(sealed, body, length - NonceSource.NONCE_BYTES, target, targetOffset);
  }
}

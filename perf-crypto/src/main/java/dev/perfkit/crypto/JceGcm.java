package dev.perfkit.crypto;

import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.Provider;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/** AES-GCM by a cipher of a JCE provider, reused from message to message. For one thread. */
final class JceGcm {

  static final String TRANSFORMATION = "AES/GCM/NoPadding";

  /** A key that is none: 32 zeros. */
  private static final SecretKey NO_KEY = new SecretKeySpec(new byte[32], "AES");

  private final Cipher cipher;
  private final GcmNonce parameters = new GcmNonce();

  JceGcm(Provider provider) throws GeneralSecurityException {
    cipher = Cipher.getInstance(TRANSFORMATION, provider);
  }

  /** Writes nonce, ciphertext and tag. Takes the nonce over. */
  void seal(
      Key key,
      byte[] nonce,
      byte[] input,
      int offset,
      int length,
      byte[] associatedData,
      byte[] target,
      int targetOffset)
      throws GeneralSecurityException {
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
    byte[] nonce = Arrays.copyOfRange(sealed, offset, body);
    cipher.init(Cipher.DECRYPT_MODE, key, parameters.of(nonce));
    cipher.updateAAD(associatedData);
    cipher.doFinal(sealed, body, length - NonceSource.NONCE_BYTES, target, targetOffset);
  }

  /**
   * Makes the provider forget the last key, by giving it another one: the JDK's erases its copies
   * of the key then, and lets go of the key schedule. A JCE cipher has no method for it.
   */
  void forgetKey() {
    try {
      cipher.init(Cipher.ENCRYPT_MODE, NO_KEY, parameters.of(new byte[NonceSource.NONCE_BYTES]));
    } catch (GeneralSecurityException | RuntimeException refused) {
      // Then it is only dropped.
      parameters.of(new byte[NonceSource.NONCE_BYTES]);
    }
  }
}

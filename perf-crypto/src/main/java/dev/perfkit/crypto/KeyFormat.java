package dev.perfkit.crypto;

import dev.perfkit.crypto.NonceSource.NonceException;
import java.security.GeneralSecurityException;

/** Ciphertexts of one format under one key. */
interface KeyFormat {

  /** Writes the ciphertext: the plaintext's length and the format's overhead. */
  void seal(
      byte[] input, int offset, int length, byte[] associatedData, byte[] target, int targetOffset)
      throws GeneralSecurityException, NonceException;

  /**
   * Writes the plaintext of a ciphertext whose version, key id and least length were checked. What
   * was written is erased again on failure.
   *
   * @throws javax.crypto.AEADBadTagException if it is not authentic
   */
  void open(
      byte[] sealed, int offset, int length, byte[] associatedData, byte[] target, int targetOffset)
      throws GeneralSecurityException;

  /** Forgets randomness that a copy of the process would share. */
  void renew();

  /** Erases what was derived from the key. Operations under way fail or end. */
  void destroy();
}

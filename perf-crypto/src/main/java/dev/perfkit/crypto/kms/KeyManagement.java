package dev.perfkit.crypto.kms;

import dev.perfkit.spi.Beta;
import java.io.IOException;
import java.security.GeneralSecurityException;

/**
 * Encrypts keys under a key that never leaves its place.
 *
 * <p>The context is bound to the wrapped key and not stored in it: unwrapping with another context
 * fails. It is not secret; services write it to their logs. Implementations are safe for use by any
 * number of threads and bound the time of each call.
 */
@Beta
public interface KeyManagement {

  /** The most bytes of a wrapped key. */
  int MAX_WRAPPED_BYTES = 16_384;

  /**
   * Encrypts a key.
   *
   * @param key stays the caller's to wipe
   * @param context what the key is for
   * @return at most {@value #MAX_WRAPPED_BYTES} bytes
   * @throws GeneralSecurityException if the service refuses
   * @throws IOException if the service is away
   */
  byte[] wrap(byte[] key, byte[] context) throws GeneralSecurityException, IOException;

  /**
   * Decrypts what {@link #wrap} returned.
   *
   * @param context the same as when it was wrapped
   * @return the key, the caller's to wipe
   * @throws GeneralSecurityException if it was not wrapped here with this context, or the service
   *     refuses
   * @throws IOException if the service is away
   */
  byte[] unwrap(byte[] wrapped, byte[] context) throws GeneralSecurityException, IOException;
}

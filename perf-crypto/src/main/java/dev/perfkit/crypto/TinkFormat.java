package dev.perfkit.crypto;

import dev.perfkit.crypto.NonceSource.NonceException;
import java.security.GeneralSecurityException;

/** Tink's format: {@code 01}, key id, nonce, ciphertext, tag. */
final class TinkFormat implements KeyFormat {

  static final byte VERSION = 1;
  static final int PREFIX_BYTES = 5;
  static final int OVERHEAD = PREFIX_BYTES + GcmKey.OVERHEAD;

  private final int id;
  private final GcmKey key;

  TinkFormat(int id, GcmKey key) {
    this.id = id;
    this.key = key;
  }

  @Override
  public void seal(
      byte[] input, int offset, int length, byte[] associatedData, byte[] target, int targetOffset)
      throws GeneralSecurityException, NonceException {
    target[targetOffset] = VERSION;
    KeyIds.write(id, target, targetOffset + 1);
    int body = targetOffset + PREFIX_BYTES;
    key.seal(input, offset, length, associatedData, target, body);
  }

  @Override
  public void open(
      byte[] sealed, int offset, int length, byte[] associatedData, byte[] target, int targetOffset)
      throws GeneralSecurityException {
    int body = offset + PREFIX_BYTES;
    key.open(sealed, body, length - PREFIX_BYTES, associatedData, target, targetOffset);
  }

  @Override
  public void renew() {
    // The nonces are all that is random, and have a source of their own.
  }

  @Override
  public void destroy() {
    key.destroy();
  }
}

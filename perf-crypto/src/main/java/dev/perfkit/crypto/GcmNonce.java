package dev.perfkit.crypto;

import javax.crypto.spec.GCMParameterSpec;

/**
 * The parameters of one message, reused for the next one of the same pooled cipher. The JDK's own
 * class copies the nonce when it is made and again when it is asked; a cipher may keep what it gets
 * here, so it is copied once.
 */
final class GcmNonce extends GCMParameterSpec {

  static final int TAG_BITS = 128;

  private static final byte[] NONE = new byte[NonceSource.NONCE_BYTES];

  private byte[] nonce = NONE;

  GcmNonce() {
    super(TAG_BITS, NONE);
  }

  /** Takes an array over that nobody changes. */
  GcmNonce of(byte[] nonce) {
    this.nonce = nonce;
    return this;
  }

  /** Returns the array itself, which is of one message only. */
  @Override
  public byte[] getIV() {
    return nonce;
  }
}

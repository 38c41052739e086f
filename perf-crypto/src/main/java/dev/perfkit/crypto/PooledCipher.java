package dev.perfkit.crypto;

/** What a key's pool lends to one thread at a time: a cipher, and nonces of its own. */
final class PooledCipher {

  private final JceGcm gcm;
  private final ProviderCheck check;
  private final NonceBatch nonces;
  private final int slot;

  PooledCipher(JceGcm gcm, ProviderCheck check, NonceBatch nonces, int slot) {
    this.gcm = gcm;
    this.check = check;
    this.nonces = nonces;
    this.slot = slot;
  }

  JceGcm gcm() {
    return gcm;
  }

  NonceBatch nonces() {
    return nonces;
  }

  /** Returns whether its provider was not found to be wrong. */
  boolean isUsable() {
    return !check.isWrong();
  }

  /** Returns its place in the pool, or a negative number. */
  int slot() {
    return slot;
  }
}

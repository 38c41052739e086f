package dev.perfkit.crypto;

/** What a key's pool lends to one thread at a time: a cipher, and nonces of its own. */
final class PooledCipher {

  private final JceGcm gcm;
  private final NonceBatch nonces;
  private final int generation;
  private final int slot;

  PooledCipher(JceGcm gcm, NonceBatch nonces, int generation, int slot) {
    this.gcm = gcm;
    this.nonces = nonces;
    this.generation = generation;
    this.slot = slot;
  }

  JceGcm gcm() {
    return gcm;
  }

  NonceBatch nonces() {
    return nonces;
  }

  /** Returns the engine's number of the time when it was made. */
  int generation() {
    return generation;
  }

  /** Returns its place in the pool, or a negative number. */
  int slot() {
    return slot;
  }
}

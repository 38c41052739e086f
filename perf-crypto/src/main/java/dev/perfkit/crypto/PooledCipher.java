package dev.perfkit.crypto;

/**
 * What a key's pool lends to one thread at a time: a cipher, and nonces of its own.
 *
 * @param generation the engine's number of the time when it was made
 */
record PooledCipher(JceGcm gcm, NonceBatch nonces, int generation) {}

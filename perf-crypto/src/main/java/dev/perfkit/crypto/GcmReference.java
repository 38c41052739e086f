package dev.perfkit.crypto;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES-GCM written out from NIST SP 800-38D, to check providers against: one nonce, one associated
 * data, and every prefix of one plaintext. It shares no code with the fast paths of a provider but
 * the encryption of single blocks. Its time depends on the data, so nothing of a user ever gets
 * here.
 */
final class GcmReference {

  private static final int BLOCK = 16;
  private static final long POLYNOMIAL = 0xE100000000000000L;

  private final byte[] nonce;
  private final byte[] associatedData;
  private final byte[] plaintext;
  private final byte[] ciphertext;
  private final byte[] tagMask;
  private final long hHigh;
  private final long hLow;

  /** GHASH after the associated data and each whole block of ciphertext, two words each. */
  private final long[] states;

  private long high;
  private long low;

  GcmReference(Provider blocks, byte[] key, byte[] nonce, byte[] associatedData, byte[] plaintext)
      throws GeneralSecurityException {
    this.nonce = nonce;
    this.associatedData = associatedData;
    this.plaintext = plaintext;
    int whole = (plaintext.length + BLOCK - 1) / BLOCK;
    byte[] stream = encryptedCounters(blocks, key, nonce, whole);
    tagMask = Arrays.copyOfRange(stream, BLOCK, 2 * BLOCK);
    ByteBuffer h = ByteBuffer.wrap(stream, 0, BLOCK);
    hHigh = h.getLong();
    hLow = h.getLong();
    ciphertext = plaintext.clone();
    for (int i = 0; i < ciphertext.length; i++) {
      ciphertext[i] ^= stream[2 * BLOCK + i];
    }
    states = hashed();
  }

  byte[] nonce() {
    return nonce;
  }

  byte[] associatedData() {
    return associatedData;
  }

  byte[] plaintext() {
    return plaintext;
  }

  /** Returns nonce, ciphertext and tag of the first bytes of the plaintext. */
  byte[] sealed(int length) {
    high = states[length / BLOCK * 2];
    low = states[length / BLOCK * 2 + 1];
    if (length % BLOCK != 0) {
      absorb(ciphertext, length / BLOCK * BLOCK, length % BLOCK);
    }
    absorb(
        ByteBuffer.allocate(BLOCK).putLong(associatedData.length * 8L).putLong(length * 8L).array(),
        0,
        BLOCK);
    ByteBuffer sealed = ByteBuffer.allocate(nonce.length + length + BLOCK);
    sealed.put(nonce).put(ciphertext, 0, length);
    ByteBuffer mask = ByteBuffer.wrap(tagMask);
    return sealed.putLong(high ^ mask.getLong()).putLong(low ^ mask.getLong()).array();
  }

  private long[] hashed() {
    for (int at = 0; at < associatedData.length; at += BLOCK) {
      absorb(associatedData, at, Math.min(BLOCK, associatedData.length - at));
    }
    long[] all = new long[(ciphertext.length / BLOCK + 1) * 2];
    for (int block = 0; block < all.length / 2; block++) {
      if (block > 0) {
        absorb(ciphertext, (block - 1) * BLOCK, BLOCK);
      }
      all[block * 2] = high;
      all[block * 2 + 1] = low;
    }
    return all;
  }

  /** Adds up to a block of bytes, padded with zeros, and multiplies by H, bit by bit. */
  private void absorb(byte[] bytes, int offset, int length) {
    ByteBuffer block =
        ByteBuffer.wrap(Arrays.copyOf(Arrays.copyOfRange(bytes, offset, offset + length), BLOCK));
    long xHigh = high ^ block.getLong();
    long xLow = low ^ block.getLong();
    long vHigh = hHigh;
    long vLow = hLow;
    long zHigh = 0;
    long zLow = 0;
    for (int bit = 0; bit < 128; bit++) {
      long word = bit < 64 ? xHigh : xLow;
      long taken = -(word >>> (63 - bit % 64) & 1);
      zHigh ^= vHigh & taken;
      zLow ^= vLow & taken;
      long carry = -(vLow & 1);
      vLow = vLow >>> 1 | vHigh << 63;
      vHigh = vHigh >>> 1 ^ (POLYNOMIAL & carry);
    }
    high = zHigh;
    low = zLow;
  }

  /** Returns the encryptions of zero (which is H), and of the counters 1 (for the tag), 2, 3 ... */
  private static byte[] encryptedCounters(Provider blocks, byte[] key, byte[] nonce, int whole)
      throws GeneralSecurityException {
    ByteBuffer counters = ByteBuffer.allocate((whole + 2) * BLOCK);
    counters.position(BLOCK);
    for (int counter = 1; counters.hasRemaining(); counter++) {
      counters.put(nonce).putInt(counter);
    }
    Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding", blocks);
    cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
    return cipher.doFinal(counters.array());
  }
}

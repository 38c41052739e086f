package dev.perfkit.crypto.audit;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The key of one entry, which becomes that of the next by HKDF-SHA-256. For one thread. */
final class ChainKey {

  static final int BYTES = 32;

  private static final byte[] INFO = "perfkit-crypto-audit".getBytes(StandardCharsets.US_ASCII);

  private final byte[] key;

  /** Copies the key. */
  ChainKey(byte[] key) {
    if (key.length != BYTES) {
      throw new IllegalArgumentException("key must have 32 bytes but has " + key.length);
    }
    this.key = key.clone();
  }

  byte[] mac(byte[] bytes, int length) {
    return hmac(key, bytes, length);
  }

  /** Becomes the key of the next entry; the old one is erased. */
  void advance() {
    byte[] next = derived();
    System.arraycopy(next, 0, key, 0, BYTES);
    Arrays.fill(next, (byte) 0);
  }

  /** Returns a copy of the key after this one, the caller's to wipe. */
  byte[] derived() {
    byte[] pseudoRandom = hmac(new byte[BYTES], key, key.length);
    byte[] input = Arrays.copyOf(INFO, INFO.length + 1);
    input[INFO.length] = 1;
    byte[] next = hmac(pseudoRandom, input, input.length);
    Arrays.fill(pseudoRandom, (byte) 0);
    return next;
  }

  /** Returns a copy of the key, the caller's to wipe. */
  byte[] bytes() {
    return key.clone();
  }

  void erase() {
    Arrays.fill(key, (byte) 0);
  }

  static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("every JDK has SHA-256", impossible);
    }
  }

  private static byte[] hmac(byte[] key, byte[] bytes, int length) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      mac.update(bytes, 0, length);
      return mac.doFinal();
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("every JDK has HMAC-SHA-256", impossible);
    }
  }
}

package dev.perfkit.crypto;

import com.google.crypto.tink.subtle.Hkdf;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;

/** HKDF with SHA-256 (RFC 5869), which is Tink's. */
final class Derivation {

  private static final String HMAC = "HMACSHA256";

  private Derivation() {}

  /** Returns so many bytes; an empty salt stands for 32 zeros, as the RFC has it. */
  static byte[] of(byte[] key, byte[] salt, byte[] info, int size) throws GeneralSecurityException {
    return Hkdf.computeHkdf(HMAC, key, salt, info, size);
  }

  /** Returns what sets a use of a key apart from all others: its name and the key's id. */
  static byte[] info(String use, int keyId) {
    byte[] name = use.getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(name.length + Integer.BYTES).put(name).putInt(keyId).array();
  }
}

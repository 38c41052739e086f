package dev.perfkit.crypto;

import dev.perfkit.crypto.DecryptException.Reason;
import dev.perfkit.crypto.kms.KeyManagement;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;

/** The bytes around an envelope's message: {@code E1}, suite, and the wrapped data key. */
final class EnvelopeFormat {

  static final byte VERSION = (byte) 0xE1;

  private static final byte SUITE = 1;
  private static final int FIXED_BYTES = 1 + 1 + 2;

  private EnvelopeFormat() {}

  /** Returns a ciphertext whose message, of so many bytes, is still to be written. */
  static byte[] begin(byte[] wrapped, int message) throws GeneralSecurityException {
    if (wrapped.length == 0 || wrapped.length > KeyManagement.MAX_WRAPPED_BYTES) {
      throw new GeneralSecurityException(
          "a wrapped key must have 1 to 16384 bytes but has " + wrapped.length);
    }
    byte[] bytes = new byte[FIXED_BYTES + wrapped.length + message];
    ByteBuffer.wrap(bytes).put(VERSION).put(SUITE).putShort((short) wrapped.length).put(wrapped);
    return bytes;
  }

  /** Returns where the message begins. */
  static int body(String prefix, byte[] ciphertext) {
    if (ciphertext.length > 1 && (ciphertext[0] != VERSION || ciphertext[1] != SUITE)) {
      throw new DecryptException(
          Reason.UNKNOWN_FORMAT,
          prefix + "the value does not begin with a known format version; is it an envelope?");
    }
    int length =
        ciphertext.length < FIXED_BYTES ? 0 : ByteBuffer.wrap(ciphertext).getShort(2) & 0xFFFF;
    int body = FIXED_BYTES + length;
    if (length > KeyManagement.MAX_WRAPPED_BYTES
        || length == 0
        || ciphertext.length - body < GcmKey.OVERHEAD) {
      throw new DecryptException(
          Reason.TRUNCATED,
          prefix + "the envelope has " + ciphertext.length + " bytes, fewer than it says");
    }
    return body;
  }

  static byte[] wrapped(byte[] ciphertext, int body) {
    return Arrays.copyOfRange(ciphertext, FIXED_BYTES, body);
  }
}

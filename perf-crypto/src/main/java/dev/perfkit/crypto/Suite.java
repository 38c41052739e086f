package dev.perfkit.crypto;

import dev.perfkit.crypto.DecryptException.Reason;
import java.nio.ByteBuffer;

/**
 * The header that our own formats share: {@code C1}, suite, key id. Suite 1 is that of fields; the
 * other ones derive a key from the keyset's, so that no key serves two purposes.
 */
enum Suite {
  FIELD(1, "C1"),
  DETERMINISTIC(2, "deterministic"),
  STREAM(3, "stream");

  static final int HEADER_BYTES = 6;

  private final byte code;
  private final String use;

  Suite(int code, String use) {
    this.code = (byte) code;
    this.use = use;
  }

  byte code() {
    return code;
  }

  /** Returns what sets the derived key apart. */
  byte[] info(int keyId) {
    return Derivation.info("perfkit-crypto-" + use + (char) code, keyId);
  }

  byte[] header(int keyId) {
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
    return header.put(CommittedFormat.VERSION).put(code).putInt(keyId).array();
  }

  /** Returns the key id of a ciphertext of this suite, of {@code least} bytes or more. */
  int keyId(String prefix, byte[] input, int least) {
    if (differs(input, 0, CommittedFormat.VERSION) || differs(input, 1, code)) {
      throw new DecryptException(
          Reason.UNKNOWN_FORMAT, prefix + "the value is not a " + use + " ciphertext");
    }
    if (input.length < least) {
      throw new DecryptException(
          Reason.TRUNCATED,
          prefix
              + "a "
              + use
              + " ciphertext has at least "
              + least
              + " bytes but this has "
              + input.length);
    }
    return KeyIds.read(input, 2);
  }

  private static boolean differs(byte[] input, int at, byte expected) {
    return input.length > at && input[at] != expected;
  }
}

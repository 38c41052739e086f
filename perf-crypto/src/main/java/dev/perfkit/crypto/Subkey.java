package dev.perfkit.crypto;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;

/** What a key and a salt give: a key that encrypts, and the header that names it. */
final class Subkey {

  static final int SALT_BYTES = 16;
  static final int COMMITMENT_BYTES = 32;
  static final int SALT_AT = Suite.HEADER_BYTES;
  static final int COMMITMENT_AT = SALT_AT + SALT_BYTES;
  static final int HEADER_BYTES = COMMITMENT_AT + COMMITMENT_BYTES;

  private static final int KEY_BYTES = 32;

  private final byte[] header;
  private final byte[] commitment;
  private final GcmKey key;
  private final Salt salt;

  private Subkey(byte[] header, byte[] commitment, GcmKey key) {
    this.header = header;
    this.commitment = commitment;
    this.key = key;
    this.salt = Salt.at(header, SALT_AT);
  }

  static Subkey derive(byte[] secret, int keyId, byte[] salt, Engine engine)
      throws GeneralSecurityException {
    byte[] info = Suite.FIELD.info(keyId);
    byte[] both = Derivation.of(secret, salt, info, KEY_BYTES + COMMITMENT_BYTES);
    byte[] commitment = Arrays.copyOfRange(both, KEY_BYTES, both.length);
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
    header.put(Suite.FIELD.header(keyId)).put(salt).put(commitment);
    GcmKey key = new GcmKey(new WipeableKey(Arrays.copyOf(both, KEY_BYTES)), engine);
    Arrays.fill(both, (byte) 0);
    return new Subkey(header.array(), commitment, key);
  }

  static byte[] saltAt(byte[] sealed, int offset) {
    return Arrays.copyOfRange(sealed, offset + SALT_AT, offset + SALT_AT + SALT_BYTES);
  }

  GcmKey key() {
    return key;
  }

  Salt salt() {
    return salt;
  }

  void writeHeader(byte[] target, int offset) {
    System.arraycopy(header, 0, target, offset, HEADER_BYTES);
  }

  boolean hasSaltOf(byte[] sealed, int offset) {
    int at = offset + SALT_AT;
    return Arrays.equals(sealed, at, at + SALT_BYTES, header, SALT_AT, COMMITMENT_AT);
  }

  /** Compares in a time that does not tell how much of the commitment is right. */
  boolean isCommittedTo(byte[] sealed, int offset) {
    int at = offset + COMMITMENT_AT;
    return MessageDigest.isEqual(commitment, Arrays.copyOfRange(sealed, at, at + COMMITMENT_BYTES));
  }

  void destroy() {
    key.destroy();
  }

  /** A salt as the key of a map. */
  record Salt(long high, long low) {

    static Salt at(byte[] source, int offset) {
      ByteBuffer bytes = ByteBuffer.wrap(source, offset, SALT_BYTES);
      return new Salt(bytes.getLong(), bytes.getLong());
    }
  }
}

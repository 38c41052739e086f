package dev.perfkit.crypto;

import com.google.crypto.tink.KeysetHandle;
import dev.perfkit.crypto.KeysetException.Reason;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.PBEKeySpec;

/**
 * The bytes of a keyset file: a header, the keyset encrypted under a key made of the password, and
 * a digest. All before the ciphertext is authenticated with it. The digest needs no password, so
 * that a damaged file and a wrong password are told apart.
 *
 * @param iterations of PBKDF2 for what is written
 * @param minIterations of PBKDF2 for what is read
 */
record KeysetFileFormat(int iterations, int minIterations) {

  static final int DEFAULT_ITERATIONS = 1_000_000;

  /** Bounds the work that a file can ask for before its tag is checked. */
  static final int MAX_ITERATIONS = 10_000_000;

  static final int MAX_FILE_BYTES = 1 << 20;

  private static final int MAGIC = 0x50434B46; // PCKF

  /** The file version of a bare keyset. */
  static final byte KEYSET = 1;

  /** The file version of a keyring: states, counts and a keyset. */
  static final byte KEYRING = 2;

  private static final byte PBKDF2_SHA512 = 1;
  private static final int SALT_BYTES = 32;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BYTES = 16;
  private static final int HEADER_BYTES = 4 + 1 + 1 + 3 * 4 + SALT_BYTES + NONCE_BYTES + 8 + 4;
  private static final int DIGEST_BYTES = 32;

  /** What a file of a keyset says. */
  record Content(Keyset keyset, long generation) {}

  /** What a file of any version holds; whoever gets it wipes the payload. */
  static final class Opened {

    private final byte version;
    private final byte[] payload;
    private final long generation;

    private Opened(byte version, byte[] payload, long generation) {
      this.version = version;
      this.payload = payload;
      this.generation = generation;
    }

    byte version() {
      return version;
    }

    byte[] payload() {
      return payload;
    }

    long generation() {
      return generation;
    }
  }

  /** Returns the bytes of a file, with a fresh salt and nonce. */
  byte[] write(Keyset keyset, long generation, char[] password) throws GeneralSecurityException {
    return seal(KEYSET, InsecureKeyAccess.serialize(keyset.toTink()), generation, password);
  }

  /**
   * Returns the bytes of a file, with a fresh salt and nonce.
   *
   * @param payload is wiped
   */
  byte[] seal(byte version, byte[] payload, long generation, char[] password)
      throws GeneralSecurityException {
    try {
      int encrypted = payload.length + TAG_BYTES;
      ByteBuffer file = ByteBuffer.allocate(HEADER_BYTES + encrypted + DIGEST_BYTES);
      byte[] salt = random(SALT_BYTES);
      byte[] nonce = random(NONCE_BYTES);
      file.putInt(MAGIC).put(version).put(PBKDF2_SHA512).putInt(iterations).putInt(0).putInt(0);
      file.put(salt).put(nonce).putLong(generation).putInt(encrypted);
      Cipher cipher = cipher(Cipher.ENCRYPT_MODE, password, salt, iterations, nonce);
      cipher.updateAAD(file.array(), 0, HEADER_BYTES);
      file.put(cipher.doFinal(payload));
      file.put(digest(file.array(), file.position()));
      return file.array();
    } finally {
      Arrays.fill(payload, (byte) 0);
    }
  }

  /**
   * Returns what a file of a keyset says.
   *
   * @param subject names the file in messages
   */
  Content read(String subject, byte[] bytes, char[] password) throws GeneralSecurityException {
    Opened file = open(subject, bytes, password);
    try {
      if (file.version() != KEYSET) {
        throw new KeysetException(
            Reason.UNSUPPORTED, subject + " holds a keyring; open it with Keyring.named(..).file");
      }
      return new Content(Keyset.of(parse(subject, file.payload())), file.generation());
    } finally {
      Arrays.fill(file.payload(), (byte) 0);
    }
  }

  /** Returns the generation in the header of a file that may have been changed since. */
  static long generationUnchecked(byte[] bytes) {
    return bytes.length < HEADER_BYTES ? 0 : ByteBuffer.wrap(bytes).getLong(HEADER_BYTES - 12);
  }

  /**
   * Returns what a file of any version holds.
   *
   * @param subject names the file in messages
   */
  Opened open(String subject, byte[] bytes, char[] password) throws GeneralSecurityException {
    requireWhole(subject, bytes);
    ByteBuffer file = ByteBuffer.wrap(bytes).position(6);
    int rounds = file.getInt();
    requireParameters(subject, bytes[5], rounds, file.getInt(), file.getInt());
    byte[] salt = take(file, SALT_BYTES);
    byte[] nonce = take(file, NONCE_BYTES);
    long generation = file.getLong();
    Cipher cipher = cipher(Cipher.DECRYPT_MODE, password, salt, rounds, nonce);
    cipher.updateAAD(bytes, 0, HEADER_BYTES);
    return new Opened(bytes[4], decrypt(subject, cipher, bytes), generation);
  }

  /** Checks magic, version, lengths and digest. */
  private static void requireWhole(String subject, byte[] bytes) {
    ByteBuffer file = ByteBuffer.wrap(bytes);
    if (bytes.length < 5 || file.getInt(0) != MAGIC) {
      throw new KeysetException(
          Reason.UNSUPPORTED, subject + " is not a keyset file: it does not begin with PCKF");
    }
    if (bytes[4] != KEYSET && bytes[4] != KEYRING) {
      throw new KeysetException(
          Reason.UNSUPPORTED,
          subject + " must have file version 1 or 2 but has " + bytes[4] + "; update perf-crypto");
    }
    int content = bytes.length - DIGEST_BYTES;
    if (content < HEADER_BYTES + TAG_BYTES
        || file.getInt(HEADER_BYTES - 4) != content - HEADER_BYTES
        || !MessageDigest.isEqual(
            digest(bytes, content), Arrays.copyOfRange(bytes, content, bytes.length))) {
      throw new KeysetException(
          Reason.DAMAGED, subject + " is damaged (its digest does not match); restore a backup");
    }
  }

  private void requireParameters(String subject, byte kdf, int rounds, int second, int third) {
    if (kdf != PBKDF2_SHA512 || second != 0 || third != 0) {
      throw new KeysetException(
          Reason.UNSUPPORTED,
          subject + " has an unknown key derivation (" + kdf + "); update perf-crypto");
    }
    if (rounds < minIterations || rounds > MAX_ITERATIONS) {
      throw new KeysetException(
          Reason.UNSUPPORTED,
          subject
              + ": iterations must be between "
              + minIterations
              + " and "
              + MAX_ITERATIONS
              + " but was "
              + Integer.toUnsignedString(rounds));
    }
  }

  private static byte[] decrypt(String subject, Cipher cipher, byte[] bytes)
      throws GeneralSecurityException {
    try {
      int length = bytes.length - HEADER_BYTES - DIGEST_BYTES;
      return cipher.doFinal(bytes, HEADER_BYTES, length);
    } catch (AEADBadTagException wrong) {
      throw new KeysetException(
          Reason.WRONG_PASSWORD,
          subject + " does not open: the password is wrong, or the file was tampered with");
    }
  }

  static KeysetHandle parse(String subject, byte[] serialized) {
    try {
      return InsecureKeyAccess.parse(serialized);
    } catch (GeneralSecurityException unreadable) {
      throw new KeysetException(
          Reason.UNSUPPORTED, subject + " holds a keyset that Tink does not read", unreadable);
    }
  }

  private static Cipher cipher(int mode, char[] password, byte[] salt, int rounds, byte[] nonce)
      throws GeneralSecurityException {
    PBEKeySpec spec = new PBEKeySpec(password, salt, rounds, 256);
    byte[] derived = {};
    try {
      derived =
          SecretKeyFactory.getInstance("PBKDF2WithHmacSHA512").generateSecret(spec).getEncoded();
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(mode, new WipeableKey(derived), new GCMParameterSpec(TAG_BYTES * 8, nonce));
      return cipher;
    } finally {
      spec.clearPassword();
      Arrays.fill(derived, (byte) 0);
    }
  }

  private static byte[] digest(byte[] bytes, int length) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update(bytes, 0, length);
      return sha256.digest();
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("every JDK has SHA-256", impossible);
    }
  }

  private static byte[] take(ByteBuffer from, int length) {
    byte[] bytes = new byte[length];
    from.get(bytes);
    return bytes;
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new SecureRandom().nextBytes(bytes);
    return bytes;
  }
}

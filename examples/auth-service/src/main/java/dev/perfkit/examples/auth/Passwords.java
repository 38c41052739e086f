package dev.perfkit.examples.auth;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/** Password hashes: PBKDF2 with HMAC-SHA-512 and the iterations that OWASP recommends for it. */
final class Passwords {

  private static final int ITERATIONS = 210_000;
  private static final int BYTES = 32;
  private static final SecureRandom RANDOM = new SecureRandom();

  /** Compared with when there is no such user, so that the answer takes as long. */
  private static final String NOBODY = hash("nobody".toCharArray());

  private Passwords() {}

  /** Returns salt and hash, each in Base64. */
  static String hash(char[] password) {
    byte[] salt = new byte[16];
    RANDOM.nextBytes(salt);
    Base64.Encoder base64 = Base64.getEncoder();
    return base64.encodeToString(salt) + ":" + base64.encodeToString(derive(password, salt));
  }

  /** Returns whether a password belongs to a hash; always false, and as slow, without a hash. */
  static boolean matches(char[] password, @Nullable String hash) {
    String[] parts = (hash == null ? NOBODY : hash).split(":", 2);
    byte[] expected = Base64.getDecoder().decode(parts[1]);
    byte[] actual = derive(password, Base64.getDecoder().decode(parts[0]));
    return MessageDigest.isEqual(expected, actual) && hash != null;
  }

  private static byte[] derive(char[] password, byte[] salt) {
    PBEKeySpec spec = new PBEKeySpec(password, salt, ITERATIONS, BYTES * 8);
    try {
      return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA512").generateSecret(spec).getEncoded();
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException("this JDK has no PBKDF2WithHmacSHA512", missing);
    } finally {
      spec.clearPassword();
    }
  }
}

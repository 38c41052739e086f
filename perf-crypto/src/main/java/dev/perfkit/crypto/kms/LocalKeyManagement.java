package dev.perfkit.crypto.kms;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.support.Options;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Objects;
import java.util.function.UnaryOperator;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * A {@link KeyManagement} of a key that the process is given: 32 bytes in an environment variable,
 * as a platform's secret store hands them over. A wrapped key is {@code 01}, a nonce of 12 bytes,
 * the ciphertext and a tag of 16 bytes, by AES-256-GCM with the context as associated data.
 *
 * <p>Every process with the variable can unwrap every key, and an environment shows in crash
 * reports: a service is better. The key stays in memory as long as this object.
 */
@Beta
public final class LocalKeyManagement implements KeyManagement {

  private static final byte VERSION = 1;
  private static final int KEY_BYTES = 32;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BYTES = 16;

  private final SecretKeySpec key;
  private final String label;
  private final SecureRandom random = new SecureRandom();

  private LocalKeyManagement(SecretKeySpec key, String label) {
    this.key = key;
    this.label = label;
  }

  /**
   * Returns the key in an environment variable.
   *
   * @param variable holds 32 bytes in base64, such as {@code openssl rand -base64 32} prints
   * @throws IllegalArgumentException if the variable is not set, or holds something else
   */
  public static LocalKeyManagement ofEnvironment(String variable) {
    return ofEnvironment(variable, System::getenv);
  }

  static LocalKeyManagement ofEnvironment(
      String variable, UnaryOperator<@Nullable String> environment) {
    String value = environment.apply(Options.notBlank("variable", variable));
    byte[] bytes = decode(variable, Objects.requireNonNullElse(value, ""));
    try {
      return new LocalKeyManagement(new SecretKeySpec(bytes, "AES"), "environment " + variable);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  @Override
  public byte[] wrap(byte[] secret, byte[] context) throws GeneralSecurityException {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    Cipher cipher = cipher(Cipher.ENCRYPT_MODE, nonce, 0, context);
    byte[] wrapped = new byte[1 + NONCE_BYTES + secret.length + TAG_BYTES];
    wrapped[0] = VERSION;
    System.arraycopy(nonce, 0, wrapped, 1, NONCE_BYTES);
    cipher.doFinal(secret, 0, secret.length, wrapped, 1 + NONCE_BYTES);
    return wrapped;
  }

  @Override
  public byte[] unwrap(byte[] wrapped, byte[] context) throws GeneralSecurityException {
    if (wrapped.length < 1 + NONCE_BYTES + TAG_BYTES || wrapped[0] != VERSION) {
      throw new GeneralSecurityException("not a key that was wrapped by the " + label);
    }
    Cipher cipher = cipher(Cipher.DECRYPT_MODE, wrapped, 1, context);
    return cipher.doFinal(wrapped, 1 + NONCE_BYTES, wrapped.length - 1 - NONCE_BYTES);
  }

  /** Returns where the key came from. */
  @Override
  public String toString() {
    return "LocalKeyManagement[" + label + "]";
  }

  private Cipher cipher(int mode, byte[] nonce, int offset, byte[] context)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(TAG_BYTES * 8, nonce, offset, NONCE_BYTES));
    cipher.updateAAD(context);
    return cipher;
  }

  private static byte[] decode(String variable, String value) {
    try {
      byte[] bytes = Base64.getDecoder().decode(value.strip());
      if (bytes.length == KEY_BYTES) {
        return bytes;
      }
    } catch (IllegalArgumentException notBase64) {
      // Without the cause, whose message quotes a character of the secret.
    }
    throw new IllegalArgumentException(
        "environment variable "
            + variable
            + " must hold 32 bytes in base64 but has "
            + value.length()
            + " characters of something else; openssl rand -base64 32 makes one");
  }
}

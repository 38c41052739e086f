package dev.perfkit.crypto;

import com.google.crypto.tink.subtle.AesSiv;
import dev.perfkit.spi.Beta;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Encrypts a column so that equal values have equal ciphertexts, for queries and unique constraints
 * by exact match, with AES-SIV. Made by {@link FieldCipher#deterministic}.
 *
 * <pre>{@code
 * DeterministicCipher numbers = cipher.deterministic(CipherContext.ofTable("users").column("ssn"));
 * insert.setBytes(1, numbers.encrypt(ssn));
 * // WHERE ssn IN (?, ?): one candidate for each key
 * List<byte[]> candidates = numbers.candidates(ssn);
 * }</pre>
 *
 * <p>Protects less than {@link FieldCipher#encrypt}: whoever reads the store sees which rows have
 * the same value and how often each occurs, which gives away a column of few values (a gender, a
 * birthday) entirely; and whoever changes it can copy a value from one row of the column to
 * another. Values of different columns, tables and tenants do not compare. Rotation of the keyset
 * changes the ciphertexts.
 *
 * <p>Safe for use by any number of threads; lives as long as its cipher.
 */
@Beta
public final class DeterministicCipher {

  /** How many bytes a ciphertext is longer than its plaintext. */
  public static final int OVERHEAD = Suite.HEADER_BYTES + 16;

  private final MessageCipher messages;
  private final byte[] associatedData;

  DeterministicCipher(MessageCipher messages, CipherContext column) {
    this.messages = messages;
    this.associatedData = column.encoded();
  }

  /**
   * Encrypts bytes: the same ones to the same ciphertext, as long as the primary key is the same.
   *
   * @throws EncryptException if the provider failed
   * @throws IllegalStateException if the cipher is closed
   */
  public byte[] encrypt(byte[] plaintext) {
    return seal(messages.primary(), Objects.requireNonNull(plaintext, "plaintext"));
  }

  /**
   * Encrypts the UTF-8 bytes of a text. Texts are compared byte by byte: bring them into one form
   * (case, Unicode normalisation) first.
   *
   * @throws IllegalArgumentException if a surrogate stands alone in the text
   */
  public byte[] encrypt(String plaintext) {
    byte[] utf8 = Text.utf8("plaintext", plaintext);
    try {
      return encrypt(utf8);
    } finally {
      Arrays.fill(utf8, (byte) 0);
    }
  }

  /**
   * Returns the ciphertexts that a value may have in the store: one for each enabled key, that of
   * the primary one first.
   */
  public List<byte[]> candidates(String plaintext) {
    byte[] utf8 = Text.utf8("plaintext", plaintext);
    try {
      return candidates(utf8);
    } finally {
      Arrays.fill(utf8, (byte) 0);
    }
  }

  /** As {@link #candidates(String)}, of bytes. */
  public List<byte[]> candidates(byte[] plaintext) {
    Objects.requireNonNull(plaintext, "plaintext");
    List<byte[]> sealed = new ArrayList<>();
    FieldKey primary = messages.primary();
    sealed.add(seal(primary, plaintext));
    for (FieldKey key : messages.keys().enabled()) {
      if (key.id() != primary.id()) {
        sealed.add(seal(key, plaintext));
      }
    }
    return List.copyOf(sealed);
  }

  /**
   * Decrypts bytes.
   *
   * @throws DecryptException if the ciphertext is not authentic in this column, or its format or
   *     key is unknown or disabled
   * @throws IllegalStateException if the cipher is closed
   */
  public byte[] decrypt(byte[] ciphertext) {
    messages.requireOpen();
    try {
      byte[] plain = open(ciphertext);
      messages.decrypted(plain.length);
      return plain;
    } catch (DecryptException failure) {
      throw messages.noted(failure);
    }
  }

  /**
   * Decrypts a text.
   *
   * @throws DecryptException as {@link #decrypt}; or if the plaintext is not UTF-8
   */
  public String decryptToString(byte[] ciphertext) {
    return messages.decoded(decrypt(ciphertext), Text::decode);
  }

  /** Returns whose it is; no values. */
  @Override
  public String toString() {
    return "DeterministicCipher[" + messages.subject() + "]";
  }

  private byte[] seal(FieldKey key, byte[] plaintext) {
    try {
      AesSiv siv = key.siv();
      byte[] sealed = siv.encryptDeterministically(plaintext, associatedData);
      byte[] header = Suite.DETERMINISTIC.header(key.id());
      byte[] whole = Arrays.copyOf(header, header.length + sealed.length);
      System.arraycopy(sealed, 0, whole, header.length, sealed.length);
      messages.encrypted(plaintext.length);
      return whole;
    } catch (GeneralSecurityException | RuntimeException failure) {
      throw messages.sealFailed(failure);
    }
  }

  private byte[] open(byte[] ciphertext) {
    int id = Suite.DETERMINISTIC.keyId(messages.cannotDecrypt(), ciphertext, OVERHEAD);
    FieldKey key = messages.decryptingKey(id);
    byte[] body = Arrays.copyOfRange(ciphertext, Suite.HEADER_BYTES, ciphertext.length);
    try {
      return key.siv().decryptDeterministically(body, associatedData);
    } catch (GeneralSecurityException | RuntimeException failure) {
      throw messages.openFailed(failure);
    }
  }
}

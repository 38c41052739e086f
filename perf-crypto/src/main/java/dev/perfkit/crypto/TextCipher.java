package dev.perfkit.crypto;

import dev.perfkit.spi.Beta;

/**
 * A field cipher whose ciphertexts are text, for stores that take no bytes: base64url without
 * padding, a third longer than bytes, which are better where they are possible. Made by {@link
 * FieldCipher#text}.
 *
 * <p>Safe for use by any number of threads; lives as long as its cipher.
 */
@Beta
public final class TextCipher {

  private final FieldCipher cipher;
  private final MessageCipher messages;
  private final PlaintextColumns plaintexts;

  TextCipher(FieldCipher cipher, MessageCipher messages, PlaintextColumns plaintexts) {
    this.cipher = cipher;
    this.messages = messages;
    this.plaintexts = plaintexts;
  }

  /**
   * Encrypts a text.
   *
   * @throws IllegalArgumentException if a surrogate stands alone in the text
   * @throws EncryptException as {@link FieldCipher#encrypt(byte[], CipherContext)}
   * @throws IllegalStateException if the cipher is closed
   */
  public String encrypt(String plaintext, CipherContext where) {
    return TextForm.encode(cipher.encrypt(plaintext, where));
  }

  /** As {@link #encrypt(String, CipherContext)}, of bytes. */
  public String encrypt(byte[] plaintext, CipherContext where) {
    return TextForm.encode(cipher.encrypt(plaintext, where));
  }

  /**
   * Decrypts bytes.
   *
   * @throws DecryptException as {@link FieldCipher#decrypt(byte[], CipherContext)}; or if the value
   *     is not base64url ({@code UNKNOWN_FORMAT})
   * @throws IllegalStateException if the cipher is closed
   */
  public byte[] decrypt(String ciphertext, CipherContext where) {
    return isPlaintext(ciphertext, where)
        ? Text.utf8("ciphertext", ciphertext)
        : cipher.open(fromText(ciphertext), where);
  }

  /**
   * Decrypts a text.
   *
   * @throws DecryptException as {@link #decrypt}; or if the plaintext is not UTF-8 ({@code
   *     NOT_TEXT})
   * @throws IllegalStateException if the cipher is closed
   */
  public String decryptToString(String ciphertext, CipherContext where) {
    if (isPlaintext(ciphertext, where)) {
      return ciphertext;
    }
    return messages.decoded(cipher.open(fromText(ciphertext), where), Text::decode);
  }

  /** Returns the name of the cipher. */
  @Override
  public String toString() {
    return "TextCipher[" + cipher.name() + "]";
  }

  private boolean isPlaintext(String value, CipherContext where) {
    messages.requireOpen();
    return !plaintexts.isEmpty()
        && !TextForm.isOurs(value, messages.keys())
        && plaintexts.accept(where);
  }

  private byte[] fromText(String ciphertext) {
    try {
      return TextForm.decode(messages.cannotDecrypt(), ciphertext);
    } catch (DecryptException failure) {
      throw messages.noted(failure);
    }
  }
}

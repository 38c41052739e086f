package dev.perfkit.crypto;

import dev.perfkit.crypto.DecryptException.Reason;
import java.util.Base64;

/** Ciphertexts as text: base64url (RFC 4648, section 5) without padding. */
final class TextForm {

  private static final String ALPHABET =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  private static final int LEAST_CHARS = (Format.TINK.overhead() * 8 + 5) / 6;
  private static final int PREFIX_CHARS = 8;

  private TextForm() {}

  static String encode(byte[] sealed) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(sealed);
  }

  /** Returns the bytes of the one text that {@link #encode} makes of them. */
  static byte[] decode(String prefix, String text) {
    try {
      byte[] sealed = Base64.getUrlDecoder().decode(text);
      if (encode(sealed).equals(text)) {
        return sealed;
      }
    } catch (IllegalArgumentException notBase64) {
      // As below; its message tells a character of what may be a plaintext.
    }
    throw new DecryptException(
        Reason.UNKNOWN_FORMAT,
        prefix + "the value is not base64url without padding; is it encrypted?");
  }

  /**
   * Returns whether a text is, or was, a ciphertext: it has the form and length of one, or begins
   * with version and id of a key we have.
   */
  static boolean isOurs(String text, KeyTable keys) {
    if (text.length() >= LEAST_CHARS && isBase64Url(text) && hasVersion(text)) {
      return true;
    }
    if (text.length() < PREFIX_CHARS || !isBase64Url(text.substring(0, PREFIX_CHARS))) {
      return false;
    }
    byte[] begin = Base64.getUrlDecoder().decode(text.substring(0, PREFIX_CHARS));
    int idAt = begin[0] == TinkFormat.VERSION ? 1 : 2;
    return hasVersion(begin[0]) && keys.knows(KeyIds.read(begin, idAt));
  }

  private static boolean hasVersion(String text) {
    byte first = Base64.getUrlDecoder().decode(text.substring(0, 4))[0];
    return hasVersion(first);
  }

  static boolean hasVersion(byte first) {
    return first == TinkFormat.VERSION || first == CommittedFormat.VERSION;
  }

  private static boolean isBase64Url(String text) {
    return text.chars().allMatch(c -> ALPHABET.indexOf(c) >= 0);
  }
}

package dev.perfkit.cache;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Byte arrays made of others. */
final class Bytes {

  private Bytes() {}

  /**
   * Returns the UTF-8 form; unlike {@link String#getBytes} never the same for two texts.
   *
   * @throws CharacterCodingException if half of a surrogate pair stands alone
   */
  static byte[] strictUtf8(String text) throws CharacterCodingException {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        return encoded(text);
      }
    }
    return text.getBytes(StandardCharsets.UTF_8); // which would write a lone surrogate as a '?'
  }

  private static byte[] encoded(String text) throws CharacterCodingException {
    ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
    byte[] bytes = new byte[encoded.remaining()];
    encoded.get(bytes);
    return bytes;
  }

  static byte[] concat(byte[] first, byte[] second) {
    byte[] both = new byte[first.length + second.length];
    System.arraycopy(first, 0, both, 0, first.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}

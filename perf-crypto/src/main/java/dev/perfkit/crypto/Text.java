package dev.perfkit.crypto;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Strict UTF-8: nothing is replaced, so two different texts never become the same bytes. */
final class Text {

  private static final char REPLACEMENT = '\uFFFD';

  private Text() {}

  /**
   * Returns the UTF-8 bytes.
   *
   * @throws IllegalArgumentException naming the property if a surrogate stands alone
   */
  static byte[] utf8(String property, String text) {
    requireWellFormed(property, text);
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** As {@link #utf8}, without a copy of the text that cannot be wiped. */
  static byte[] utf8(String property, char[] text) {
    requireWellFormed(property, CharBuffer.wrap(text));
    CharsetEncoder encoder = StandardCharsets.UTF_8.newEncoder();
    byte[] room = new byte[Math.multiplyExact(text.length, 3)];
    ByteBuffer target = ByteBuffer.wrap(room);
    CoderResult result = encoder.encode(CharBuffer.wrap(text), target, true);
    if (!result.isUnderflow()) {
      throw new IllegalStateException("a well-formed text did not encode: " + result);
    }
    return trimmed(room, target.position());
  }

  /** Makes a text of bytes. */
  interface Decoder<T> {
    T decode(byte[] utf8) throws CharacterCodingException;
  }

  /** Returns the text. */
  static String decode(byte[] utf8) throws CharacterCodingException {
    String text = new String(utf8, StandardCharsets.UTF_8);
    if (text.indexOf(REPLACEMENT) >= 0) {
      // Either a real U+FFFD or bytes that were replaced by it: the strict decoder knows.
      strictDecoder().decode(ByteBuffer.wrap(utf8));
    }
    return text;
  }

  /** Returns the text; every copy but the result is wiped. */
  static char[] decodeChars(byte[] utf8) throws CharacterCodingException {
    char[] room = new char[utf8.length];
    CharBuffer target = CharBuffer.wrap(room);
    CoderResult result = strictDecoder().decode(ByteBuffer.wrap(utf8), target, true);
    if (result.isError()) {
      Arrays.fill(room, '\0');
      result.throwException();
    }
    if (target.position() == room.length) {
      return room;
    }
    char[] exact = Arrays.copyOf(room, target.position());
    Arrays.fill(room, '\0');
    return exact;
  }

  private static CharsetDecoder strictDecoder() {
    return StandardCharsets.UTF_8
        .newDecoder()
        .onMalformedInput(CodingErrorAction.REPORT)
        .onUnmappableCharacter(CodingErrorAction.REPORT);
  }

  private static byte[] trimmed(byte[] room, int length) {
    if (length == room.length) {
      return room;
    }
    byte[] exact = Arrays.copyOf(room, length);
    Arrays.fill(room, (byte) 0);
    return exact;
  }

  static void requireWellFormed(String property, CharSequence text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        boolean pair =
            Character.isHighSurrogate(c)
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!pair) {
          throw new IllegalArgumentException(
              property
                  + " must be well-formed Unicode but has a surrogate without its partner at index "
                  + i);
        }
        i++;
      }
    }
  }
}

package dev.perfkit.cache;

import dev.perfkit.spi.Beta;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Strings as UTF-8, strictly: text that is not well-formed is refused in both directions. */
@Beta
public final class StringSerializer implements Serializer<String> {

  private static final StringSerializer INSTANCE = new StringSerializer();

  private StringSerializer() {}

  /** Returns the serializer. */
  public static StringSerializer create() {
    return INSTANCE;
  }

  @Override
  public int id() {
    return 2;
  }

  /**
   * {@inheritDoc}
   *
   * @throws CharacterCodingException if half of a surrogate pair stands alone
   */
  @Override
  public byte[] serialize(String value) throws CharacterCodingException {
    return Bytes.strictUtf8(value);
  }

  /**
   * {@inheritDoc}
   *
   * @throws CharacterCodingException if the bytes are not UTF-8
   */
  @Override
  public String deserialize(byte[] bytes, int offset, int length) throws CharacterCodingException {
    CharBuffer text =
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, offset, length));
    return text.toString();
  }

  @Override
  public String toString() {
    return "StringSerializer";
  }
}

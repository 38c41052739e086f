package dev.perfkit.cache;

import dev.perfkit.spi.Beta;
import java.util.Arrays;

/**
 * Byte arrays as they are. The memory tier holds the caller's array: do not change one that was
 * cached.
 */
@Beta
public final class BytesSerializer implements Serializer<byte[]> {

  private static final BytesSerializer INSTANCE = new BytesSerializer();

  private BytesSerializer() {}

  /** Returns the serializer. */
  public static BytesSerializer create() {
    return INSTANCE;
  }

  @Override
  public int id() {
    return 3;
  }

  @Override
  public byte[] serialize(byte[] value) {
    return value;
  }

  @Override
  public byte[] deserialize(byte[] bytes, int offset, int length) {
    return Arrays.copyOfRange(bytes, offset, offset + length);
  }

  @Override
  public String toString() {
    return "BytesSerializer";
  }
}

package dev.perfkit.cache;

import dev.perfkit.spi.ByteTransform;
import dev.perfkit.spi.TransformException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Stands for a real transform in tests: mixes the context in, so that it notices another one, and
 * may be required. Not a cipher.
 */
final class XorTransform implements ByteTransform {

  private final int id;
  private final boolean required;

  XorTransform(int id, boolean required) {
    this.id = id;
    this.required = required;
  }

  @Override
  public int id() {
    return id;
  }

  @Override
  public boolean required() {
    return required;
  }

  @Override
  public byte @Nullable [] encode(byte[] input, byte[] context) {
    if (!required && input.length < 10) {
      return null;
    }
    byte[] out = Arrays.copyOf(input, input.length + 1);
    out[input.length] = (byte) Arrays.hashCode(context);
    return mixed(out, input.length);
  }

  @Override
  public byte[] decode(byte[] input, int offset, int length, byte[] context, int maxLength) {
    if (length < 1 || input[offset + length - 1] != (byte) Arrays.hashCode(context)) {
      throw new TransformException(TransformException.Reason.DAMAGED, "another context");
    }
    if (length - 1 > maxLength) {
      throw new TransformException(TransformException.Reason.TOO_LARGE, "too large");
    }
    byte[] out = Arrays.copyOfRange(input, offset, offset + length - 1);
    return mixed(out, out.length);
  }

  private byte[] mixed(byte[] bytes, int length) {
    for (int i = 0; i < length; i++) {
      bytes[i] ^= (byte) id;
    }
    return bytes;
  }
}

package dev.perfkit.spi;

import org.jspecify.annotations.Nullable;

/**
 * A reversible transform of a payload, such as compression or encryption.
 *
 * <p>The {@link #id} is written beside the payload, so it must never change its meaning: 1 to 63
 * are for compression, 64 to 127 for encryption, 128 to 255 for hosts. The context says where the
 * payload lives (for a cache value: cache and key); decoding must be given the same one, and a
 * transform that authenticates fails if it is not.
 *
 * <p>Implementations are safe for use by any number of threads and never change their inputs.
 */
@Beta
public interface ByteTransform {

  /** Returns the stable id of this transform and its format, 1 to 255. */
  int id();

  /**
   * Returns whether a reader that was given this transform must refuse a payload without it. True
   * for encryption, so that nobody can pass off a payload in the clear.
   */
  boolean required();

  /**
   * Transforms a payload.
   *
   * @return a new array, or null when it is not worth it; null only if not {@link #required}
   * @throws TransformException if it cannot be done now ({@code KEY_UNAVAILABLE})
   */
  byte @Nullable [] encode(byte[] input, byte[] context);

  /**
   * Restores a payload.
   *
   * @param offset where the payload begins in {@code input}
   * @param length how many bytes it has
   * @param maxLength the most bytes to return; a larger result is refused before memory is taken
   *     for it
   * @return a new array
   * @throws TransformException if the payload is damaged, of another context, too large, or its key
   *     is not available
   * @throws IndexOutOfBoundsException if offset and length do not lie within the input
   */
  byte[] decode(byte[] input, int offset, int length, byte[] context, int maxLength);
}

package dev.perfkit.cache;

import dev.perfkit.spi.Beta;
import java.io.IOException;

/**
 * Turns values into bytes and back, for the tiers behind memory.
 *
 * <p>The {@link #id} is written beside the bytes, so it must never change its meaning: 1 to 63 are
 * for this library, 64 to 255 for hosts. What {@link #deserialize} throws makes the stored entry a
 * miss; what {@link #serialize} throws keeps the value in memory only. Neither reaches the caller
 * of the cache; both are counted.
 *
 * <p>Implementations are safe for use by any number of threads. They must read what other versions
 * of the host wrote, or fail: during a deploy both read the same Redis.
 *
 * @param <V> the type of values
 */
@Beta
public interface Serializer<V> {

  /** Returns the stable id of the format, 1 to 255. */
  int id();

  /**
   * Returns the bytes of a value; the array is not changed afterwards.
   *
   * @throws IOException if the value has no such form
   */
  byte[] serialize(V value) throws IOException;

  /**
   * Returns the value of some bytes, of an array that must not be kept.
   *
   * @param offset where they begin in {@code bytes}
   * @param length how many they are
   * @throws IOException if they are not the form of a value
   */
  V deserialize(byte[] bytes, int offset, int length) throws IOException;
}

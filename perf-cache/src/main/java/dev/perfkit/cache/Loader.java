package dev.perfkit.cache;

import dev.perfkit.spi.Beta;
import org.jspecify.annotations.Nullable;

/**
 * Gets a value from where it really lives, when no tier of the cache has it.
 *
 * <p>Runs on the thread of one caller, or in the background (early refresh, timeouts); the others
 * that miss the same key wait for it. It should bound its own time. It may use the same cache for
 * other keys, but not for the key it loads.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 * @param <X> what it may throw; {@link RuntimeException} when nothing checked
 */
@Beta
@FunctionalInterface
public interface Loader<K, V, X extends Exception> {

  /**
   * Returns the value, or null when there is none: then nothing is cached, and what an older load
   * left is dropped.
   *
   * @throws X when the value cannot be had; the caller gets this very exception unless an older
   *     value may be served
   */
  @Nullable V load(K key) throws X;
}

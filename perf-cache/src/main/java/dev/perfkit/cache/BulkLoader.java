package dev.perfkit.cache;

import dev.perfkit.spi.Beta;
import java.util.Map;
import java.util.Set;

/**
 * Gets several values at once from where they really live. The rules of {@link Loader} hold for
 * each of the keys.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 * @param <X> what it may throw; {@link RuntimeException} when nothing checked
 */
@Beta
@FunctionalInterface
public interface BulkLoader<K, V, X extends Exception> {

  /**
   * Returns the values that there are; a key that is missing, or has null, has none. Other keys
   * than those asked for are ignored.
   *
   * @param keys at least one; not to be changed
   * @throws X when the values cannot be had
   */
  Map<K, V> loadAll(Set<K> keys) throws X;
}

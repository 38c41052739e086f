package dev.perfkit.cache;

import dev.perfkit.spi.Beta;
import java.util.Map;
import java.util.Set;

/**
 * A {@link BulkLoader} that says more about each value: tags, a time to live, or that this one
 * could not be had. The rules of {@link Loader} hold for each of the keys.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 * @param <X> what it may throw; {@link RuntimeException} when nothing checked
 */
@Beta
@FunctionalInterface
public interface BulkFetcher<K, V, X extends Exception> {

  /**
   * Returns what the source has; a key that is missing has no value. Other keys than those asked
   * for are ignored, and no value is {@link Loaded#unchanged}.
   *
   * @param keys at least one; not to be changed
   * @throws X when no value can be had at all
   */
  Map<K, Loaded<V>> fetchAll(Set<K> keys) throws X;
}

package dev.perfkit.cache;

import dev.perfkit.spi.Beta;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A {@link BulkFetcher} that reads copies which lag: to it what {@link FreshFetcher} is to a {@link
 * Fetcher}.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 * @param <X> what it may throw; {@link RuntimeException} when nothing checked
 */
@Beta
@FunctionalInterface
public interface FreshBulkFetcher<K, V, X extends Exception> extends BulkFetcher<K, V, X> {

  /**
   * Returns what the source has, from a copy that has all the changes that the tokens stand for.
   *
   * @param keys at least one; not to be changed
   * @param freshness tokens of changes of any of these keys and of their tags, in no order
   * @throws X when no value can be had at all
   */
  Map<K, Loaded<V>> fetchAll(Set<K> keys, List<String> freshness) throws X;

  /** Fetches without a token. */
  @Override
  default Map<K, Loaded<V>> fetchAll(Set<K> keys) throws X {
    return fetchAll(keys, List.of());
  }
}

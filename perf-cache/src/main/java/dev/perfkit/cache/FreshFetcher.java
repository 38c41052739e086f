package dev.perfkit.cache;

import dev.perfkit.spi.Beta;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Fetcher} that reads copies which lag, such as the replicas of a database, and so must
 * know what its value may not miss. It is told by the tokens of {@link TieredCache#remove(Object,
 * String)} and {@link TieredCache#invalidateTag(String, String)}.
 *
 * <pre>{@code
 * FreshFetcher<String, User, SQLException> fetcher =
 *     (id, older, freshness) -> Loaded.of(users.find(id, replicaThatHas(freshness)));
 * User user = cache.fetch("42", fetcher);
 * }</pre>
 *
 * <p>A value whose tags turn out to have tokens that the fetcher was not told is fetched once more,
 * with these.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 * @param <X> what it may throw; {@link RuntimeException} when nothing checked
 */
@Beta
@FunctionalInterface
public interface FreshFetcher<K, V, X extends Exception> extends Fetcher<K, V, X> {

  /**
   * Returns what the source has, from a copy that has all the changes that the tokens stand for.
   *
   * @param older as for a {@link Fetcher}
   * @param freshness tokens of changes of this key and of its tags, in no order; empty if none is
   *     known that is young enough to matter
   * @throws X when the value cannot be had
   */
  Loaded<V> fetch(K key, @Nullable V older, List<String> freshness) throws X;

  /** Fetches without a token. */
  @Override
  default Loaded<V> fetch(K key, @Nullable V older) throws X {
    return fetch(key, older, List.of());
  }
}

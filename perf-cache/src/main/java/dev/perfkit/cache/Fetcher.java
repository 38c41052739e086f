package dev.perfkit.cache;

import dev.perfkit.spi.Beta;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Loader} that says more: tags, a time to live, that there is no value, or that an older
 * one is unchanged. The same rules hold for it.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 * @param <X> what it may throw; {@link RuntimeException} when nothing checked
 */
@Beta
@FunctionalInterface
public interface Fetcher<K, V, X extends Exception> {

  /**
   * Returns what the source has.
   *
   * @param older a value that may still be right, past its time to live or about to be, or null;
   *     for asking the source whether it has changed
   * @throws X when the value cannot be had; the caller gets this very exception unless an older
   *     value may be served
   */
  Loaded<V> fetch(K key, @Nullable V older) throws X;
}

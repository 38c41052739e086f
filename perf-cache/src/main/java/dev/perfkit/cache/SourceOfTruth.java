package dev.perfkit.cache;

import dev.perfkit.spi.Beta;
import org.jspecify.annotations.Nullable;

/**
 * Where the values of a cache really live, for a cache that writes through: {@link TieredCache#put}
 * stores there first.
 *
 * <p>Called on the thread of the caller, by several threads at a time. It should bound its own
 * time. {@link #load} must see what {@link #store} has stored when it returned: read the primary,
 * not a replica that lags.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
@Beta
public interface SourceOfTruth<K, V> {

  /** Returns the value, or null if there is none. What it throws reaches the reader. */
  @Nullable V load(K key);

  /** Stores a value. What it throws reaches the writer; the cache then keeps nothing of the key. */
  void store(K key, V value);
}

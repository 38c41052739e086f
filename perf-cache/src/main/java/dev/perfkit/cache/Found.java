package dev.perfkit.cache;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A value found in the tier behind memory.
 *
 * @param value null if it says that the source has none
 * @param freshNanos how long it is fresh from now on; negative or 0 if it only serves as a fallback
 * @param usableNanos how long it may serve as a fallback from now on
 * @param genesis of its shard when it was stored
 * @param then the time on the logical clocks before its load began
 * @param tags it was stored with
 * @param birth how it came to be
 */
record Found<V>(
    @Nullable V value,
    long freshNanos,
    long usableNanos,
    long genesis,
    Marks.Reading then,
    List<String> tags,
    Birth birth) {

  boolean isFresh() {
    return freshNanos > 0;
  }

  /** Returns this value as one that is not fresh any more. */
  Found<V> expired() {
    return new Found<>(value, Math.min(0, freshNanos), usableNanos, genesis, then, tags, birth);
  }
}

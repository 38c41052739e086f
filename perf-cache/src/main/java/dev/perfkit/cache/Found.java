package dev.perfkit.cache;

/**
 * A value found in the tier behind memory.
 *
 * @param freshNanos how long it is fresh from now on; negative or 0 if it only serves as a fallback
 */
record Found<V>(V value, long freshNanos) {

  boolean isFresh() {
    return freshNanos > 0;
  }
}

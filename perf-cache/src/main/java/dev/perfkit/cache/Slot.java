package dev.perfkit.cache;

/**
 * What the memory tier holds for a key: a value, or the marker of an operation that may install
 * one. Compared by identity.
 */
abstract sealed class Slot<V> permits Entry, Flight {

  /** Returns how much of the tier's capacity it takes; what weighs nothing is never evicted. */
  abstract int weight();
}

package dev.perfkit.cache;

import dev.perfkit.spi.Health;

/** The tier behind memory. */
interface Remote<K, V> {

  /** Returns whether there is one. */
  boolean exists();

  /**
   * Begins the dealings of one operation about one key.
   *
   * @throws IllegalArgumentException if the key has no form in the tier
   */
  Visit<V> visit(K key);

  Health health();

  /** Returns how many keys wait to be removed. */
  int pendingRemovals();

  void close();

  /** Returns a tier that does not exist. */
  static <K, V> Remote<K, V> none() {
    return new None<>();
  }

  /** There is no tier behind memory. */
  final class None<K, V> implements Remote<K, V> {

    private final Visit<V> visit = Visit.nowhere();

    private None() {}

    @Override
    public boolean exists() {
      return false;
    }

    @Override
    public Visit<V> visit(K key) {
      return visit;
    }

    @Override
    public Health health() {
      return Health.up();
    }

    @Override
    public int pendingRemovals() {
      return 0;
    }

    @Override
    public void close() {}
  }
}

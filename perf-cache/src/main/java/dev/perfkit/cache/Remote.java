package dev.perfkit.cache;

import dev.perfkit.spi.Health;
import java.util.List;
import java.util.function.ObjIntConsumer;

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

  /**
   * Looks many keys up at once.
   *
   * @param visits of this tier
   * @param onFresh gets the place in the list, and the value, of each that is there and fresh
   */
  void findAll(List<Visit<V>> visits, ObjIntConsumer<Found<V>> onFresh);

  /**
   * Invalidates a tag for all nodes, now or as soon as the tier is back.
   *
   * @return whether it was now; otherwise this node has to do without
   */
  boolean mark(Tag tag);

  Health health();

  /** Returns how many keys and tags wait to be invalidated. */
  int pendingRemovals();

  void close();

  /** Returns a tier that does not exist. */
  static <K, V> Remote<K, V> none(Marks marks, Shard shard) {
    return new None<>(marks, shard);
  }

  /** There is no tier behind memory. */
  record None<K, V>(Marks marks, Shard shard) implements Remote<K, V> {

    @Override
    public boolean exists() {
      return false;
    }

    @Override
    public Visit<V> visit(K key) {
      return Visit.nowhere(marks, shard);
    }

    @Override
    public void findAll(List<Visit<V>> visits, ObjIntConsumer<Found<V>> onFresh) {}

    @Override
    public boolean mark(Tag tag) {
      return false;
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

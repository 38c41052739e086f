package dev.perfkit.cache;

import dev.perfkit.spi.Health;
import java.util.Collections;
import java.util.List;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

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
   * Returns the shard of a key.
   *
   * @throws IllegalArgumentException if the key has no form in the tier
   */
  Shard shard(K key);

  /** Leaves the tier alone, as if it were away, until it is resumed. */
  void pause();

  /** Lets the tier come back. */
  void resume();

  /**
   * Looks many keys up at once.
   *
   * @param visits of this tier
   * @param onFresh gets the place in the list, and the value, of each that is there and fresh
   */
  void findAll(List<Visit<V>> visits, ObjIntConsumer<Found<V>> onFresh);

  /**
   * Looks many keys up, and takes the leases of those that have no fresh value, as {@link
   * Visit#find} does, in one round trip.
   *
   * @return what was found for each, in their order
   */
  List<@Nullable Found<V>> leaseAll(List<Visit<V>> visits);

  /** Stores many loaded values, or drops what is there, in one round trip. */
  List<Visit.Fill> fillAll(List<Store<V>> stores);

  /** Gives all leases back, in one round trip. */
  void releaseAll(List<Visit<V>> visits);

  /**
   * What is to become of a key that was leased.
   *
   * @param value null if the source has none
   * @param stamp fresh for 0 if nothing is to be stored
   */
  record Store<V>(Visit<V> visit, @Nullable V value, Stamp stamp) {}

  /**
   * Invalidates a tag for all nodes, now or as soon as the tier is back.
   *
   * @param freshness tokens for the loads after it
   * @return whether it was now; otherwise this node has to do without
   */
  boolean mark(Tag tag, List<String> freshness);

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
    public Shard shard(K key) {
      return shard;
    }

    @Override
    public void pause() {}

    @Override
    public void resume() {}

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
    public List<@Nullable Found<V>> leaseAll(List<Visit<V>> visits) {
      return Collections.nCopies(visits.size(), null);
    }

    @Override
    public List<Visit.Fill> fillAll(List<Store<V>> stores) {
      return Collections.nCopies(stores.size(), Visit.Fill.NOT_STORED);
    }

    @Override
    public void releaseAll(List<Visit<V>> visits) {}

    @Override
    public boolean mark(Tag tag, List<String> freshness) {
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

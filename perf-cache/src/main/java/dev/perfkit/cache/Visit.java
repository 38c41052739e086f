package dev.perfkit.cache;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The dealings of one operation with the tier behind memory, about one key. For one thread. A fault
 * of the tier is never an exception; after the first one the operation leaves the tier alone.
 *
 * <p>A value is stored only under the lease that was taken before it was loaded. A removal or a
 * write takes the lease away, also when its answer was lost, so a late store stores nothing.
 */
interface Visit<V> {

  /** What became of a value. */
  enum Fill {
    /** The tier has it. */
    STORED,
    /** Something happened to the key since the lease was taken: the value must not be kept. */
    VOIDED,
    /** There is no tier, no lease, no answer or no stored form. */
    NOT_STORED
  }

  /** Returns the shard of the key. */
  Shard shard();

  /** Returns the generation of the shard when the visit began, or an older one. */
  long generation();

  /** Returns the last number of the shard's invalidations that an answer was later than. */
  long sequence();

  /** Returns when the visit began, by the clock of this node that is for outages. */
  long localThen();

  /**
   * Looks the key up.
   *
   * @param toLoad whether to take the lease if there is no fresh value
   */
  @Nullable Found<V> find(boolean toLoad);

  /**
   * Looks for a value that is fresh for longer than that, and another one than that; takes the
   * lease if there is none.
   */
  @Nullable Found<V> findNewer(Birth than, long freshNanos);

  /** Returns whether the last look-up took the lease. */
  boolean isLeased();

  /** Returns how long another one has the lease, as far as the last look-up told; 0 if nobody. */
  long waitNanos();

  /**
   * Stores a loaded value under the lease.
   *
   * @param value null to store that the source has none
   */
  Fill fill(@Nullable V value, Stamp stamp);

  /** Returns the length of what {@link #fill} stored; 0 if nothing. */
  int storedBytes();

  /** Drops what is there and takes the lease, whoever has it; false if there was no answer. */
  boolean begin();

  /** Drops what is there under the lease: the source has no value. */
  void absent();

  /** Gives the lease back. */
  void release();

  /**
   * Drops what is there, now or as soon as the tier is back.
   *
   * @param freshness tokens for the loads after it
   * @return whether it was now
   */
  boolean remove(List<String> freshness);

  /** Returns the tokens of what a load must not miss, as far as the tier told. */
  List<String> freshness();

  /** Leaves the tier alone from now on, because the caller wants it so. */
  void skip();

  /** Returns what the tier holds; null if nothing, or if there was no answer. */
  Inspection.@Nullable Held inspect();

  /** Returns whether the tier should have been there, but did not take part. */
  boolean missedTier();

  /** Returns the visit of a tier that does not exist. */
  static <V> Visit<V> nowhere(Marks marks, Shard shard) {
    return new Nowhere<>(shard, marks.reading().local());
  }

  /** There is no tier behind memory. */
  record Nowhere<V>(Shard shard, long localThen) implements Visit<V> {

    @Override
    public long generation() {
      return shard.standing().generation();
    }

    @Override
    public long sequence() {
      return 0;
    }

    @Override
    public @Nullable Found<V> find(boolean toLoad) {
      return null;
    }

    @Override
    public @Nullable Found<V> findNewer(Birth than, long freshNanos) {
      return null;
    }

    @Override
    public boolean isLeased() {
      return false;
    }

    @Override
    public long waitNanos() {
      return 0;
    }

    @Override
    public Fill fill(@Nullable V value, Stamp stamp) {
      return Fill.NOT_STORED;
    }

    @Override
    public int storedBytes() {
      return 0;
    }

    @Override
    public boolean begin() {
      return true;
    }

    @Override
    public void absent() {}

    @Override
    public void release() {}

    @Override
    public boolean remove(List<String> freshness) {
      return false;
    }

    @Override
    public List<String> freshness() {
      return List.of();
    }

    @Override
    public void skip() {}

    @Override
    public Inspection.@Nullable Held inspect() {
      return null;
    }

    @Override
    public boolean missedTier() {
      return false;
    }
  }
}

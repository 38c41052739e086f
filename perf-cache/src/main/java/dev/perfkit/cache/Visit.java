package dev.perfkit.cache;

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

  /** Looks the key up. */
  @Nullable Found<V> find();

  /** Takes the lease to fill the key, if it is free. */
  void lease();

  /** Stores a loaded value under the lease. */
  Fill fill(V value, Stamp stamp);

  /** Stores a value of the host's whatever is there. */
  Fill write(V value, Stamp stamp);

  /** Drops what is there under the lease: the source has no value. */
  void absent();

  /** Gives the lease back. */
  void release();

  /** Drops what is there, now or as soon as the tier is back. */
  void remove();

  /** Returns whether the tier should have been there, but did not take part. */
  boolean missedTier();

  /** Returns the visit of a tier that does not exist. */
  static <V> Visit<V> nowhere() {
    return new Nowhere<>();
  }

  /** There is no tier behind memory. */
  final class Nowhere<V> implements Visit<V> {

    private Nowhere() {}

    @Override
    public @Nullable Found<V> find() {
      return null;
    }

    @Override
    public void lease() {}

    @Override
    public Fill fill(V value, Stamp stamp) {
      return Fill.NOT_STORED;
    }

    @Override
    public Fill write(V value, Stamp stamp) {
      return Fill.NOT_STORED;
    }

    @Override
    public void absent() {}

    @Override
    public void release() {}

    @Override
    public void remove() {}

    @Override
    public boolean missedTier() {
      return false;
    }
  }
}

package dev.perfkit.crypto;

import java.util.Optional;

/**
 * Where the state of a keyring is kept. Calls may block for a store; see {@link KeysetException}.
 */
interface RingStore {

  /** A ring and how often it was written, 1 or more. */
  record Stored(Ring ring, long generation) {}

  /**
   * Returns the ring if it is newer than a known generation, or nothing if it is that one.
   *
   * @param known 0 if none is known
   * @throws KeysetException if it is older ({@code ROLLED_BACK}), missing ({@code FILE}), or cannot
   *     be read
   */
  Optional<Stored> newerThan(long known);

  /** Returns whether there is a ring. */
  boolean exists();

  /**
   * Writes a ring, if the one that is there has the expected generation (0: if there is none).
   *
   * @return whether it was written, with the next generation
   * @throws KeysetException if it is not known whether it was, or it could not be
   */
  boolean save(Ring ring, long expected);

  /**
   * Returns messages counted outside of the ring, or -1 if the ring counts them.
   *
   * @param keyId whose
   */
  long messages(int keyId);

  /**
   * Counts messages outside of the ring.
   *
   * @param wanted how many; a negative number gives back
   * @param most how many there may be in all
   * @return how many were counted, 0 if there are none left
   */
  long reserve(int keyId, long wanted, long most);

  /** Erases secrets. */
  default void close() {}
}

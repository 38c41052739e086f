package dev.perfkit.crypto.cluster;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.TimeSource;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A small store that all processes of a cluster see in the same state.
 *
 * <p>Implementations are safe for use by any number of threads, bound the time of each call (to
 * seconds), and throw {@link IOException} when the store is away; then nothing is known about
 * whether a change took place. Names have at most {@value #MAX_NAME_LENGTH} characters, values at
 * most {@value #MAX_VALUE_BYTES} bytes, notes at most {@value #MAX_NOTE_LENGTH} characters. The
 * store need not be secret, but whoever can write to it can hold up the cluster.
 */
@Beta
public interface Coordination {

  /** The most characters of a name. */
  int MAX_NAME_LENGTH = 200;

  /** The most bytes of a record. */
  int MAX_VALUE_BYTES = 1 << 20;

  /** The most characters of a member's note. */
  int MAX_NOTE_LENGTH = 4_000;

  /**
   * Returns a record as it is now, or nothing if it was never written.
   *
   * @throws IOException if the store is away
   */
  Optional<StoredRecord> read(String name) throws IOException;

  /**
   * Writes a record if nobody has written it since. Exactly one of several callers with the same
   * expectation succeeds.
   *
   * @param expectedVersion the version that was read; 0 if there was no record
   * @return whether it was written, as version {@code expectedVersion + 1}
   * @throws IOException if the store is away; the record may then be written or not
   */
  boolean compareAndSet(String name, long expectedVersion, byte[] value) throws IOException;

  /**
   * Announces a member of a group, or renews it, for as long as the lease says by the clock of the
   * store. A member that does not renew is gone when its lease is over.
   *
   * @param note what the others shall know of it
   * @throws IOException if the store is away
   */
  void announce(String group, String member, String note, Duration lease) throws IOException;

  /**
   * Ends a membership at once; does nothing if there is none.
   *
   * @throws IOException if the store is away
   */
  void leave(String group, String member) throws IOException;

  /**
   * Returns the members whose lease runs, in the order of their names.
   *
   * @throws IOException if the store is away
   */
  List<Member> members(String group) throws IOException;

  /** Returns a store in this process, for tests and for a single process. It forgets at exit. */
  static Coordination inMemory() {
    return inMemory(TimeSource.system());
  }

  /** Returns a store in this process whose leases follow a given clock. */
  static Coordination inMemory(TimeSource timeSource) {
    return new MemoryCoordination(timeSource);
  }
}

package dev.perfkit.pool;

import java.sql.SQLException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The leases of one node, so that another thread can end them and see which of them rest.
 *
 * <p>A lease takes one of a fixed number of slots with one atomic step, and leaves it with an
 * ordered write. When all slots are taken, which happens only if threads queue for connections in
 * great numbers or Hikari's maximum was raised beyond what it was built for, a lease goes without:
 * it is counted by Hikari, but not ended from here.
 *
 * <p>The slot is written a second time when the connection is there: who finds the lease in its
 * slot then sees the connection. {@code uses} is read without any order; a value that is too old
 * costs one probe.
 */
final class InFlight {

  private static final int NO_SLOT = -1;
  private static final int ATTEMPTS = 32;

  private final AtomicReferenceArray<@Nullable Lease> slots;
  private final int mask;

  /** What {@link #resting} saw last; for its one thread. */
  private final @Nullable Lease[] seen;

  private final int[] seenUses;

  /**
   * @param connections the most connections of the node
   */
  InFlight(int connections) {
    int size = Integer.highestOneBit(Math.max(8, connections) * 4 - 1);
    this.slots = new AtomicReferenceArray<>(size);
    this.mask = size - 1;
    this.seen = new Lease[size];
    this.seenUses = new int[size];
  }

  /** Notes a lease whose connection is about to be borrowed. */
  void enter(Lease lease) {
    int slot = (int) (Thread.currentThread().getId() * 0x9E3779B1) & mask;
    for (int i = 0; i < ATTEMPTS; i++) {
      if (slots.get(slot) == null && slots.compareAndSet(slot, null, lease)) {
        lease.slot = slot;
        return;
      }
      slot = (slot + 1) & mask;
    }
    lease.slot = NO_SLOT;
  }

  /** The connection is there. */
  void borrowed(Lease lease) {
    if (lease.slot != NO_SLOT) {
      slots.setRelease(lease.slot, lease);
    }
  }

  void leave(Lease lease) {
    if (lease.slot != NO_SLOT) {
      slots.setRelease(lease.slot, null);
    }
  }

  /**
   * Ends the connections of all leases, whatever they wait for: their threads see a lost
   * connection.
   *
   * @return how many
   */
  int abort(Executor executor) {
    int aborted = 0;
    for (int i = 0; i < slots.length(); i++) {
      Lease lease = slots.get(i);
      if (lease != null && lease.connection != null && !lease.aborted) {
        lease.aborted = true;
        abort(lease, executor);
        aborted++;
      }
    }
    return aborted;
  }

  /** Closing a socket may take its time, so it is done elsewhere if there is room. */
  private static void abort(Lease lease, Executor executor) {
    Runnable abort =
        () -> {
          try {
            lease.connection.abort(Runnable::run);
          } catch (SQLException | RuntimeException alreadyGone) {
            // That is what was wanted.
          }
        };
    try {
      executor.execute(abort);
    } catch (RejectedExecutionException full) {
      abort.run();
    }
  }

  /**
   * Returns whether a lease is noted that was noted at the last call and was not used since: its
   * thread may wait for the server, or only hold it. For one thread at a time.
   */
  boolean resting() {
    boolean resting = false;
    for (int i = 0; i < slots.length(); i++) {
      Lease lease = slots.get(i);
      if (lease == null) {
        seen[i] = null;
        continue;
      }
      resting |= seen[i] == lease && seenUses[i] == lease.uses;
      seen[i] = lease;
      seenUses[i] = lease.uses;
    }
    return resting;
  }
}

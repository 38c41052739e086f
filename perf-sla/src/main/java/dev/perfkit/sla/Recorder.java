package dev.perfkit.sla;

import dev.perfkit.spi.Telemetry;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Counts requests by duration and outcome and tells them by window of time.
 *
 * <p>Writers add to cumulative cells and never wait. A tick takes the difference to the reading
 * before, under a lock that only readers and the ticker share, and keeps it as a slot. A window is
 * the slots since its start plus what was counted since the last tick.
 */
final class Recorder {

  /** A stripe for each so many writes in one tick: 4,000 a second. Below that, sharing is cheap. */
  private static final long WRITES_PER_STRIPE = 500;

  private final Layout layout;
  private final boolean exactSum;
  private final StripedCells cells;

  private final ReentrantLock lock = new ReentrantLock();
  private final History history;
  private final long start;
  private final long[] sealed;
  private Sums sealedSums = Sums.ZERO;
  private byte @Nullable [] unsaved;

  Recorder(Layout layout, boolean exactSum, Telemetry.Counter clamped, long now) {
    this(layout, exactSum, clamped, new History(now, History.ordinalOf(now)), now);
  }

  /** Makes a recorder that goes on with a history, which it owns. */
  Recorder(Layout layout, boolean exactSum, Telemetry.Counter clamped, History history, long now) {
    this.layout = layout;
    this.exactSum = exactSum;
    this.cells = new StripedCells(layout, exactSum, clamped);
    this.history = history;
    this.start = now;
    this.sealed = new long[layout.cells()];
  }

  Layout layout() {
    return layout;
  }

  /** Returns where requests are counted. */
  StripedCells cells() {
    return cells;
  }

  /** Closes the slot since the last tick, unless the time belongs to that tick. */
  void tick(long now, Workspace scratch) {
    lock.lock();
    try {
      if (history.isDue(now)) {
        seal(now, scratch);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Closes the slot since the last tick, however short it is. */
  void tickLast(long now, Workspace scratch) {
    lock.lock();
    try {
      seal(Math.max(now, history.end() + 1), scratch);
    } finally {
      lock.unlock();
    }
  }

  /** Returns what was counted in the last so many nanoseconds. */
  Reading read(long windowNanos, long now, Workspace scratch) {
    Tally tally = scratch.tally();
    lock.lock();
    try {
      long from = history.addSince(now - windowNanos, tally);
      addUnsealed(tally, scratch.counts(layout.cells()));
      Sums sums = exactSum ? Sums.of(layout, tally) : Sums.NOT_KEPT;
      return Reading.of(layout, tally, Math.max(0, now - from), sums);
    } finally {
      lock.unlock();
      tally.clear();
    }
  }

  /** Returns what was counted since the recorder was made. */
  Reading readAll(long now, Workspace scratch) {
    Tally tally = scratch.tally();
    lock.lock();
    try {
      addUnsealed(tally, scratch.counts(layout.cells()));
      Sums sums = exactSum ? sealedSums.plus(Sums.of(layout, tally)) : Sums.NOT_KEPT;
      for (int cell = 0; cell < sealed.length; cell++) {
        if (sealed[cell] != 0) {
          tally.add(cell, sealed[cell]);
        }
      }
      return Reading.of(layout, tally, Math.max(0, now - start), sums);
    } finally {
      lock.unlock();
      tally.clear();
    }
  }

  /** Writes the history; from now on what is new is kept for {@link #takeChange}. */
  void write(StateWriter out) {
    lock.lock();
    try {
      history.write(out);
      unsaved = Tally.EMPTY;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Writes the end of the newest slot, and the sum of those that were not written yet.
   *
   * @return whether there was any that is not empty
   */
  boolean takeChange(StateWriter out) {
    lock.lock();
    try {
      byte[] slot = unsaved;
      if (slot == null || slot.length == 0) {
        return false;
      }
      out.number(history.end()).raw(slot);
      unsaved = Tally.EMPTY;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Returns how much memory the slots take, about. */
  long historyBytes() {
    lock.lock();
    try {
      return history.bytes();
    } finally {
      lock.unlock();
    }
  }

  /** Forgets the detail of one ring; returns how much memory that gives back, about. */
  long coarsen(int ring) {
    lock.lock();
    try {
      return history.coarsen(ring);
    } finally {
      lock.unlock();
    }
  }

  boolean exactSum() {
    return exactSum;
  }

  /** Returns how many stripes the writers spread over. */
  int stripes() {
    return cells.stripes();
  }

  private void seal(long now, Workspace scratch) {
    Tally tally = scratch.tally();
    long[] counts = scratch.counts(layout.cells());
    long writes = addUnsealed(tally, counts);
    Sums sums = Sums.of(layout, tally);
    byte[] slot = tally.encode();
    if (unsaved != null && slot.length > 0) {
      tally.add(unsaved);
      unsaved = tally.encode();
    }
    tally.clear();
    System.arraycopy(counts, 0, sealed, 0, counts.length);
    sealedSums = sealedSums.plus(sums);
    history.seal(now, slot, tally);
    if (writes > WRITES_PER_STRIPE * cells.stripes()) {
      cells.grow();
    }
  }

  /** Returns how many requests were added. */
  private long addUnsealed(Tally tally, long[] counts) {
    cells.read(counts);
    long requests = 0;
    for (int cell = 0; cell < counts.length; cell++) {
      long difference = counts[cell] - sealed[cell];
      if (difference != 0) {
        tally.add(cell, difference);
        requests += cell < layout.statusCell(1) ? difference : 0;
      }
    }
    return requests;
  }
}

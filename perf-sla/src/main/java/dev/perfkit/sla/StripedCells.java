package dev.perfkit.sla;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Counts that only grow, written by any number of threads.
 *
 * <p>Each stripe is an array of all cells. A thread always writes to the same stripe, with one
 * atomic add; a count is the sum over the stripes. Nothing is ever reset, so a reader that takes
 * the difference of two readings loses no write and counts none twice: a write that is late for one
 * reading is in the next.
 *
 * <p>It begins with one stripe. Contention shows in no failed operation here (an add never fails),
 * so the reader, who knows the rate, calls {@link #grow}. A writer that still holds the shorter
 * array writes to a stripe that is part of the longer one too.
 */
final class StripedCells {

  private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);

  /** Twice the processors, so that few of the threads that run at once share a stripe. */
  static final int MOST_STRIPES = mostStripes(Runtime.getRuntime().availableProcessors());

  private final Layout layout;
  private final boolean exactSum;
  private volatile long[][] stripes;

  /**
   * @param exactSum whether the sums of durations are kept
   */
  StripedCells(Layout layout, boolean exactSum) {
    this.layout = layout;
    this.exactSum = exactSum;
    this.stripes = new long[][] {new long[layout.paddedCells()]};
  }

  /**
   * Counts one request. All that is needed is read before the first atomic add, because nothing
   * after it can begin before it has ended.
   *
   * @param nanos 1 to {@link Buckets#MAX_NANOS}
   */
  void record(long nanos, Outcome outcome) {
    boolean sum = exactSum;
    boolean success = outcome.isSuccess();
    int statusClass = outcome.statusClass();
    long[] stripe = stripe();
    CELL.getAndAdd(stripe, layout.cell(nanos, success), 1L);
    if (sum) {
      CELL.getAndAdd(stripe, layout.sumCell(success), nanos);
    }
    if (statusClass != 0) {
      CELL.getAndAdd(stripe, layout.statusCell(statusClass), 1L);
    }
  }

  /**
   * Counts so many equal durations, without their sum.
   *
   * @param nanos 1 to {@link Buckets#MAX_NANOS}
   */
  void add(long nanos, boolean success, long times) {
    CELL.getAndAdd(stripe(), layout.cell(nanos, success), times);
  }

  /** Writes the counts of the first cells to an array, as many as fit. */
  void read(long[] counts) {
    long[][] all = stripes;
    for (int cell = 0; cell < counts.length; cell++) {
      counts[cell] = (long) CELL.getAcquire(all[0], cell);
    }
    for (int i = 1; i < all.length; i++) {
      for (int cell = 0; cell < counts.length; cell++) {
        counts[cell] += (long) CELL.getAcquire(all[i], cell);
      }
    }
  }

  /** Returns the sum of all cells. */
  long total() {
    long total = 0;
    for (long[] stripe : stripes) {
      for (int cell = 0; cell < layout.cells(); cell++) {
        total += (long) CELL.getAcquire(stripe, cell);
      }
    }
    return total;
  }

  /** Doubles the stripes if there may be more. For one thread at a time. */
  void grow() {
    long[][] now = stripes;
    if (now.length >= MOST_STRIPES) {
      return;
    }
    long[][] more = new long[now.length * 2][];
    System.arraycopy(now, 0, more, 0, now.length);
    for (int i = now.length; i < more.length; i++) {
      more[i] = new long[layout.paddedCells()];
    }
    stripes = more;
  }

  int stripes() {
    return stripes.length;
  }

  /** Threads of a pool have consecutive ids, so they spread without hashing. */
  private long[] stripe() {
    long[][] all = stripes;
    return all[(int) Thread.currentThread().getId() & (all.length - 1)];
  }

  static int mostStripes(int processors) {
    return Math.min(32, 2 * Integer.highestOneBit(2 * processors - 1));
  }
}

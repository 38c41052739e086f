package dev.perfkit.sla;

import dev.perfkit.spi.Telemetry;
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

  /** Turns 1 into the least long, so that one comparison finds what is not usual. */
  private static final long LEAST = Long.MIN_VALUE - 1;

  private final Layout layout;
  private final boolean exactSum;
  private final Telemetry.Counter clamped;
  private final long usualBelow;
  private volatile long[][] stripes;

  /**
   * @param exactSum whether the sums of durations are kept
   * @param clamped counts the durations that are outside of the range of buckets
   */
  StripedCells(Layout layout, boolean exactSum, Telemetry.Counter clamped) {
    this.layout = layout;
    this.exactSum = exactSum;
    this.clamped = clamped;
    this.usualBelow = exactSum ? Long.MIN_VALUE : layout.firstSplit() + 1 + LEAST;
    this.stripes = new long[][] {new long[layout.paddedCells()]};
  }

  /**
   * Counts one request.
   *
   * <p>An atomic add lets nothing begin before it has ended, so each instruction before the next
   * one counts. Most requests are successes, over 0 and not over the first threshold that splits a
   * bucket: two comparisons find them, and their cell is their bucket.
   */
  void record(long nanos, Outcome outcome) {
    if (nanos + LEAST < usualBelow && outcome == Outcome.SUCCESS) {
      CELL.getAndAdd(stripe(), Buckets.of(nanos), 1L);
    } else {
      recordUnusual(nanos, outcome);
    }
  }

  private void recordUnusual(long nanos, Outcome outcome) {
    long duration = Buckets.clamp(nanos);
    if (duration != nanos) {
      clamped.increment();
    }
    boolean success = outcome.isSuccess();
    int statusClass = outcome.statusClass();
    long[] stripe = stripe();
    CELL.getAndAdd(stripe, layout.cell(duration, success), 1L);
    if (exactSum) {
      CELL.getAndAdd(stripe, layout.sumCell(success), duration);
    }
    if (statusClass != 0) {
      CELL.getAndAdd(stripe, layout.statusCell(statusClass), 1L);
    }
  }

  /** Adds to a cell. */
  void add(int cell, long count) {
    CELL.getAndAdd(stripe(), cell, count);
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

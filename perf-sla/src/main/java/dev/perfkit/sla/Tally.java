package dev.perfkit.sla;

import java.util.Arrays;

/**
 * Counts by cell, and the compact form of them that slots are kept in: for each count that is not
 * 0, in the order of the cells, the distance from the cell before and the count, both as unsigned
 * LEB128. For one thread.
 */
final class Tally {

  static final byte[] EMPTY = {};

  private static final long MOST_COUNTED = 1L << 48;
  private static final int LONGEST_PAIR = 3 + 10;

  private final long[] counts;
  private byte[] buffer = new byte[256];
  private int low = Integer.MAX_VALUE;
  private int high = -1;

  Tally(int cells) {
    this.counts = new long[cells];
  }

  /** Adds to a cell. */
  void add(int cell, long count) {
    counts[cell] += count;
    low = Math.min(low, cell);
    high = Math.max(high, cell);
  }

  /** Adds the counts of a slot. */
  void add(byte[] slot) {
    int cell = -1;
    int at = 0;
    while (at < slot.length) {
      long gap = slot[at] & 0x7F;
      for (int shift = 7; slot[at++] < 0; shift += 7) {
        gap |= (slot[at] & 0x7FL) << shift;
      }
      long count = slot[at] & 0x7F;
      for (int shift = 7; slot[at++] < 0; shift += 7) {
        count |= (slot[at] & 0x7FL) << shift;
      }
      cell += (int) gap;
      add(cell, count);
    }
  }

  /**
   * Checks that bytes are a slot.
   *
   * @param cells how many cells there may be
   * @param counted how many of them count requests, fewer than 2^48 in a slot
   */
  static byte[] checked(byte[] slot, int cells, int counted) throws StateDamage {
    StateReader reader = new StateReader(slot);
    long cell = -1;
    while (reader.hasMore()) {
      long gap = reader.number(cells);
      cell += gap;
      StateDamage.require(gap > 0 && cell < cells, "a slot has no such cell");
      long count = reader.bits();
      boolean fits = cell >= counted || (count > 0 && count < MOST_COUNTED);
      StateDamage.require(fits, "a slot counts too much");
    }
    return slot;
  }

  /** Returns the count of a cell. */
  long count(int cell) {
    return counts[cell];
  }

  /** Returns the first cell that may have a count. */
  int low() {
    return low;
  }

  /** Returns the last cell that may have a count, -1 if none has. */
  int high() {
    return high;
  }

  /** Returns the counts in compact form; {@link #EMPTY} if all are 0. */
  byte[] encode() {
    int length = 0;
    int before = -1;
    for (int cell = low; cell <= high; cell++) {
      if (counts[cell] != 0) {
        ensure(length + LONGEST_PAIR);
        length = write(cell - before, length);
        length = write(counts[cell], length);
        before = cell;
      }
    }
    return length == 0 ? EMPTY : Arrays.copyOf(buffer, length);
  }

  /** Sets all counts to 0. */
  void clear() {
    if (high >= 0) {
      Arrays.fill(counts, low, high + 1, 0);
      low = Integer.MAX_VALUE;
      high = -1;
    }
  }

  private int write(long value, int at) {
    int next = at;
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      buffer[next++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    buffer[next++] = (byte) rest;
    return next;
  }

  private void ensure(int length) {
    if (buffer.length < length) {
      buffer = Arrays.copyOf(buffer, length * 2);
    }
  }
}

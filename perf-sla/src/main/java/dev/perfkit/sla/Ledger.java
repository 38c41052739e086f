package dev.perfkit.sla;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Exact counts of the past 400 days: running totals at edges in time, which are the finer the
 * younger they are. What happened between two edges is the difference of their totals.
 *
 * <p>Between edges, and so between the start asked for and the edge a span is counted from, lies at
 * most 1/64 of their age, or the second that edges are apart at first; after a late tick the one
 * long slot that it made. Totals that did not change need no edges between. A pinned edge stays
 * where it is. All of that takes some 1,500 edges at most.
 *
 * <p>Not safe for use by several threads.
 */
final class Ledger {

  /** How far back counts are kept. */
  static final Duration KEPT = Duration.ofDays(400);

  /** A gap may be this part of its age: under 1/60. */
  private static final long FINENESS = 64;

  /** How many edges come between two thinnings, at least. */
  private static final int THIN_EVERY = 128;

  private static final int LEAST = 16;
  private static final int MOST_READ = 1 << 20;
  private static final long MOST_TOTAL = 1L << 62;

  private final int width;
  private final Map<Long, Integer> pins = new HashMap<>();
  private long[] times = new long[LEAST];
  private long[] rows;
  private int size;
  private int thinAt = THIN_EVERY;

  /**
   * @param width how many totals an edge has; all are 0 at the start
   */
  Ledger(long start, int width) {
    this.width = width;
    this.rows = new long[LEAST * width];
    this.times[0] = start;
    this.size = 1;
  }

  /** Returns the oldest time that is known of. */
  long start() {
    return times[0];
  }

  /** Returns the time of the newest edge. */
  long end() {
    return times[size - 1];
  }

  /** Returns how many edges there are. */
  int edges() {
    return size;
  }

  /** Returns the time of an edge; the oldest is 0. */
  long time(int edge) {
    return times[edge];
  }

  /** Returns a total at an edge. */
  long total(int edge, int column) {
    return rows[edge * width + column];
  }

  /**
   * Appends the totals at a time, which is later than all before.
   *
   * @param totals never less than before; copied
   */
  void append(long time, long[] totals) {
    if (time <= end()) {
      throw new IllegalArgumentException("time must be over " + end() + " but was " + time);
    }
    if (size > 1 && isSame(size - 1, totals) && isSame(size - 2, totals) && !isPinned(size - 1)) {
      times[size - 1] = time;
      return;
    }
    ensure();
    times[size] = time;
    System.arraycopy(totals, 0, rows, size * width, width);
    size++;
    if (size >= thinAt) {
      thin();
      thinAt = size + THIN_EVERY;
    }
  }

  /** Returns the newest edge at or before a time; the oldest if there is none. */
  int atOrBefore(long time) {
    int found = Arrays.binarySearch(times, 0, size, time);
    return found >= 0 ? found : Math.max(0, -found - 2);
  }

  /** Returns the edge nearest to a time. */
  int nearest(long time) {
    int before = atOrBefore(time);
    boolean last = before == size - 1;
    return last || time - times[before] <= times[before + 1] - time ? before : before + 1;
  }

  /**
   * Returns when a span that should begin at a time does begin: at the edge before, or at that very
   * time if the totals did not change since.
   *
   * @param columns the totals that matter
   */
  long startOfSpan(long time, int... columns) {
    int edge = atOrBefore(time);
    if (edge == size - 1 || time <= times[edge]) {
      return Math.max(time, times[edge]);
    }
    for (int column : columns) {
      if (total(edge, column) != total(edge + 1, column)) {
        return times[edge];
      }
    }
    return time;
  }

  /** Keeps an edge where it is, until it is unpinned as often. */
  void pin(int edge) {
    pins.merge(times[edge], 1, Integer::sum);
  }

  /** Takes back one pin of the edge at a time. */
  void unpin(long time) {
    pins.computeIfPresent(time, (at, count) -> count == 1 ? null : count - 1);
  }

  /** Writes all edges: of each the time and the totals, as differences to the edge before. */
  void write(StateWriter out) {
    out.number(width).number(size);
    for (int edge = 0; edge < size; edge++) {
      out.number(edge == 0 ? times[0] : times[edge] - times[edge - 1]);
      for (int column = 0; column < width; column++) {
        long before = edge == 0 ? 0 : total(edge - 1, column);
        out.number(total(edge, column) - before);
      }
    }
  }

  /** Returns what was written; pins are not part of it. */
  static Ledger read(StateReader in, int width) throws StateDamage {
    StateDamage.require(in.number(width) == width, "a ledger has another width");
    int edges = (int) in.number(MOST_READ);
    StateDamage.require(edges > 0, "a ledger has no edge");
    Ledger ledger = new Ledger(in.number(History.LATEST), width);
    long[] totals = new long[width];
    addTotals(in, totals);
    System.arraycopy(totals, 0, ledger.rows, 0, width);
    for (int edge = 1; edge < edges; edge++) {
      ledger.readEdge(in.number(History.LATEST - ledger.end()), in, totals);
    }
    return ledger;
  }

  /** Appends an edge so much later than the last, and adds to the totals what was written. */
  void readEdge(long later, StateReader in, long[] totals) throws StateDamage {
    StateDamage.require(later > 0, "edges have the same time");
    addTotals(in, totals);
    append(end() + later, totals);
  }

  private static void addTotals(StateReader in, long[] totals) throws StateDamage {
    for (int column = 0; column < totals.length; column++) {
      totals[column] += in.number(MOST_TOTAL - totals[column]);
    }
  }

  /** Returns the same with other columns: each with the number of its old one, or -1 if new. */
  Ledger withColumns(int... from) {
    Ledger copy = new Ledger(times[0], from.length);
    copy.times = times.clone();
    copy.rows = new long[times.length * from.length];
    copy.size = size;
    for (int edge = 0; edge < size; edge++) {
      for (int column = 0; column < from.length; column++) {
        copy.rows[edge * from.length + column] = from[column] < 0 ? 0 : total(edge, from[column]);
      }
    }
    return copy;
  }

  /** Returns the totals at the newest edge. */
  long[] last() {
    return Arrays.copyOfRange(rows, (size - 1) * width, size * width);
  }

  private boolean isPinned(int edge) {
    return pins.containsKey(times[edge]);
  }

  private boolean isSame(int edge, long[] totals) {
    int from = edge * width;
    return Arrays.equals(rows, from, from + width, totals, 0, width);
  }

  /** Drops edges that are closer together than their age asks for, and those that are too old. */
  private void thin() {
    long now = end();
    int oldest = atOrBefore(now - KEPT.toNanos());
    int kept = 0;
    for (int edge = oldest; edge < size; edge++) {
      if (edge == oldest || edge >= size - 2 || !isNeedless(kept - 1, edge, now)) {
        move(edge, kept++);
      }
    }
    size = kept;
  }

  private boolean isNeedless(int before, int edge, long now) {
    long gap = times[edge + 1] - times[before];
    return gap <= (now - times[edge + 1]) / FINENESS && !isPinned(edge);
  }

  private void move(int from, int to) {
    times[to] = times[from];
    System.arraycopy(rows, from * width, rows, to * width, width);
  }

  private void ensure() {
    if (size == times.length) {
      times = Arrays.copyOf(times, size * 2);
      rows = Arrays.copyOf(rows, size * 2 * width);
    }
  }
}

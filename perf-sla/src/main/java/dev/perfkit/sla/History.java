package dev.perfkit.sla;

/**
 * What happened in the past 31 days, as slots of seven resolutions.
 *
 * <p>A slot covers what was counted between two ticks. The finest slots are one tick long; each
 * coarser ring repeats the one before, summed over a multiple of its length. A ring is kept for 64
 * times the slot length of the next, so the start of a window of any length lies in a slot of at
 * most 1/60 of it. A window is never shorter than asked: it begins with the slot that holds its
 * start, even where a late tick has made that slot long.
 *
 * <p>Every edge of a ring is an edge of all finer ones that reach back to it. So a window is summed
 * in a few dozen slots: fine ones from its start to the next coarser edge, up to the coarsest, and
 * down again to now. Empty slots have an edge everywhere.
 *
 * <p>Not safe for use by several threads.
 */
final class History {

  /** The length of the finest slot, in nanoseconds. */
  static final long TICK = 125_000_000L;

  /** How many ticks make a slot of each ring: 125 ms, 1 s, 10 s, 1 min, 10 min, 1 h, 1 d. */
  private static final long[] TICKS = {1, 8, 80, 480, 4_800, 28_800, 691_200};

  static final int RINGS = TICKS.length;
  private static final long DAY = TICKS[RINGS - 1] * TICK;

  /** No time of a file is later: 146 years. */
  static final long LATEST = Long.MAX_VALUE / 2;

  private final SlotRing[] rings = new SlotRing[RINGS];
  private long ordinal;

  History(long start, long ordinal) {
    this.ordinal = ordinal;
    for (int i = 0; i < RINGS; i++) {
      long keep = i < RINGS - 2 ? 64 * TICKS[i + 1] * TICK : 31 * DAY;
      rings[i] = new SlotRing(start, keep, (int) (keep / (TICKS[i] * TICK)) + 3);
    }
  }

  /** Returns the number of a tick: the multiple of the tick length that is nearest to a time. */
  static long ordinalOf(long time) {
    return Math.floorDiv(time + TICK / 2, TICK);
  }

  /** Returns where the newest slot ends. */
  long end() {
    return rings[0].end();
  }

  /** Returns whether a time belongs to a later tick than the last one. */
  boolean isDue(long time) {
    return time > end() && ordinalOf(time) > ordinal;
  }

  /**
   * Appends what was counted since the last slot.
   *
   * @param scratch empty, and is so again afterwards
   */
  void seal(long time, byte[] slot, Tally scratch) {
    long now = ordinalOf(time);
    rings[0].append(time, slot);
    for (int i = 1; i < RINGS && now / TICKS[i] > ordinal / TICKS[i]; i++) {
      rings[i - 1].addTo(scratch, rings[i].end(), time);
      rings[i].append(time, scratch.encode());
      scratch.clear();
    }
    // Not before: a late tick makes slots old that the next ring has not seen yet.
    for (SlotRing ring : rings) {
      ring.trim();
    }
    ordinal = now;
  }

  /**
   * Adds the slots since a time.
   *
   * @return where the first of them starts
   */
  long addSince(long time, Tally tally) {
    int ring = finestThatReaches(time);
    long from = Math.max(rings[ring].start(), rings[ring].edgeAtOrBefore(time));
    long at = from;
    while (ring < RINGS - 1 && at < rings[ring + 1].end()) {
      long edge = rings[ring + 1].edgeAtOrAfter(at);
      rings[ring].addTo(tally, at, edge);
      at = edge;
      ring++;
    }
    for (; ring >= 0; ring--) {
      rings[ring].addTo(tally, at, rings[ring].end());
      at = Math.max(at, rings[ring].end());
    }
    return from;
  }

  /** Returns how much memory it takes, about. */
  long bytes() {
    long bytes = 0;
    for (SlotRing ring : rings) {
      bytes += ring.bytes();
    }
    return bytes;
  }

  /**
   * Forgets what a ring repeats of the next one; windows begin at the edges of that then. Nothing
   * that was counted is lost.
   *
   * @param ring not the last
   * @return how much memory that gives back, about
   */
  long coarsen(int ring) {
    long before = rings[ring].bytes();
    rings[ring].dropUntil(rings[ring + 1].end());
    return before - rings[ring].bytes();
  }

  /** Writes the number of the last tick, and the rings from the finest on. */
  void write(StateWriter out) {
    out.number(ordinal).number(RINGS);
    for (SlotRing ring : rings) {
      ring.write(out);
    }
  }

  /**
   * Returns what was written.
   *
   * @param form checks each slot
   */
  static History read(StateReader in, SlotRing.SlotForm form) throws StateDamage {
    History history = new History(0, in.number(ordinalOf(LATEST)));
    StateDamage.require(in.number(RINGS) == RINGS, "there are other rings");
    for (SlotRing ring : history.rings) {
      ring.read(in, LATEST, form);
      StateDamage.require(ring.end() <= history.end(), "a ring is ahead of the finest");
    }
    StateDamage.require(history.ordinal == ordinalOf(history.end()), "the last tick is another");
    return history;
  }

  private int finestThatReaches(long time) {
    for (int i = 0; i < RINGS; i++) {
      if (rings[i].start() <= time) {
        return i;
      }
    }
    return oldest();
  }

  /** Returns the finest ring that reaches back as far as any. */
  private int oldest() {
    int oldest = 0;
    for (int i = 1; i < RINGS; i++) {
      if (rings[i].start() < rings[oldest].start()) {
        oldest = i;
      }
    }
    return oldest;
  }
}

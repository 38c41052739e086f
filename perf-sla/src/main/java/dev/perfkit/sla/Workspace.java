package dev.perfkit.sla;

/** Arrays that a thread needs to read a recorder, kept so that a scrape makes them once. */
final class Workspace {

  static final int MOST_CELLS =
      2 * (Buckets.COUNT + Objectives.MOST_THRESHOLDS)
          + Layout.STATUS_CLASSES
          + 2
          + 2 * Objectives.MOST_THRESHOLDS;

  private final Tally tally = new Tally(MOST_CELLS);
  private long[] counts = {};

  /** Returns a tally that is empty, and must be so again after use. */
  Tally tally() {
    return tally;
  }

  /** Returns an array of a length, with any content. */
  long[] counts(int length) {
    if (counts.length != length) {
      counts = new long[length];
    }
    return counts;
  }
}

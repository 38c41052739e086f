package dev.perfkit.pool;

/**
 * How far a server has come: what a primary has inserted into its log, or a standby replayed.
 *
 * @param writable whether it accepts writes
 * @param system which cluster its data is of
 * @param timeline counts the promotions of its history, from 1
 * @param lsn the log position, page headers left out at the end
 * @param openNanos since when, or longer, the connection is open that was asked; the server has not
 *     started again since
 * @param askedNanos when the question was sent; the position is of then or later
 */
record WalPosition(
    boolean writable, long system, long timeline, long lsn, long openNanos, long askedNanos) {

  private static final long PAGE = 8192;
  private static final long SHORT_HEADER = 24;
  private static final long LONG_HEADER = 40;

  /**
   * Returns the position without the header of a page that holds nothing else. A primary counts
   * that header as inserted before the first record of the page is; a standby never replays it
   * alone, and would seem behind for as long as nothing is written.
   *
   * @param segment the size of a log segment, whose first page has a longer header
   */
  static long withoutEmptyPage(long lsn, long segment) {
    long inPage = lsn & (PAGE - 1);
    boolean empty =
        inPage == SHORT_HEADER || (inPage == LONG_HEADER && (lsn & (segment - 1)) == LONG_HEADER);
    return empty ? lsn - inPage : lsn;
  }

  boolean wasAskedSince(long nanos) {
    return askedNanos - nanos >= 0;
  }

  /**
   * Returns whether everything is visible up to here that the server's answer to a question showed.
   *
   * @param beganNanos when the question was sent: had the server started again since, the answer
   *     might be of its life before
   * @param endedNanos when the answer was seen
   */
  boolean covers(long beganNanos, long endedNanos) {
    return wasAskedSince(endedNanos) && beganNanos - openNanos >= 0;
  }

  /** Returns whether everything up to a floor is visible here. */
  boolean reaches(Floor floor) {
    return system == floor.system() && timeline == floor.timeline() && lsn >= floor.lsn();
  }

  /** Returns what the server told. */
  LogPosition told() {
    return new LogPosition(writable, system, timeline, lsn);
  }

  Floor floor() {
    return new Floor(system, timeline, lsn, askedNanos);
  }
}

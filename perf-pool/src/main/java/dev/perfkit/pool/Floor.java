package dev.perfkit.pool;

/**
 * What a session must be able to see: the log of a cluster up to a position.
 *
 * @param sinceNanos when it became known here; a primary that was asked later is at least as far,
 *     or the position is of no log that it has
 */
record Floor(long system, long timeline, long lsn, long sinceNanos) {

  /** Returns the higher one of two of the same history; the newer history if they differ. */
  Floor max(Floor other) {
    if (system != other.system || timeline != other.timeline) {
      return other.timeline > timeline ? other : this;
    }
    return other.lsn > lsn ? other : this;
  }
}

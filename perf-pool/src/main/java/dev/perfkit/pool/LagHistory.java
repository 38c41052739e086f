package dev.perfkit.pool;

/**
 * When the primary had reached which position: what a replica has not replayed yet is as old as the
 * oldest of them beyond it. For one thread at a time.
 *
 * <p>Holds so many positions. When there are more, every second one is dropped and from then on
 * every second new one is skipped, and so on: an age may be too small by one part in 256.
 */
final class LagHistory {

  static final int CAPACITY = 512;

  private final long[] lsns = new long[CAPACITY];
  private final long[] times = new long[CAPACITY];
  private int size;
  private int every = 1;
  private int skipped;

  /** Notes a position; one that is no further than the last says nothing. */
  void add(long lsn, long nanos) {
    if (size > 0 && (lsn <= lsns[size - 1] || ++skipped < every)) {
      return;
    }
    skipped = 0;
    if (size == CAPACITY) {
      thin();
    }
    lsns[size] = lsn;
    times[size] = nanos;
    size++;
  }

  private void thin() {
    int kept = 0;
    for (int i = 0; i < size; i += 2) {
      lsns[kept] = lsns[i];
      times[kept] = times[i];
      kept++;
    }
    size = kept;
    every *= 2;
  }

  /** Forgets what every replica has replayed. */
  void forgetUpTo(long lsn) {
    int first = firstBeyond(lsn);
    size -= first;
    System.arraycopy(lsns, first, lsns, 0, size);
    System.arraycopy(times, first, times, 0, size);
    if (size == 0) {
      every = 1;
    }
  }

  void clear() {
    size = 0;
    every = 1;
  }

  /** Returns how long ago the oldest position beyond one was noted; 0 if there is none. */
  long ageBeyond(long lsn, long nowNanos) {
    int first = firstBeyond(lsn);
    return first == size ? 0 : Math.max(0, nowNanos - times[first]);
  }

  private int firstBeyond(long lsn) {
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (lsns[middle] > lsn) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }
}

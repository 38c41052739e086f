package dev.perfkit.sla;

import dev.perfkit.spi.Telemetry;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The requests of a service that have begun and not ended.
 *
 * <p>Each has a place, which holds when it began and how many thresholds it was found to have
 * passed. What is handed out is the same word with the number of the place instead of the count, so
 * beginning a request allocates nothing. A place is taken and given back by one compare-and-set
 * each, and so is each step of the ticker; whoever takes a request out of its place counts it,
 * therefore it is counted once.
 *
 * <p>Places come in blocks, which are added when one is needed and none is found, and never
 * removed. Over the last block a request has no place: it is counted at its end as if it had only
 * then become known, and never expires.
 */
final class InFlight {

  /** The most requests of a service that have a place, 4,032. */
  static final int MOST = 63 * 64;

  private static final VarHandle PLACE = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int BLOCK_BITS = 6;
  private static final int BLOCK = 1 << BLOCK_BITS;

  /** The low bits: the place in what is handed out, the thresholds passed in the place. */
  private static final int LOW_BITS = 12;

  private static final long LOW = (1L << LOW_BITS) - 1;
  private static final long NO_PLACE = LOW;
  private static final int PROBES = 8;

  private final long[] thresholds;
  private final long expireNanos;
  private final StripedCells cells;
  private final Layout layout;
  private final Telemetry.Counter ignored;
  private final ReentrantLock growth = new ReentrantLock();
  private volatile long[][] blocks = {};

  /**
   * @param expireNanos how long a request runs before it counts as abandoned
   * @param ignored counts the ends of requests that are not under way
   */
  InFlight(Layout layout, StripedCells cells, long expireNanos, Telemetry.Counter ignored) {
    this.thresholds = layout.thresholds();
    this.layout = layout;
    this.cells = cells;
    this.expireNanos = expireNanos;
    this.ignored = ignored;
  }

  /** Returns a word that stands for a request that begins now. */
  long start(long now) {
    long began = (now + 1) << LOW_BITS;
    int hash = (int) ((Thread.currentThread().getId() * 0x9E3779B97F4A7C15L) >>> 58);
    long[][] all = blocks;
    for (int block = 0; block < all.length; block++) {
      int place = take(all[block], hash, began);
      if (place >= 0) {
        return began | block << BLOCK_BITS | place;
      }
    }
    return grow(all.length) ? start(now) : began | NO_PLACE;
  }

  /** Counts a request that ends now, unless it is not under way. */
  void end(long started, long now, Outcome outcome) {
    long nanos = age(started, now);
    if ((started & LOW) == NO_PLACE) {
      cells.record(nanos, outcome);
    } else {
      endPlaced(started, nanos, outcome);
    }
  }

  /** Notes which requests have passed a threshold, and gives up those that are too old. */
  void tick(long now) {
    for (long[] block : blocks) {
      for (int place = 0; place < BLOCK; place++) {
        long word = (long) PLACE.getAcquire(block, place);
        if (word != 0) {
          look(block, place, word, age(word, now));
        }
      }
    }
  }

  /** Returns how many requests have a place. */
  int size() {
    int size = 0;
    for (long[] block : blocks) {
      for (int place = 0; place < BLOCK; place++) {
        size += (long) PLACE.getAcquire(block, place) == 0 ? 0 : 1;
      }
    }
    return size;
  }

  /** The time is kept in 52 bits, which wrap around every 52 days; ages are under that. */
  private static long age(long word, long now) {
    return (((now + 1) << LOW_BITS) - (word & ~LOW)) >> LOW_BITS;
  }

  private static int take(long[] block, int hash, long began) {
    for (int probe = 0; probe < PROBES; probe++) {
      int place = (hash + probe) & (BLOCK - 1);
      if ((long) PLACE.getOpaque(block, place) == 0
          && PLACE.compareAndSet(block, place, 0L, began)) {
        return place;
      }
    }
    return -1;
  }

  /** Returns whether there are more blocks now than a caller has searched. */
  private boolean grow(int searched) {
    if (searched == MOST >> BLOCK_BITS) {
      return false;
    }
    growth.lock();
    try {
      long[][] now = blocks;
      if (now.length == searched) {
        long[][] more = Arrays.copyOf(now, searched + 1);
        more[searched] = new long[BLOCK];
        blocks = more;
      }
      return true;
    } finally {
      growth.unlock();
    }
  }

  private void endPlaced(long started, long nanos, Outcome outcome) {
    int place = (int) (started & LOW);
    long[][] all = blocks;
    if (place >> BLOCK_BITS >= all.length) {
      ignored.increment();
      return;
    }
    long[] block = all[place >> BLOCK_BITS];
    int at = place & (BLOCK - 1);
    long word = started & ~LOW;
    while (!PLACE.compareAndSet(block, at, word, 0L)) {
      word = (long) PLACE.getAcquire(block, at);
      if (word >>> LOW_BITS != started >>> LOW_BITS || word == 0) {
        ignored.increment();
        return;
      }
    }
    finish((int) (word & LOW), nanos, outcome);
  }

  private void look(long[] block, int place, long word, long nanos) {
    if (nanos >= expireNanos) {
      if (PLACE.compareAndSet(block, place, word, 0L)) {
        finish((int) (word & LOW), nanos, Outcome.failure());
      }
      return;
    }
    int counted = (int) (word & LOW);
    int passed = passed(nanos);
    if (passed > counted && PLACE.compareAndSet(block, place, word, word + passed - counted)) {
      for (int i = counted; i < passed; i++) {
        cells.add(layout.passedCell(i), 1);
      }
    }
  }

  /** The histogram first: an objective may see a request twice for a moment, but never miss it. */
  private void finish(int counted, long nanos, Outcome outcome) {
    cells.record(nanos, outcome);
    for (int i = 0; i < counted; i++) {
      cells.add(layout.settledCell(i), 1);
    }
  }

  private int passed(long nanos) {
    int passed = 0;
    while (passed < thresholds.length && nanos > thresholds[passed]) {
      passed++;
    }
    return passed;
  }
}

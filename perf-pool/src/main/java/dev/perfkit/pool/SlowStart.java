package dev.perfkit.pool;

import dev.perfkit.spi.TimeSource;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Gives a node that came back a share of the work that grows from a tenth to all of it, so that
 * cold caches and an empty pool meet a part of the load first. Costs one volatile read otherwise.
 */
final class SlowStart {

  static final double FIRST_SHARE = 0.1;

  private final long nanos;
  private final TimeSource timeSource;
  private volatile boolean warming;
  private volatile long since;

  /**
   * @param duration zero for none
   */
  SlowStart(Duration duration, TimeSource timeSource) {
    this.nanos = duration.toNanos();
    this.timeSource = timeSource;
  }

  void begin() {
    since = timeSource.nanoTime();
    warming = nanos > 0;
  }

  /** Returns whether this piece of work may come. */
  boolean admits() {
    return !warming || ThreadLocalRandom.current().nextDouble() < share();
  }

  /** Returns the share of the work it takes now, up to 1. */
  double share() {
    if (!warming) {
      return 1;
    }
    double share = FIRST_SHARE + (1 - FIRST_SHARE) * (timeSource.nanoTime() - since) / nanos;
    if (share >= 1) {
      warming = false;
    }
    return Math.min(1, share);
  }
}

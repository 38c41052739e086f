package dev.perfkit.pool;

import dev.perfkit.spi.TimeSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Lets so many reads a second go to the primary that a replica should have answered, one second's
 * worth at once. One number holds the state: when the next permit would be due if all were taken
 * evenly.
 */
final class FallbackLimit {

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final TimeSource timeSource;
  private final long everyNanos;
  private final AtomicLong due;

  FallbackLimit(int perSecond, TimeSource timeSource) {
    this.timeSource = timeSource;
    this.everyNanos = SECOND / perSecond;
    this.due = new AtomicLong(timeSource.nanoTime() - SECOND);
  }

  boolean tryAcquire() {
    long now = timeSource.nanoTime();
    while (true) {
      long next = due.get();
      // Permits of more than a second ago are gone.
      long from = next - now < -SECOND ? now - SECOND : next;
      if (from + everyNanos - now > 0) {
        return false;
      }
      if (due.compareAndSet(next, from + everyNanos)) {
        return true;
      }
    }
  }
}

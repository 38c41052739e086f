package dev.perfkit.testkit.internal;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for other processes, which tell nobody when they are done. */
public final class Waiting {

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private Waiting() {}

  /**
   * Asks until the answer is yes or the time is over; always asks at least once. An interrupt of
   * the caller is kept but does not end the wait, because a half-stopped server helps nobody.
   *
   * @return the last answer
   */
  public static boolean until(Duration atMost, BooleanSupplier done) {
    long start = System.nanoTime();
    boolean interrupted = false;
    try {
      while (!done.getAsBoolean()) {
        if (System.nanoTime() - start > atMost.toNanos()) {
          return false;
        }
        LockSupport.parkNanos(PAUSE_NANOS);
        interrupted |= Thread.interrupted();
      }
      return true;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}

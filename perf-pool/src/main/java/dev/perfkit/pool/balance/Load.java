package dev.perfkit.pool.balance;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.TimeSource;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What an endpoint is busy with, and how long its work takes.
 *
 * <p>{@link #begin} is called before the work is sent, so that a slow endpoint looks busy at once.
 * The time is a peak-sensitive average: a longer one counts at once and in full, shorter ones pull
 * it down with a half-life of {@value #HALF_LIFE_SECONDS} seconds. A failure counts as slow,
 * {@value #FAILURE_MILLIS} ms at least, however fast it came. Safe for use by any number of
 * threads; steps are atomic, nothing blocks.
 */
@Beta
public final class Load {

  /** After so many seconds a peak weighs half. */
  public static final int HALF_LIFE_SECONDS = 5;

  /** The least time that a failure counts as, in milliseconds. */
  public static final int FAILURE_MILLIS = 1_000;

  private static final double DECAY = Math.log(2) / TimeUnit.SECONDS.toNanos(HALF_LIFE_SECONDS);
  private static final long FAILURE = TimeUnit.MILLISECONDS.toNanos(FAILURE_MILLIS);

  private record Average(double nanos, long at) {}

  private final boolean timed;
  private final TimeSource timeSource;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicReference<Average> average;

  private Load(boolean timed, TimeSource timeSource) {
    this.timed = timed;
    this.timeSource = Objects.requireNonNull(timeSource, "timeSource");
    this.average = new AtomicReference<>(new Average(0, timeSource.nanoTime()));
  }

  /** Returns a load that counts and times. */
  public static Load timed(TimeSource timeSource) {
    return new Load(true, timeSource);
  }

  /** Returns a load that only counts, without a look at a clock. */
  public static Load counted() {
    return new Load(false, TimeSource.system());
  }

  /** Work is about to be sent. Returns what {@link #end} wants to know. */
  public long begin() {
    inFlight.getAndIncrement();
    return timed ? timeSource.nanoTime() : 0;
  }

  /**
   * Work has ended; once for each {@link #begin}.
   *
   * @param begun what begin returned
   * @param failed whether the endpoint failed to do it
   */
  public void end(long begun, boolean failed) {
    inFlight.getAndDecrement();
    if (timed) {
      long now = timeSource.nanoTime();
      long took = Math.max(1, now - begun);
      double counts = (double) (failed ? Math.max(took, FAILURE) : took);
      average.updateAndGet(before -> after(before, counts, now));
    }
  }

  private static Average after(Average before, double took, long now) {
    if (took >= before.nanos()) {
      return new Average(took, now);
    }
    double weight = Math.exp(-DECAY * Math.max(0, now - before.at()));
    return new Average(took + (before.nanos() - took) * weight, now);
  }

  /** Returns how many pieces of work are under way. */
  public int inFlight() {
    return inFlight.get();
  }

  /**
   * Returns the average in nanoseconds; 0 before the first end, and without time. It falls while
   * nothing comes, so that an endpoint that was slow once is tried again.
   */
  public double responseNanos() {
    Average now = Objects.requireNonNull(average.get());
    double age = timed ? Math.max(0, timeSource.nanoTime() - now.at()) : 0;
    return now.nanos() * Math.exp(-DECAY * age);
  }
}

package dev.perfkit.compress;

import dev.perfkit.spi.Knob;
import dev.perfkit.spi.Metric;
import dev.perfkit.spi.Telemetry;
import dev.perfkit.spi.TimeSource;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;

/**
 * Keeps the CPU time of compression under a share of all processors, in two ways at once.
 *
 * <p>A <em>ladder</em> of four rungs lowers the levels of all codings, from those that are wanted
 * to the fastest. Each second it goes one rung down if more than 90 % of the budget was used or a
 * body was refused, and one up after five seconds in a row that used less than 40 %: a rung up
 * costs at most about twice as much, so it does not lead straight down again.
 *
 * <p>An <em>account</em> refuses a body once more than the budget of the last second was spent, so
 * the budget also holds in a burst, and where even the fastest level is too much, just as many
 * bodies are encoded as it pays for. It is one number: the time at which what was spent will have
 * been earned. A body may be begun while that time has not come to be in the future.
 *
 * <p>There is no thread: whoever encodes lets time pass here. Safe for use by any number of
 * threads.
 */
final class CpuBudget implements AutoCloseable {

  /** All processors: no limit. */
  static final double UNLIMITED = 1;

  static final double SMALLEST = 0.001;

  /** The rung of the fastest levels. */
  static final int LOWEST_RUNG = 3;

  private static final long WINDOW = Duration.ofSeconds(1).toNanos();
  private static final double DOWN_OVER = 0.9;
  private static final double UP_UNDER = 0.4;
  private static final int CALM_WINDOWS = 5;

  private final int processors;
  private final IntConsumer onRung;
  private final Telemetry.Registration use;
  private final Telemetry.Registration rungs;
  private final ReentrantLock ticking = new ReentrantLock();
  private final AtomicLong earned;
  private final LongAdder spent = new LongAdder();
  private volatile double share;
  private volatile long windowEnd;
  private volatile boolean refused;
  private volatile int rung;
  private volatile double lastUse;
  private int calm;

  /**
   * @param share of the time of all processors, {@link #SMALLEST} to {@link #UNLIMITED}
   * @param onRung told each new rung: 0 for the wanted levels, 3 for the fastest
   */
  CpuBudget(
      String compressor,
      double share,
      int processors,
      TimeSource timeSource,
      Telemetry telemetry,
      IntConsumer onRung) {
    this.share = share;
    this.processors = processors;
    this.onRung = onRung;
    this.use =
        telemetry.gauge(
            metric(compressor, "compress.budget.use")
                .unit("share")
                .help("CPU time of all processors that encoding took in the last second"),
            this::lastUse);
    this.rungs =
        telemetry.gauge(
            metric(compressor, "compress.budget.rung").help("0: wanted levels, 3: the fastest"),
            this::rung);
    long now = timeSource.nanoTime();
    this.earned = new AtomicLong(now - WINDOW);
    this.windowEnd = now + WINDOW;
  }

  private static Metric metric(String compressor, String name) {
    return Metric.named(name).tag("compressor", compressor);
  }

  Knob knob() {
    return Knob.of(
        "cpu-budget", "share", SMALLEST, UNLIMITED, 0.005, () -> share, value -> share = value);
  }

  /** Returns the share of all processors that was used in the last whole second. */
  double lastUse() {
    return isLimited() ? lastUse : Double.NaN;
  }

  int rung() {
    return isLimited() ? rung : 0;
  }

  /** Returns the level for a wanted one: lower, the lower the rung. */
  int level(int wanted, int fastest) {
    int below = rung();
    int steps = wanted - fastest;
    return below == 0 || steps <= 0
        ? wanted
        : wanted - (steps * below + LOWEST_RUNG - 1) / LOWEST_RUNG;
  }

  /** Returns whether a body may be encoded now. */
  boolean admits(long now) {
    if (!isLimited()) {
      return true;
    }
    tickIfDue(now);
    boolean admitted = now - earned.get() >= 0;
    if (!admitted) {
      refused = true;
    }
    return admitted;
  }

  /** Takes note of CPU time that was spent. */
  void spend(long nanos, long now) {
    if (isLimited() && nanos > 0) {
      spent.add(nanos);
      long toEarn = (long) (nanos / (share * processors));
      earned.accumulateAndGet(
          toEarn, (until, more) -> (until - (now - WINDOW) > 0 ? until : now - WINDOW) + more);
    }
  }

  @Override
  public void close() {
    use.close();
    rungs.close();
  }

  private boolean isLimited() {
    return share < UNLIMITED;
  }

  private void tickIfDue(long now) {
    if (now - windowEnd >= 0 && ticking.tryLock()) {
      int before = rung;
      try {
        if (now - windowEnd >= 0) {
          tick(now);
        }
      } finally {
        ticking.unlock();
      }
      if (rung != before) {
        onRung.accept(rung);
      }
    }
  }

  /** Only under the lock. Windows in which nobody came were calm ones. */
  private void tick(long now) {
    long windows = 1 + (now - windowEnd) / WINDOW;
    windowEnd = now + WINDOW - (now - windowEnd) % WINDOW;
    double used = (double) spent.sumThenReset() / WINDOW / processors;
    adjust(used, refused);
    refused = false;
    int idle = (int) Math.min(windows - 1, (long) CALM_WINDOWS * LOWEST_RUNG);
    for (int i = 0; i < idle; i++) {
      adjust(0, false);
    }
    lastUse = windows == 1 ? used : 0;
  }

  private void adjust(double used, boolean anyRefused) {
    if (anyRefused || used > DOWN_OVER * share) {
      calm = 0;
      rung = Math.min(LOWEST_RUNG, rung + 1);
    } else if (used >= UP_UNDER * share) {
      calm = 0;
    } else if (++calm >= CALM_WINDOWS) {
      calm = 0;
      rung = Math.max(0, rung - 1);
    }
  }
}

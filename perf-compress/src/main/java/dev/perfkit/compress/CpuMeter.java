package dev.perfkit.compress;

import dev.perfkit.spi.TimeSource;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The CPU time of work of which the duration is known. To ask the JVM for it takes about a
 * microsecond, so only one piece of work in sixteen is measured; of the others the duration counts,
 * by the share of the measured durations that was CPU time: sums come out right, also on a machine
 * where threads wait for a processor in the midst of their work.
 *
 * <p>The duration itself counts under a time source that is not the JVM's, and for virtual threads,
 * whose CPU time is not told. Safe for use by any number of threads.
 */
final class CpuMeter {

  /** The work is not measured. */
  private static final long UNMEASURED = -1;

  private static final int ONE_IN = 16;

  /** How much of what was measured before still counts after one more: some 30 measurements. */
  private static final double MEMORY = 0.97;

  private static final String VIRTUAL = "java.lang.VirtualThread";

  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final boolean measurable;
  private final ReentrantLock noting = new ReentrantLock();
  private double durations;
  private double cpuTimes;
  private volatile double share = 1;

  CpuMeter(TimeSource timeSource) {
    this.measurable =
        timeSource == TimeSource.system()
            && threads.isCurrentThreadCpuTimeSupported()
            && threads.isThreadCpuTimeEnabled();
  }

  /** Returns a mark of the beginning of work of this thread. */
  long begin() {
    return measurable
            && ThreadLocalRandom.current().nextInt(ONE_IN) == 0
            && !isVirtual(Thread.currentThread())
        ? threads.getCurrentThreadCpuTime()
        : UNMEASURED;
  }

  /**
   * Returns the CPU time since the mark, as far as it is known.
   *
   * @param nanos how long the work took
   */
  long spent(long mark, long nanos) {
    if (mark == UNMEASURED) {
      return (long) (nanos * share);
    }
    long measured = Math.max(0, Math.min(nanos, threads.getCurrentThreadCpuTime() - mark));
    note(nanos, measured);
    return measured;
  }

  private void note(long nanos, long measured) {
    if (nanos > 0 && noting.tryLock()) {
      try {
        durations = MEMORY * durations + nanos;
        cpuTimes = MEMORY * cpuTimes + measured;
        share = cpuTimes / durations;
      } finally {
        noting.unlock();
      }
    }
  }

  private static boolean isVirtual(Thread thread) {
    return thread.getClass() != Thread.class && thread.getClass().getName().equals(VIRTUAL);
  }
}

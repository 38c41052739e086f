package dev.perfkit.examples.auth;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * An open-loop load: request {@code i} is due at {@code start + i / rate}, whatever became of the
 * requests before it, and its latency counts from then. A service that falls behind therefore shows
 * the time that its users would have waited, instead of slowing the load down.
 *
 * <p>The requests in flight are bounded by the number of senders. Those that were due and found no
 * free sender before the end are counted as not served.
 */
final class Load {

  /** Sends one request and reads its answer. */
  interface Sender extends AutoCloseable {

    /** Returns the bytes of the body, or -1 if the request failed. */
    long send(long number);

    @Override
    void close();
  }

  /** Opens senders, one for each thread. */
  @FunctionalInterface
  interface Senders {
    Sender open();
  }

  /**
   * What came of a load.
   *
   * @param offered how many requests were due
   * @param latency of the served requests, in microseconds
   */
  record Result(
      long offered, long served, long failed, long bytes, Duration took, Histogram latency) {

    double offeredPerSecond() {
      return offered / (took.toNanos() / 1e9);
    }

    double servedPerSecond() {
      return served / (took.toNanos() / 1e9);
    }

    double bytesPerResponse() {
      return served == 0 ? Double.NaN : (double) bytes / served;
    }

    double percentileMillis(double percentile) {
      return latency.getValueAtPercentile(percentile) / 1e3;
    }
  }

  private static final long LONGEST_MICROS = TimeUnit.MINUTES.toMicros(10);

  private final Senders senders;
  private final int inFlight;
  private final AtomicLong next = new AtomicLong();
  private final LongAdder served = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final Histogram latency = new ConcurrentHistogram(1, LONGEST_MICROS, 3);

  private Load(Senders senders, int inFlight) {
    this.senders = senders;
    this.inFlight = inFlight;
  }

  /** Offers a steady rate for a time. */
  static Result atRate(
      double perSecond, Duration time, int inFlight, Senders senders, Progress progress) {
    return atRate(perSecond, time, Duration.ZERO, inFlight, senders, progress);
  }

  /** Offers a steady rate for a time, and goes on for a while with what could not be sent in it. */
  static Result atRate(
      double perSecond,
      Duration time,
      Duration patience,
      int inFlight,
      Senders senders,
      Progress progress) {
    long offered = Math.max(1, Math.round(perSecond * time.toNanos() / 1e9));
    return new Load(senders, inFlight).run(offered, 1e9 / perSecond, time.plus(patience), progress);
  }

  /** Sends as fast as the answers come, which tells what a service can do. */
  static Result asFastAsPossible(Duration time, int inFlight, Senders senders, Progress progress) {
    return new Load(senders, inFlight).run(Long.MAX_VALUE, 0, time, progress);
  }

  private Result run(long offered, double interval, Duration time, Progress progress) {
    ExecutorService threads = Executors.newFixedThreadPool(inFlight, Load::daemon);
    long start = System.nanoTime();
    for (int i = 0; i < inFlight; i++) {
      threads.execute(() -> sendUntil(start + time.toNanos(), offered, start, interval));
    }
    threads.shutdown();
    try {
      while (!threads.awaitTermination(200, TimeUnit.MILLISECONDS)) {
        progress.show((System.nanoTime() - start) / (double) time.toNanos());
      }
    } catch (InterruptedException stopped) {
      threads.shutdownNow();
      Thread.currentThread().interrupt();
    }
    progress.done();
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    long due = offered == Long.MAX_VALUE ? served.sum() + failed.sum() : offered;
    return new Result(due, served.sum(), failed.sum(), bytes.sum(), took, latency);
  }

  private void sendUntil(long end, long offered, long start, double interval) {
    try (Sender sender = senders.open()) {
      for (long i = next.getAndIncrement(); i < offered; i = next.getAndIncrement()) {
        long due = interval == 0 ? System.nanoTime() : start + (long) (i * interval);
        sleepUntil(due);
        if (System.nanoTime() - end >= 0 || Thread.interrupted()) {
          return;
        }
        count(sender.send(i), System.nanoTime() - due);
      }
    }
  }

  private void count(long size, long nanos) {
    if (size < 0) {
      failed.increment();
      return;
    }
    served.increment();
    bytes.add(size);
    latency.recordValue(Math.min(LONGEST_MICROS, Math.max(0, nanos / 1_000)));
  }

  private static void sleepUntil(long due) {
    for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
      if (Thread.currentThread().isInterrupted()) {
        return;
      }
      LockSupport.parkNanos(left);
    }
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "load");
    thread.setDaemon(true);
    return thread;
  }
}

package dev.perfkit.sla;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.support.Options;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a service did in a window, at the moment it was asked. Immutable.
 *
 * <p>Counts are exact. Durations come from a histogram and are within 1.6 % of the true ones.
 * Without requests, what cannot be known is empty rather than a number.
 */
@Beta
public final class WindowSnapshot {

  private static final double SHORTEST_SPAN_SECONDS = 1;

  private final Window window;
  private final Reading reading;

  WindowSnapshot(Window window, Reading reading) {
    this.window = window;
    this.reading = reading;
  }

  /** Returns the window that was asked for. */
  public Window window() {
    return window;
  }

  /**
   * Returns the time that was looked at: the window and at most 1/60 more; less if the service is
   * younger; more if the process was stalled when the window began.
   */
  public Duration covered() {
    return Duration.ofNanos(reading.spanNanos());
  }

  /** Returns whether there was no request. */
  public boolean isEmpty() {
    return count() == 0;
  }

  /** Returns the number of requests. */
  public long count() {
    return reading.count();
  }

  /** Returns the number of failures. */
  public long errors() {
    return reading.errors();
  }

  /**
   * Returns the number of requests with a status code of one class.
   *
   * @param statusClass the first digit of the code, 1 to 5
   * @throws IllegalArgumentException if the class is outside that range
   */
  public long status(int statusClass) {
    return reading.status(Options.between("statusClass", 1, Layout.STATUS_CLASSES, statusClass));
  }

  /** Returns the share of failures, 0 to 1; empty without requests. */
  public OptionalDouble errorRate() {
    return isEmpty() ? OptionalDouble.empty() : OptionalDouble.of((double) errors() / count());
  }

  /**
   * Returns requests per second over the time covered, which counts as one second at least. A
   * service without requests has a throughput of 0: that is known.
   */
  public double throughput() {
    return (double) count()
        / Math.max(SHORTEST_SPAN_SECONDS, Durations.toSeconds(reading.spanNanos()));
  }

  /**
   * Returns a duration that a share of the requests, whatever their outcome, did not exceed; empty
   * without requests.
   *
   * @param share over 0 and up to 1: 0.99 is the 99th percentile
   * @throws IllegalArgumentException if the share is outside that range
   */
  public Optional<Duration> percentile(double share) {
    return reading.percentile(share);
  }

  /**
   * Returns the mean duration, exact if the monitor was built with {@link
   * SlaMonitorBuilder#exactSum}; empty without requests.
   */
  public Optional<Duration> mean() {
    return reading.mean();
  }

  /**
   * Returns how durations are distributed: the ranges with any request, the shortest first;
   * unmodifiable.
   */
  public List<Bucket> buckets() {
    return reading.buckets();
  }

  /** Returns how many requests took longer than a limit, to 3 % of it. */
  long slower(Duration limit) {
    return reading.slower(Durations.saturatedNanos(limit));
  }

  @Override
  public String toString() {
    return "WindowSnapshot[" + window + ": " + count() + " requests, " + errors() + " errors]";
  }
}

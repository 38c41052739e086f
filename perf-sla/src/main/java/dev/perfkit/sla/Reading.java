package dev.perfkit.sla;

import dev.perfkit.spi.support.Options;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** What was counted in some span of time. Immutable. */
final class Reading {

  private final Layout layout;
  private final long spanNanos;
  private final int low;
  private final long[] successes;
  private final long[] failures;
  private final long[] statuses;
  private final long[] running;
  private final long count;
  private final long errors;
  private final double successSum;
  private final double failureSum;

  /**
   * @param low the bucket of the first count of successes and of failures
   * @param running by threshold, the requests found running past it less those of them that ended
   * @param exact the sums of the durations, if they were kept
   */
  Reading(
      Layout layout,
      long spanNanos,
      int low,
      long[] successes,
      long[] failures,
      long[] statuses,
      long[] running,
      Sums exact) {
    this.layout = layout;
    this.spanNanos = spanNanos;
    this.low = low;
    this.successes = successes;
    this.failures = failures;
    this.statuses = statuses;
    this.running = running;
    this.errors = Arrays.stream(failures).sum();
    this.count = Arrays.stream(successes).sum() + errors;
    this.successSum = exact.equals(Sums.NOT_KEPT) ? estimatedSum(successes) : exact.successes();
    this.failureSum = exact.equals(Sums.NOT_KEPT) ? estimatedSum(failures) : exact.failures();
  }

  /**
   * Returns a reading of counts by cell.
   *
   * @param exact the sums of the durations, if they were kept
   */
  static Reading of(Layout layout, Tally tally, long spanNanos, Sums exact) {
    int buckets = layout.buckets();
    int offset = layout.failureOffset();
    int low = 0;
    while (low < buckets && tally.count(low) == 0 && tally.count(low + offset) == 0) {
      low++;
    }
    int end = buckets;
    while (end > low && tally.count(end - 1) == 0 && tally.count(end - 1 + offset) == 0) {
      end--;
    }
    return new Reading(
        layout,
        spanNanos,
        low,
        counts(tally, low, end - low),
        offset == 0 ? new long[end - low] : counts(tally, low + offset, end - low),
        counts(tally, layout.statusCell(1), Layout.STATUS_CLASSES),
        running(layout, tally),
        exact);
  }

  /** Returns what this and another one of equal thresholds counted together. */
  Reading plus(Reading other) {
    int from = Math.min(low, other.low);
    int to = Math.max(low + successes.length, other.low + other.successes.length);
    return new Reading(
        layout,
        Math.max(spanNanos, other.spanNanos),
        from,
        sum(from, to, low, successes, other.low, other.successes),
        sum(from, to, low, failures, other.low, other.failures),
        sum(0, statuses.length, 0, statuses, 0, other.statuses),
        sum(0, running.length, 0, running, 0, other.running),
        new Sums(successSum, failureSum).plus(new Sums(other.successSum, other.failureSum)));
  }

  Layout layout() {
    return layout;
  }

  /** Returns how many more requests were found running past a threshold than of them ended. */
  long running(int threshold) {
    return running[threshold];
  }

  long spanNanos() {
    return spanNanos;
  }

  long count() {
    return count;
  }

  long errors() {
    return errors;
  }

  long successes() {
    return count - errors;
  }

  /** Returns how many had a status code of a class, 1 to 5. */
  long status(int statusClass) {
    return statuses[statusClass - 1];
  }

  /** Returns the successes of at most this duration, which is an edge of the layout. */
  long successesWithin(long nanos) {
    return sumUpTo(successes, layout.bucketUpTo(nanos));
  }

  /** Returns the failures of at most this duration, which is an edge of the layout. */
  long failuresWithin(long nanos) {
    return sumUpTo(failures, layout.bucketUpTo(nanos));
  }

  /**
   * Returns how many took longer than this, which is a threshold of the layout, whatever their
   * outcome. One that was found running past it counts from then on, and not again at its end.
   */
  long over(long threshold) {
    int at = Arrays.binarySearch(layout.thresholds(), threshold);
    long early = at < 0 ? 0 : running[at];
    return Math.max(0, count - successesWithin(threshold) - failuresWithin(threshold) + early);
  }

  /** Returns how many took longer than this, whatever their outcome, to half of a bucket. */
  long slower(long nanos) {
    long slower = 0;
    for (int i = successes.length - 1; i >= 0 && layout.middle(low + i) > nanos; i--) {
      slower += successes[i] + failures[i];
    }
    return slower;
  }

  /**
   * Returns the sum of the durations of one outcome, in nanoseconds: exact if it was kept, else
   * within 1.6 %. It never goes down while counts go up.
   */
  double sumNanos(boolean ofSuccesses) {
    return ofSuccesses ? successSum : failureSum;
  }

  /**
   * Returns a duration that this share of the requests did not exceed; empty without requests.
   *
   * @throws IllegalArgumentException if the share is not over 0 and up to 1
   */
  Optional<Duration> percentile(double share) {
    Options.require(share > 0 && share <= 1, "share", "be over 0 and at most 1", share);
    return count == 0 ? Optional.empty() : Optional.of(Duration.ofNanos(percentileNanos(share)));
  }

  /** Returns the mean duration; empty without requests. */
  Optional<Duration> mean() {
    double mean = (successSum + failureSum) / (double) count;
    return count == 0 ? Optional.empty() : Optional.of(Duration.ofNanos(Math.round(mean)));
  }

  /**
   * Returns a duration, in nanoseconds, that this share of the requests did not exceed.
   *
   * @param share over 0 and up to 1
   * @throws IllegalStateException if nothing was counted
   */
  long percentileNanos(double share) {
    long left =
        BigDecimal.valueOf(share)
            .multiply(BigDecimal.valueOf(count))
            .setScale(0, RoundingMode.CEILING)
            .longValueExact();
    for (int i = 0; i < successes.length; i++) {
      left -= successes[i] + failures[i];
      if (left <= 0) {
        return layout.middle(low + i);
      }
    }
    throw new IllegalStateException("there is no percentile of nothing");
  }

  /** Returns the buckets that are not empty, the shortest durations first. */
  List<Bucket> buckets() {
    List<Bucket> buckets = new ArrayList<>();
    for (int i = 0; i < successes.length; i++) {
      if (successes[i] + failures[i] > 0) {
        int at = low + i;
        buckets.add(
            new Bucket(layout.lowerEdge(at), layout.upperEdge(at), successes[i], failures[i]));
      }
    }
    return Collections.unmodifiableList(buckets);
  }

  /** Adding in the order of the buckets makes the sum grow whenever a count grows. */
  private double estimatedSum(long[] counts) {
    double sum = 0;
    for (int i = 0; i < counts.length; i++) {
      sum += (double) counts[i] * layout.middle(low + i);
    }
    return sum;
  }

  private long sumUpTo(long[] counts, int bucket) {
    long sum = 0;
    for (int i = 0; i < counts.length && low + i <= bucket; i++) {
      sum += counts[i];
    }
    return sum;
  }

  /** Returns the sums of two arrays by index, each of which begins at an index of its own. */
  private static long[] sum(int from, int to, int oneAt, long[] one, int otherAt, long[] other) {
    long[] sum = new long[to - from];
    for (int i = 0; i < one.length; i++) {
      sum[oneAt - from + i] += one[i];
    }
    for (int i = 0; i < other.length; i++) {
      sum[otherAt - from + i] += other[i];
    }
    return sum;
  }

  /** Passed in this span, less those whose end in this span counts what was counted before. */
  private static long[] running(Layout layout, Tally tally) {
    long[] running = new long[layout.thresholds().length];
    for (int i = 0; i < running.length; i++) {
      running[i] = tally.count(layout.passedCell(i)) - tally.count(layout.settledCell(i));
    }
    return running;
  }

  private static long[] counts(Tally tally, int from, int length) {
    long[] counts = new long[length];
    for (int i = 0; i < length; i++) {
      counts[i] = tally.count(from + i);
    }
    return counts;
  }
}

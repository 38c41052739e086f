package dev.perfkit.sla;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Which cell counts what. The cells of successes come first, one for each bucket, then those of
 * failures, then one for each class of status codes, then the sum of durations of each outcome,
 * then two for each threshold: requests that passed it while they ran, and those of them that have
 * ended.
 *
 * <p>A threshold inside a bucket splits it, so every threshold is an upper edge and the number of
 * requests within it is a sum of whole cells. Immutable.
 */
final class Layout {

  static final int STATUS_CLASSES = 5;

  /** Keeps the last cells, which every write touches, two cache lines off the next array. */
  private static final int PADDING = 16;

  private final long[] thresholds;
  private final long[] splits;
  private final long firstSplit;
  private final long[] upper;
  private final int failures;
  private final int statuses;

  private Layout(long[] thresholds, long[] splits, boolean failuresApart) {
    this.thresholds = thresholds;
    this.splits = splits;
    this.firstSplit = splits.length == 0 ? Buckets.MAX_NANOS : splits[0];
    this.upper =
        LongStream.concat(
                LongStream.range(0, Buckets.COUNT).map(i -> Buckets.upperEdge((int) i)),
                Arrays.stream(splits))
            .sorted()
            .toArray();
    this.failures = failuresApart ? upper.length : 0;
    this.statuses = failures + upper.length;
  }

  /** Returns a layout in which the thresholds, in nanoseconds, are edges. */
  static Layout withThresholds(List<Long> thresholds) {
    long[] all = thresholds.stream().mapToLong(Long::longValue).distinct().sorted().toArray();
    long[] splits =
        Arrays.stream(all).filter(nanos -> Buckets.upperEdge(Buckets.of(nanos)) != nanos).toArray();
    return new Layout(all, splits, true);
  }

  /** Returns a layout that does not tell failures from successes. */
  static Layout plain() {
    return new Layout(new long[0], new long[0], false);
  }

  /** Returns the cell of a duration of 1 to {@link Buckets#MAX_NANOS} nanoseconds. */
  int cell(long nanos, boolean success) {
    int cell = Buckets.of(nanos);
    if (nanos > firstSplit) {
      cell += splitsBelow(nanos);
    }
    return success ? cell : cell + failures;
  }

  /** Returns the longest duration for which the cell of a success is its bucket. */
  long firstSplit() {
    return firstSplit;
  }

  /** Returns the cell of a class of status codes, 1 to 5. */
  int statusCell(int statusClass) {
    return statuses + statusClass - 1;
  }

  /** Returns the cell of the sum of durations of one outcome. */
  int sumCell(boolean success) {
    return statuses + STATUS_CLASSES + (success ? 0 : 1);
  }

  /** Returns the thresholds in nanoseconds, ascending; not to be written to. */
  long[] thresholds() {
    return thresholds;
  }

  /** Returns the cell of requests that were found running past a threshold. */
  int passedCell(int threshold) {
    return statuses + STATUS_CLASSES + 2 + 2 * threshold;
  }

  /** Returns the cell of requests that had been found running past a threshold and then ended. */
  int settledCell(int threshold) {
    return passedCell(threshold) + 1;
  }

  /** Returns how many cells are counted in. */
  int cells() {
    return passedCell(thresholds.length);
  }

  /** Returns how long an array of cells is. */
  int paddedCells() {
    return cells() + PADDING;
  }

  /** Returns how many cells divide the durations of one outcome. */
  int buckets() {
    return upper.length;
  }

  int failureOffset() {
    return failures;
  }

  /** Returns the longest duration of a bucket, in nanoseconds. */
  long upperEdge(int bucket) {
    return upper[bucket];
  }

  /** Returns the duration that stands for a bucket, in nanoseconds: its middle. */
  long middle(int bucket) {
    return Bucket.middle(lowerEdge(bucket), upper[bucket]);
  }

  /** Returns the duration that all of a bucket are over, in nanoseconds. */
  long lowerEdge(int bucket) {
    return bucket == 0 ? 0 : upper[bucket - 1];
  }

  /**
   * Returns the bucket whose upper edge is a threshold.
   *
   * @throws IllegalArgumentException if the threshold is not an edge of this layout
   */
  int bucketUpTo(long thresholdNanos) {
    int bucket = bucketEndingAt(thresholdNanos);
    if (bucket < 0) {
      throw new IllegalArgumentException("no bucket ends at " + thresholdNanos + " ns");
    }
    return bucket;
  }

  /** Returns the bucket of an upper edge, in nanoseconds; a negative number if there is none. */
  int bucketEndingAt(long nanos) {
    return Arrays.binarySearch(upper, nanos);
  }

  private int splitsBelow(long nanos) {
    int below = 0;
    for (long split : splits) {
      below += (int) ((split - nanos) >>> 63);
    }
    return below;
  }
}

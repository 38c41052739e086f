package dev.perfkit.sla;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Two counts that only grow, as they were at some moments of a window, to tell what they grew by in
 * it. At most 62 moments are kept, so it begins at most 1/60 of its length early. For one thread.
 */
final class Trail {

  private static final int MOMENTS = 60;

  private final long windowNanos;
  private final Deque<long[]> moments = new ArrayDeque<>();

  Trail(long windowNanos) {
    this.windowNanos = windowNanos;
  }

  /** Notes both counts, and returns what they grew by since the window began. */
  long[] grownBy(long now, long first, long second) {
    if (moments.isEmpty() || now - moments.getLast()[0] >= windowNanos / MOMENTS) {
      moments.addLast(new long[] {now, first, second});
    }
    long[] start = moments.removeFirst();
    while (!moments.isEmpty() && moments.getFirst()[0] <= now - windowNanos) {
      start = moments.removeFirst();
    }
    moments.addFirst(start);
    return new long[] {first - start[1], second - start[2]};
  }
}

package dev.perfkit.sla;

import dev.perfkit.spi.support.Options;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;

/**
 * The exclusions that were declared, the oldest first. None is ever changed or forgotten before the
 * counts that it touched are.
 */
final class Exclusions {

  static final int MOST = 1_000;

  private final ReentrantLock lock = new ReentrantLock();
  private final CopyOnWriteArrayList<ExclusionRecord> all = new CopyOnWriteArrayList<>();

  /**
   * Takes an exclusion.
   *
   * @throws IllegalArgumentException if it begins before now, or is known already
   * @throws IllegalStateException if there are too many
   */
  void declare(Exclusion exclusion, Instant now) {
    lock.lock();
    try {
      Options.require(
          !exclusion.from().isBefore(now.minusSeconds(1)),
          "from",
          "not lie in the past (it is " + now + "), as counts are not rewritten,",
          exclusion.from());
      all.removeIf(old -> old.exclusion().to().isBefore(now.minus(Ledger.KEPT)));
      if (all.size() >= MOST) {
        throw new IllegalStateException(
            "exclusions must be at most " + MOST + " in 400 days but there are " + all.size());
      }
      Options.require(find(exclusion) < 0, "exclusion", "be declared once", exclusion);
      all.add(new ExclusionRecord(exclusion, now, Optional.empty(), 0, 0));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends an exclusion early.
   *
   * @return whether it was still to end
   */
  boolean cancel(Exclusion exclusion, Instant now) {
    lock.lock();
    try {
      int index = find(exclusion);
      if (index < 0 || all.get(index).cancelled().isPresent() || !now.isBefore(exclusion.to())) {
        return false;
      }
      update(
          index,
          it ->
              new ExclusionRecord(
                  exclusion, it.declared(), Optional.of(now), it.requests(), it.failures()));
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Returns whether requests of a service do not count at a moment. */
  boolean isExcluded(String service, Instant moment) {
    return !all.isEmpty()
        && all.stream().anyMatch(it -> it.isActive(moment) && it.exclusion().isOf(service));
  }

  /** Adds to what was left out at a moment; if exclusions overlap, to each of them. */
  void count(String service, Instant moment, Counts left) {
    if (left.total() == 0) {
      return;
    }
    lock.lock();
    try {
      for (int i = 0; i < all.size(); i++) {
        if (all.get(i).isActive(moment) && all.get(i).exclusion().isOf(service)) {
          update(i, it -> with(it, left));
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Returns all of the past 400 days and to come; unmodifiable. */
  List<ExclusionRecord> all() {
    return List.copyOf(all);
  }

  private static ExclusionRecord with(ExclusionRecord record, Counts left) {
    return new ExclusionRecord(
        record.exclusion(),
        record.declared(),
        record.cancelled(),
        record.requests() + left.total(),
        record.failures() + left.bad());
  }

  private void update(int index, UnaryOperator<ExclusionRecord> change) {
    all.set(index, change.apply(all.get(index)));
  }

  private int find(Exclusion exclusion) {
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).exclusion().equals(exclusion)) {
        return i;
      }
    }
    return -1;
  }
}

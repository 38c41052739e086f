package dev.perfkit.sla;

import dev.perfkit.spi.support.Options;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;

/** The silences that were declared, the oldest first, kept as long as exclusions are. */
final class Silences {

  static final int MOST = 1_000;

  /** A silence that nobody remembers hides more than it should. */
  static final Duration LONGEST = Duration.ofDays(31);

  private final ReentrantLock lock = new ReentrantLock();
  private final CopyOnWriteArrayList<SilenceRecord> all = new CopyOnWriteArrayList<>();

  /**
   * Takes a silence.
   *
   * @throws IllegalArgumentException if it ends before now or too late, or is in force already
   * @throws IllegalStateException if there are too many
   */
  void declare(Silence silence, Instant now) {
    lock.lock();
    try {
      Options.require(
          silence.until().isAfter(now) && !silence.until().isAfter(now.plus(LONGEST)),
          "until",
          "lie in the next 31 days (it is " + now + ")",
          silence.until());
      all.removeIf(old -> old.silence().until().isBefore(now.minus(Ledger.KEPT)));
      if (all.size() >= MOST) {
        throw new IllegalStateException(
            "silences must be at most " + MOST + " in 400 days but there are " + all.size());
      }
      Options.require(find(silence, now) < 0, "silence", "not be in force already", silence);
      all.add(new SilenceRecord(silence, now, Optional.empty(), 0));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends a silence early.
   *
   * @return whether it was in force
   */
  boolean cancel(Silence silence, Instant now) {
    lock.lock();
    try {
      int index = find(silence, now);
      if (index < 0) {
        return false;
      }
      SilenceRecord old = all.get(index);
      all.set(index, new SilenceRecord(silence, old.declared(), Optional.of(now), old.held()));
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Returns whether an alert is not to be told at a moment. */
  boolean isSilent(Alert alert, Instant moment) {
    return !all.isEmpty()
        && all.stream().anyMatch(it -> it.isActive(moment) && it.silence().matches(alert));
  }

  /** Notes with each silence in force that it kept a change from being told. */
  void count(Alert alert, Instant moment) {
    lock.lock();
    try {
      for (int i = 0; i < all.size(); i++) {
        SilenceRecord old = all.get(i);
        if (old.isActive(moment) && old.silence().matches(alert)) {
          all.set(
              i, new SilenceRecord(old.silence(), old.declared(), old.cancelled(), old.held() + 1));
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Returns those that ended by themselves after a moment and not after another. */
  List<SilenceRecord> endedBetween(Instant after, Instant until) {
    List<SilenceRecord> ended = new ArrayList<>();
    for (SilenceRecord it : all) {
      Instant end = it.silence().until();
      if (it.cancelled().isEmpty() && end.isAfter(after) && !end.isAfter(until)) {
        ended.add(it);
      }
    }
    return ended;
  }

  /** Returns all of the past 400 days; unmodifiable. */
  List<SilenceRecord> all() {
    return List.copyOf(all);
  }

  private int find(Silence silence, Instant now) {
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).silence().equals(silence) && all.get(i).isActive(now)) {
        return i;
      }
    }
    return -1;
  }
}

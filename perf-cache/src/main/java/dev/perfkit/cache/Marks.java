package dev.perfkit.cache;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The invalidations of tags, as far as this node knows them, on a logical clock.
 *
 * <p>The clock counts invalidations; the mark of a tag is the time of its last one. A value carries
 * the time that its node knew before its load began, so it is valid if no mark of its tags is
 * later. A node that knows too early a time has its values loaded once more, which is safe.
 *
 * <p>The cluster's clock lives in Redis. A second one, which never leaves this node, times what
 * Redis has not acknowledged. Marks that are too many are forgotten by raising a floor: what is
 * older than the floor is invalid whatever its tags.
 *
 * <p>Readers take no lock. A change becomes visible as a whole when the version moves: they check a
 * value again when the version is not the one they checked it at.
 */
final class Marks {

  /** The tag that all values have. */
  static final String ALL = "*";

  /** The most marks a node or Redis keeps. */
  static final int CAPACITY = 4096;

  /** What the marks say about a value. */
  enum Verdict {
    VALID,
    /** It is not fresh any more, but may take the place of a load that fails. */
    EXPIRED,
    DEAD
  }

  /** What came of a mark from Redis. */
  enum Step {
    APPLIED,
    /** Something before it was missed. */
    GAP,
    /** Another mark had this time: two histories of one clock. */
    FORK
  }

  /**
   * A time on both clocks.
   *
   * @param genesis of the cluster's clock; 0 if Redis was never heard
   */
  record Reading(long genesis, long clock, long local) {}

  /** When a tag was last invalidated, 0 if never. */
  record Mark(long hard, long soft) {
    static final Mark NONE = new Mark(0, 0);

    Mark with(long at, boolean isHard) {
      return isHard ? new Mark(Math.max(hard, at), soft) : new Mark(hard, Math.max(soft, at));
    }

    Mark merge(Mark other) {
      return new Mark(Math.max(hard, other.hard), Math.max(soft, other.soft));
    }

    long last() {
      return Math.max(hard, soft);
    }
  }

  /**
   * The clock of the cluster as Redis has it.
   *
   * @param freshness tokens with tabs between them, a space, and the tag they came with
   */
  record Clock(
      long genesis,
      long time,
      String id,
      long floor,
      Map<String, Mark> marks,
      List<String> freshness) {}

  /**
   * The marks of another genesis are another table: no reader sees one with the time of another.
   */
  private record State(Reading reading, Table cluster) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final Table local = new Table();
  private volatile State state = new State(new Reading(0, 0, 0), new Table());
  private volatile String lastId = "";
  private volatile long version;
  private volatile long confirmedAt;
  private volatile boolean confirmed;

  /** Returns the number that moves with every change. */
  long version() {
    return version;
  }

  Reading reading() {
    return state.reading();
  }

  String lastId() {
    return lastId;
  }

  boolean isConfirmed() {
    return confirmed;
  }

  long confirmedAt() {
    return confirmedAt;
  }

  /** Has every value checked again; for changes elsewhere that readers must see. */
  void touch() {
    lock.lock();
    try {
      bump();
    } finally {
      lock.unlock();
    }
  }

  /** Says whether a value whose load began at a time is valid. */
  Verdict judge(Reading then, List<String> tags) {
    State now = state;
    if (then.genesis() != now.reading().genesis()) {
      return Verdict.DEAD;
    }
    Verdict ofCluster = now.cluster().judge(then.clock(), tags);
    return ofCluster == Verdict.DEAD
        ? ofCluster
        : worse(ofCluster, local.judge(then.local(), tags));
  }

  /** Invalidates a tag on this node alone. */
  void markHere(String tag, boolean hard) {
    lock.lock();
    try {
      Reading before = reading();
      long now = before.local() + 1;
      local.mark(tag, now, hard);
      moveTo(new Reading(before.genesis(), before.clock(), now));
      bump();
    } finally {
      lock.unlock();
    }
  }

  /** Applies one mark of the cluster's clock. */
  Step apply(long genesis, long time, String id, String tag, boolean hard) {
    lock.lock();
    try {
      Reading now = reading();
      if (genesis != now.genesis()) {
        return Step.GAP;
      }
      if (time <= now.clock()) {
        return time == now.clock() && !id.equals(lastId) ? Step.FORK : Step.APPLIED;
      }
      state.cluster().mark(tag, time, hard);
      boolean next = time == now.clock() + 1;
      if (next) {
        moveTo(new Reading(genesis, time, now.local()));
        lastId = id;
      }
      bump();
      return next ? Step.APPLIED : Step.GAP;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes over the whole clock, read after {@code before} was known.
   *
   * @return false if it is another history under the same genesis
   */
  boolean adopt(Clock clock, Reading before, String idBefore, long startedAt) {
    lock.lock();
    try {
      if (clock.genesis() != reading().genesis()) {
        move(clock, new Table());
      } else if (clock.time() < before.clock()
          || (clock.time() == before.clock() && !clock.id().equals(idBefore))) {
        return false;
      } else if (clock.time() > reading().clock()) {
        move(clock, state.cluster());
      }
      confirmedAt = startedAt;
      confirmed = true;
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void moveTo(Reading next) {
    state = new State(next, state.cluster());
  }

  private void move(Clock clock, Table table) {
    clock.marks().forEach(table::merge);
    table.raiseFloor(clock.floor());
    state = new State(new Reading(clock.genesis(), clock.time(), reading().local()), table);
    lastId = clock.id();
    bump();
  }

  // Written under the lock alone.
  @SuppressWarnings("NonAtomicVolatileUpdate")
  private void bump() {
    version++;
  }

  private static Verdict worse(Verdict one, Verdict other) {
    return one.compareTo(other) >= 0 ? one : other;
  }

  /** Marks by tag, and the floor below which they were forgotten. */
  private static final class Table {

    private final ConcurrentHashMap<String, Mark> marks = new ConcurrentHashMap<>();
    private volatile long floor;

    Verdict judge(long then, List<String> tags) {
      if (then < floor) {
        return Verdict.DEAD;
      }
      if (marks.isEmpty()) {
        return Verdict.VALID;
      }
      Verdict verdict = judge(then, ALL);
      for (int i = 0; i < tags.size() && verdict != Verdict.DEAD; i++) {
        verdict = worse(verdict, judge(then, tags.get(i)));
      }
      return verdict;
    }

    private Verdict judge(long then, String tag) {
      Mark mark = marks.getOrDefault(tag, Mark.NONE);
      if (mark.hard() > then) {
        return Verdict.DEAD;
      }
      return mark.soft() > then ? Verdict.EXPIRED : Verdict.VALID;
    }

    void mark(String tag, long at, boolean hard) {
      if (hard && tag.equals(ALL)) {
        raiseFloor(at);
        return;
      }
      marks.merge(tag, Mark.NONE.with(at, hard), Mark::merge);
      prune();
    }

    void merge(String tag, Mark mark) {
      marks.merge(tag, mark, Mark::merge);
      prune();
    }

    void raiseFloor(long at) {
      floor = Math.max(floor, at);
      marks.values().removeIf(mark -> mark.last() <= floor);
    }

    private void prune() {
      if (marks.size() > CAPACITY) {
        long[] times = marks.values().stream().mapToLong(Mark::last).sorted().toArray();
        raiseFloor(times[times.length / 2]);
      }
    }
  }
}

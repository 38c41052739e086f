package dev.perfkit.pool;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the texts of a group's statements are, remembered for those that are used again.
 *
 * <p>Two generations: when the young one is full it becomes the old one, whose texts are forgotten
 * unless they were used in the meantime. Long texts are read each time, very long ones not at all.
 * Safe for use by any number of threads, which may read one text at the same time.
 */
final class StatementKinds {

  /** Texts of a generation. */
  static final int GENERATION = 512;

  /** Longer texts are not remembered, in characters. */
  static final int LONGEST_KEPT = 2_000;

  /** Longer texts are not read: they may do anything. */
  static final int LONGEST_READ = 16_384;

  private record Generations(Map<String, StatementKind> young, Map<String, StatementKind> old) {

    static Generations first() {
      return new Generations(new ConcurrentHashMap<>(), Map.of());
    }

    Generations next() {
      return new Generations(new ConcurrentHashMap<>(), young);
    }
  }

  private final Set<String> safe;
  private volatile Generations known = Generations.first();

  /**
   * @param safe functions of the host that only read
   */
  StatementKinds(Set<String> safe) {
    this.safe = safe;
  }

  StatementKind of(String sql) {
    StatementKind found = known.young().get(sql);
    return found == null ? look(sql) : found;
  }

  private StatementKind look(String sql) {
    if (sql.length() > LONGEST_READ) {
      return StatementKind.STATEFUL;
    }
    StatementKind found = known.old().get(sql);
    if (found == null) {
      found = StatementText.kindOf(sql, safe);
    }
    remember(sql, found);
    return found;
  }

  /** A replica could not run what seemed to only read: it is for the primary from now on. */
  void refused(String sql) {
    remember(sql, StatementKind.STATELESS);
  }

  private void remember(String sql, StatementKind kind) {
    if (sql.length() > LONGEST_KEPT) {
      return;
    }
    Generations now = known;
    if (now.young().size() >= GENERATION) {
      now = now.next();
      known = now;
    }
    now.young().put(sql, kind);
  }

  /** Returns how many texts are remembered. */
  int size() {
    Generations now = known;
    return now.young().size() + now.old().size();
  }
}

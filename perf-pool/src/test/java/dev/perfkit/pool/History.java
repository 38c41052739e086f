package dev.perfkit.pool;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What clients were told, to be compared with what is stored in the end. Each business id is
 * written by attempts of its own, of which the next one begins when the former was told to try
 * again.
 *
 * <p>Returns violations as sentences; none means that the invariant held. Safe for use by any
 * number of threads.
 */
final class History {

  /** What a client was told of an attempt. */
  enum Told {
    /** It was committed. */
    OK,
    /** 08S02: nothing was committed. */
    NOTHING,
    /** 08007: nobody knows. */
    UNKNOWN,
    /** Anything else, before anything was sent. */
    REFUSED
  }

  /**
   * @param timelineBefore the highest timeline that was known when it began
   */
  record Attempt(long id, int number, Told told, long timelineBefore) {}

  /**
   * @param nodeAtBegin the node that the first statement of its transaction met
   * @param nodeAtEnd the one that the last met
   */
  record Row(long id, int attempt, long timeline, String nodeAtBegin, String nodeAtEnd) {

    String key() {
      return id + "/" + attempt;
    }
  }

  private final ConcurrentLinkedQueue<Attempt> attempts = new ConcurrentLinkedQueue<>();
  private final Set<Long> finished = java.util.concurrent.ConcurrentHashMap.newKeySet();
  final AtomicLong readOnlyWrites = new AtomicLong();

  void told(long id, int attempt, Told told, long timelineBefore) {
    attempts.add(new Attempt(id, attempt, told, timelineBefore));
  }

  /** The client believes that the id is stored. */
  void finished(long id) {
    finished.add(id);
  }

  long count(Told told) {
    return attempts.stream().filter(attempt -> attempt.told() == told).count();
  }

  int finished() {
    return finished.size();
  }

  /** J1: ok exactly once, 08S02 zero times, 08007 zero times or once; each id once in all. */
  List<String> lostOrDoubled(List<Row> rows) {
    Map<String, Integer> stored = new HashMap<>();
    Map<Long, Integer> ids = new HashMap<>();
    for (Row row : rows) {
      stored.merge(row.key(), 1, Integer::sum);
      ids.merge(row.id(), 1, Integer::sum);
    }
    List<String> wrong = new ArrayList<>();
    for (Attempt attempt : attempts) {
      int times = stored.getOrDefault(attempt.id() + "/" + attempt.number(), 0);
      if (!isRight(attempt.told(), times)) {
        wrong.add(attempt + " is stored " + times + " times");
      }
    }
    for (long id : new TreeSet<>(finished)) {
      if (ids.getOrDefault(id, 0) != 1) {
        wrong.add("id " + id + " is finished and stored " + ids.getOrDefault(id, 0) + " times");
      }
    }
    return wrong;
  }

  private static boolean isRight(Told told, int times) {
    return switch (told) {
      case OK -> times == 1;
      case NOTHING, REFUSED -> times == 0;
      case UNKNOWN -> times <= 1;
    };
  }

  /** J4: nothing was written below the highest timeline that was known when the attempt began. */
  List<String> belowTheTimeline(List<Row> rows) {
    Map<String, Long> known = new HashMap<>();
    attempts.forEach(a -> known.put(a.id() + "/" + a.number(), a.timelineBefore()));
    return rows.stream()
        .filter(row -> row.timeline() < known.getOrDefault(row.key(), 0L))
        .map(row -> row + " is below timeline " + known.get(row.key()))
        .toList();
  }

  /** J5: a transaction stays on its node. */
  static List<String> movedInTransaction(List<Row> rows) {
    return rows.stream()
        .filter(row -> !row.nodeAtBegin().equals(row.nodeAtEnd()))
        .map(row -> row + " changed its node")
        .toList();
  }
}

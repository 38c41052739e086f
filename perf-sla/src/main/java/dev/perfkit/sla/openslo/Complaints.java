package dev.perfkit.sla.openslo;

import dev.perfkit.sla.openslo.OpenSloException.Problem;
import java.util.ArrayList;
import java.util.List;

/** What is wrong with a text, as far as it was read. For one thread. */
final class Complaints {

  private static final int MOST = 100;

  private final List<Problem> problems = new ArrayList<>();

  void add(int line, String field, String rule) {
    if (problems.size() < MOST) {
      problems.add(new Problem(line, field, rule));
    }
  }

  boolean isEmpty() {
    return problems.isEmpty();
  }

  int size() {
    return problems.size();
  }

  void throwIfAny() {
    if (!problems.isEmpty()) {
      throw new OpenSloException(problems);
    }
  }
}

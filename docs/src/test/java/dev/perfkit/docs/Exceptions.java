package dev.perfkit.docs;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A short list of what a rule allows, each with its reason. An entry that nothing needs any more is
 * a problem itself, so the list stays short.
 */
final class Exceptions {

  private final Map<String, String> reasons = new LinkedHashMap<>();

  private Exceptions() {}

  static Exceptions none() {
    return new Exceptions();
  }

  /** Allows findings that begin with a text, for a reason. */
  Exceptions allow(String findingStart, String reason) {
    if (reason.isBlank()) {
      throw new IllegalArgumentException("an exception needs a reason: " + findingStart);
    }
    reasons.put(findingStart, reason);
    return this;
  }

  /** Returns the findings that are not allowed, and the entries that allow nothing. */
  List<String> apply(List<String> findings) {
    List<String> unused = new ArrayList<>(reasons.keySet());
    List<String> left = new ArrayList<>();
    for (String finding : findings) {
      List<String> matching = reasons.keySet().stream().filter(finding::startsWith).toList();
      unused.removeAll(matching);
      if (matching.isEmpty()) {
        left.add(finding);
      }
    }
    return Stream.concat(left.stream(), unused.stream().map(e -> "unused exception: " + e))
        .toList();
  }
}

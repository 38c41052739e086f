package dev.perfkit.compress;

import java.util.List;

/**
 * A path in which {@code *} stands for any characters, also none and slashes: what the URL patterns
 * of clients make of such a text. Matching takes time in proportion to the path.
 */
record PathPattern(List<String> parts) {

  static PathPattern of(String pattern) {
    return new PathPattern(List.of(pattern.split("\\*", -1)));
  }

  boolean matches(String path) {
    String first = parts.get(0);
    String last = parts.get(parts.size() - 1);
    if (parts.size() == 1) {
      return path.equals(first);
    }
    int end = path.length() - last.length();
    if (!path.startsWith(first) || !path.endsWith(last) || end < first.length()) {
      return false;
    }
    int at = first.length();
    for (String part : parts.subList(1, parts.size() - 1)) {
      int found = path.indexOf(part, at);
      if (found < 0 || found + part.length() > end) {
        return false;
      }
      at = found + part.length();
    }
    return true;
  }
}

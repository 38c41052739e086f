package dev.perfkit.compress.servlet;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Header fields that a decision may remove, held back until it is made: not every container can
 * take a field back.
 */
final class HeldHeaders {

  private static final Set<String> HELD =
      Set.of(
          "content-length",
          "content-encoding",
          "content-language",
          "content-location",
          "content-disposition",
          "etag",
          "last-modified",
          "accept-ranges",
          "vary");

  private final Map<String, List<String>> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  static boolean holds(String name) {
    return HELD.contains(name.toLowerCase(Locale.ROOT)) || Digests.isOne(name);
  }

  /** Sets a field; null removes it. */
  void set(String name, @Nullable String value) {
    fields.remove(name);
    if (value != null) {
      add(name, value);
    }
  }

  void add(String name, @Nullable String value) {
    if (value != null) {
      fields.computeIfAbsent(name, unused -> new ArrayList<>()).add(value);
    }
  }

  @Nullable String first(String name) {
    List<String> lines = fields.get(name);
    return lines == null ? null : lines.get(0);
  }

  List<String> all(String name) {
    return List.copyOf(fields.getOrDefault(name, List.of()));
  }

  Collection<String> names() {
    return List.copyOf(fields.keySet());
  }

  void clear() {
    fields.clear();
  }

  /** Hands all fields over. */
  void release(BiConsumer<String, String> add) {
    fields.forEach((name, lines) -> lines.forEach(line -> add.accept(name, line)));
    fields.clear();
  }
}

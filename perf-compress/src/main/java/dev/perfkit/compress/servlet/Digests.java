package dev.perfkit.compress.servlet;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Fields, in the head or after the body, that hold a digest of the bytes sent: of no use once those
 * are others.
 */
final class Digests {

  private static final Set<String> NAMES =
      Set.of("content-md5", "digest", "content-digest", "repr-digest");

  private Digests() {}

  static boolean isOne(String name) {
    return NAMES.contains(name.toLowerCase(Locale.ROOT));
  }

  /** Returns trailer fields without digests. */
  static @Nullable Map<String, String> removed(@Nullable Map<String, String> trailers) {
    if (trailers == null || trailers.keySet().stream().noneMatch(Digests::isOne)) {
      return trailers;
    }
    Map<String, String> left = new LinkedHashMap<>(trailers);
    left.keySet().removeIf(Digests::isOne);
    return left;
  }
}

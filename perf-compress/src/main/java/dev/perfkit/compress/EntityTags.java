package dev.perfkit.compress;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Entity tags of RFC 9110 section 8.8.3. A strong tag promises the same bytes, so an encoded body
 * must not carry the one of its identity: it carries the weak form, which promises the same
 * meaning.
 */
final class EntityTags {

  /** The most characters of {@code If-None-Match} that are read. */
  static final int MAX_LENGTH = 8192;

  private EntityTags() {}

  /** Returns the weak form of a tag, or null if it is not an entity tag at all. */
  static @Nullable String weak(String tag) {
    if (isStrong(tag)) {
      return "W/" + tag;
    }
    return tag.startsWith("W/") && isStrong(tag.substring(2)) ? tag : null;
  }

  /** Returns whether this is a quoted string of the characters a tag may have. */
  static boolean isStrong(String tag) {
    int last = tag.length() - 1;
    if (last < 1 || tag.charAt(0) != '"' || tag.charAt(last) != '"') {
      return false;
    }
    for (int i = 1; i < last; i++) {
      char c = tag.charAt(i);
      if (c <= ' ' || c == '"' || c == 0x7f) {
        return false;
      }
    }
    return true;
  }

  /**
   * Returns whether a client holds the weak form of a strong tag and not the strong one: what it
   * has is the encoded body, and a 304 must carry that very tag for its cache to find it.
   */
  static boolean heldOnlyWeakly(@Nullable Collection<String> ifNoneMatch, String strong) {
    if (ifNoneMatch == null) {
      return false;
    }
    boolean weakly = false;
    for (String line : ifNoneMatch) {
      if (line == null || line.length() > MAX_LENGTH) {
        continue;
      }
      for (int at = line.indexOf(strong); at >= 0; at = line.indexOf(strong, at + 1)) {
        if (at < 2 || !line.startsWith("W/", at - 2)) {
          return false;
        }
        weakly = true;
      }
    }
    return weakly;
  }
}

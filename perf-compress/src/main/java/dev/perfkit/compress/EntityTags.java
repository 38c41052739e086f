package dev.perfkit.compress;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Entity tags of RFC 9110 section 8.8.3. A strong tag promises the same bytes, so an encoded body
 * must not carry the one of its identity: it carries the weak form, which promises the same
 * meaning.
 */
final class EntityTags {

  /** The most characters of {@code If-None-Match} that are read. */
  static final int MAX_LENGTH = 8192;

  /** The most tags of a field that are read. */
  static final int MAX_TAGS = 256;

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

  /** Returns a tag without the mark of a weak one: what a weak comparison compares. */
  static String opaque(String tag) {
    return tag.startsWith("W/") ? tag.substring(2) : tag;
  }

  /**
   * Returns the tags that If-Match or If-None-Match lists, or {@code *}. What is not a tag is
   * skipped; at most {@link #MAX_LENGTH} characters and {@link #MAX_TAGS} tags are read.
   */
  static List<String> listed(@Nullable Collection<String> lines) {
    if (lines == null || lines.isEmpty()) {
      return List.of();
    }
    List<String> tags = new ArrayList<>();
    int budget = MAX_LENGTH;
    for (String line : lines) {
      if (line != null && line.length() <= budget) {
        budget -= line.length();
        addListed(line, tags);
      }
    }
    return tags;
  }

  private static void addListed(String line, List<String> tags) {
    int at = 0;
    while (at < line.length() && tags.size() < MAX_TAGS) {
      int start = skip(line, at);
      int quote = line.startsWith("W/", start) ? start + 2 : start;
      int end =
          quote < line.length() && line.charAt(quote) == '"' ? line.indexOf('"', quote + 1) : -1;
      int next = end < 0 ? line.indexOf(',', start) : end + 1;
      String member = line.substring(start, next < 0 ? line.length() : next).trim();
      if (member.equals("*") || isStrong(opaque(member))) {
        tags.add(member);
      }
      at = next < 0 ? line.length() : next;
    }
  }

  /** Returns where the next member begins. */
  private static int skip(String line, int from) {
    int at = from;
    while (at < line.length() && (line.charAt(at) == ',' || line.charAt(at) <= ' ')) {
      at++;
    }
    return at;
  }
}

package dev.perfkit.compress;

import dev.perfkit.spi.support.Options;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * A path, or with {@code /*} at its end a path and all beneath it. Compared with what a server
 * would make of a target: decoded, without parameters and queries, empty and dot segments resolved;
 * so another spelling of a path does not slip by.
 *
 * @param path in that form, without the star
 * @param beneath whether what lies beneath it is meant, too
 */
record RoutePattern(String path, boolean beneath) {

  private static final String STAR = "/*";

  /**
   * @throws IllegalArgumentException if it does not begin with a slash, or has a star elsewhere
   */
  static RoutePattern of(String pattern) {
    boolean beneath = pattern.endsWith(STAR);
    String path = beneath ? pattern.substring(0, pattern.length() - 2) : pattern;
    Options.require(
        pattern.startsWith("/") && path.indexOf('*') < 0,
        "route",
        "begin with / and have no * but in /* at its end",
        pattern);
    return new RoutePattern(normal(path), beneath);
  }

  boolean matches(String normalPath) {
    return normalPath.equals(path)
        || (beneath && (path.equals("/") || normalPath.startsWith(path + "/")));
  }

  /** Returns the path of a target URI in normal form; null if there is none to be read. */
  static @Nullable String ofTarget(String target) {
    int scheme = target.indexOf("://");
    int authority = scheme < 0 || scheme > target.indexOf('/') ? -1 : scheme + 3;
    int start = authority < 0 ? 0 : target.indexOf('/', authority);
    if (target.isEmpty()) {
      return null;
    }
    String rest = start < 0 ? "/" : target.substring(start);
    String path = until(until(rest, '?'), '#');
    String bare = withoutParameters(path);
    try {
      return normal(URLDecoder.decode(bare.replace("+", "%2B"), StandardCharsets.UTF_8));
    } catch (IllegalArgumentException notEncoded) {
      return normal(bare);
    }
  }

  private static String until(String text, char end) {
    int at = text.indexOf(end);
    return at < 0 ? text : text.substring(0, at);
  }

  private static String withoutParameters(String path) {
    if (path.indexOf(';') < 0) {
      return path;
    }
    StringBuilder bare = new StringBuilder(path.length());
    boolean parameter = false;
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      parameter = c == ';' || (parameter && c != '/');
      if (!parameter) {
        bare.append(c);
      }
    }
    return bare.toString();
  }

  private static String normal(String path) {
    if (isNormal(path)) {
      return path;
    }
    Deque<String> segments = new ArrayDeque<>();
    for (String segment : path.split("/", -1)) {
      if (segment.equals("..")) {
        segments.pollLast();
      } else if (!segment.isEmpty() && !segment.equals(".")) {
        segments.addLast(segment);
      }
    }
    return "/" + String.join("/", segments);
  }

  /** Returns whether there is nothing to resolve, which is usual. */
  private static boolean isNormal(String path) {
    return path.length() > 1
        && path.startsWith("/")
        && !path.endsWith("/")
        && !path.contains("//")
        && !path.contains("/.");
  }
}

package dev.perfkit.compress;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reading header fields that may come in several lines, and that may hold anything. */
final class Fields {

  private Fields() {}

  /** Returns whether there is a field line of that name. */
  static boolean has(Headers headers, String name) {
    Collection<String> lines = headers.all(name);
    return lines != null && !lines.isEmpty();
  }

  /** Returns the first line of a field, or null. */
  static @Nullable String first(Headers headers, String name) {
    Collection<String> lines = headers.all(name);
    if (lines == null) {
      return null;
    }
    for (String line : lines) {
      if (line != null) {
        return line;
      }
    }
    return null;
  }

  /** Returns all lines as one list, or an empty string. */
  static String joined(Headers headers, String name) {
    Collection<String> lines = headers.all(name);
    if (lines == null || lines.isEmpty()) {
      return "";
    }
    StringBuilder all = new StringBuilder();
    for (String line : lines) {
      if (line != null && !line.isBlank()) {
        all.append(all.length() == 0 ? "" : ", ").append(line.trim());
      }
    }
    return all.toString();
  }

  /** Returns whether a comma-separated list has a member, in any case; parameters do not count. */
  static boolean lists(String list, String member) {
    int from = 0;
    while (from < list.length()) {
      int comma = list.indexOf(',', from);
      int end = comma < 0 ? list.length() : comma;
      if (nameOf(list.substring(from, end)).equals(member)) {
        return true;
      }
      from = end + 1;
    }
    return false;
  }

  /** Returns what stands before the parameters, in lower case. */
  static String nameOf(String value) {
    int semicolon = value.indexOf(';');
    String name = semicolon < 0 ? value : value.substring(0, semicolon);
    return name.trim().toLowerCase(Locale.ROOT);
  }

  /** Returns whether a content type says UTF-8, or ASCII, or no charset at all. */
  static boolean isUtf8OrUnsaid(String contentType) {
    for (String parameter : contentType.toLowerCase(Locale.ROOT).split(";", -1)) {
      String said = parameter.trim().replace("\"", "");
      if (said.startsWith("charset=")) {
        return said.equals("charset=utf-8") || said.equals("charset=us-ascii");
      }
    }
    return true;
  }

  /** Returns the declared Content-Length, or -1 if there is none or it is not a number. */
  static long contentLength(Headers headers) {
    String value = first(headers, "Content-Length");
    if (value == null || value.isEmpty() || value.length() > 18) {
      return -1;
    }
    long length = 0;
    for (int i = 0; i < value.length(); i++) {
      int digit = value.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      length = 10 * length + digit;
    }
    return length;
  }
}

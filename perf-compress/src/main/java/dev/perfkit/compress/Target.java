package dev.perfkit.compress;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a target URI says of where a request goes.
 *
 * @param scheme in lower case
 * @param authority in lower case, without a default port
 */
record Target(String scheme, String authority, String path) {

  private static final Pattern URI =
      Pattern.compile("(https?)://([^/?#@]+)(/[^?#]*)?(?:[?#].*)?", Pattern.CASE_INSENSITIVE);

  /** What browsers take for this machine, whatever a name server says. */
  private static final Pattern THIS_MACHINE =
      Pattern.compile("(?:(?:[^:]+\\.)?localhost|127(?:\\.\\d{1,3}){3}|\\[::1])(?::\\d+)?");

  /** Returns the target of a full URI; null if it is not one of HTTP. */
  static @Nullable Target of(String uri) {
    Matcher parts = URI.matcher(uri);
    if (!parts.matches()) {
      return null;
    }
    String scheme = parts.group(1).toLowerCase(Locale.ROOT);
    String authority = parts.group(2).toLowerCase(Locale.ROOT);
    String port = scheme.equals("https") ? ":443" : ":80";
    String path = parts.group(3);
    return new Target(
        scheme,
        authority.endsWith(port)
            ? authority.substring(0, authority.length() - port.length())
            : authority,
        path == null ? "/" : path);
  }

  String origin() {
    return scheme + "://" + authority;
  }

  /** Returns this, as it is with TLS before it. */
  Target secured() {
    return new Target("https", authority, path);
  }

  boolean isSecure() {
    return scheme.equals("https") || THIS_MACHINE.matcher(authority).matches();
  }
}

package dev.perfkit.compress;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A strong entity tag that stands for the content of a target, because the host has said that it
 * does. Two users' bodies may carry the same tag, so whatever hints at a user keeps it from that.
 *
 * @param target the full target URI
 * @param type the content type
 * @param varied names and request values of the fields that {@code Vary} names
 */
record TaggedTarget(String target, String type, String tag, String varied)
    implements VariantSource {

  /** Returns what variants of a response are of; null if none may be kept. */
  static @Nullable VariantSource of(
      RequestHead request, ResponseHead response, boolean trustsEntityTags) {
    String control = Fields.joined(response.headers(), "Cache-Control");
    if (Fields.lists(control, "no-store")) {
      return null;
    }
    TaggedTarget tagged = trustsEntityTags && !isPrivate(control) ? of(request, response) : null;
    return tagged == null ? VariantSource.Unhashed.INSTANCE : tagged;
  }

  /** Also if only some fields are said to be: whoever says so thinks of users. */
  private static boolean isPrivate(String control) {
    return control.toLowerCase(Locale.ROOT).contains("private");
  }

  private static @Nullable TaggedTarget of(RequestHead request, ResponseHead response) {
    Headers asked = request.headers();
    Headers answered = response.headers();
    String tag = Fields.first(answered, "ETag");
    String type = Fields.first(answered, "Content-Type");
    if (tag == null
        || type == null
        || !EntityTags.isStrong(tag)
        || request.target().isEmpty()
        || response.status() != 200
        || !request.isGetOrHead()
        || Fields.has(answered, "Set-Cookie")
        || Fields.has(asked, "Authorization")) {
      return null;
    }
    String vary = Fields.joined(answered, "Vary");
    if (Fields.lists(vary, "*") || (Fields.has(asked, "Cookie") && !Fields.lists(vary, "cookie"))) {
      return null;
    }
    return new TaggedTarget(request.target(), type, tag, varied(vary, asked));
  }

  /** Returns names and values so that no two different lists look the same. */
  private static String varied(String vary, Headers asked) {
    if (vary.isEmpty() || vary.equalsIgnoreCase("Accept-Encoding")) {
      return "";
    }
    StringBuilder values = new StringBuilder();
    for (String member : vary.split(",", -1)) {
      String name = Fields.nameOf(member);
      if (name.isEmpty() || name.equals("accept-encoding")) {
        continue;
      }
      values.append(name).append('\n');
      Collection<String> lines = asked.all(name);
      if (lines != null) {
        lines.forEach(line -> values.append(' ').append(line).append('\n'));
      }
    }
    return values.toString();
  }
}

package dev.perfkit.compress;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which entity tags the variants of a body have, and which of them a client holds (RFC 9110,
 * sections 8.8.3 and 13.1). No state, no side effect, no exception for whatever a field holds.
 *
 * @param level the level at which a coding is encoded now
 * @param fingerprint what tells apart encoders that may give other bytes for the same body
 */
record TagRules(
    EntityTagPolicy policy,
    List<Coding> offered,
    ToIntFunction<Coding> level,
    Function<Coding, String> fingerprint) {

  /** Base, coding, level, fingerprint. */
  private static final Pattern SUFFIXED =
      Pattern.compile("(.*)--([a-z0-9!#$%&'+.^_`|~-]{1,32})-(0|[1-9]\\d?)-([0-9a-f]{8})\"");

  /** Returns these rules with more codings, the best first, and other fingerprints. */
  TagRules with(List<Coding> best, Function<Coding, String> fingerprints) {
    List<Coding> all = Stream.of(best, offered).flatMap(List::stream).toList();
    return new TagRules(policy, all, level, fingerprints);
  }

  /** Returns the tag of an encoded body, or null if it can have none. */
  @Nullable String encoded(String tag, Coding coding, int level) {
    if (policy == EntityTagPolicy.SUFFIX && EntityTags.isStrong(tag)) {
      String suffix = "--" + coding.token() + "-" + level + "-" + fingerprint.apply(coding) + "\"";
      return tag.substring(0, tag.length() - 1) + suffix;
    }
    return EntityTags.weak(tag);
  }

  /**
   * Returns the tag under which a client holds the current body in a form it still accepts; null if
   * it holds none, and what is sent instead must be whole.
   *
   * @param ifNoneMatch all lines of the field
   * @param current the tag of the identity body
   * @param accepted what the client accepts
   * @param next the tag the response would have, for a client that holds any
   */
  @Nullable String held(
      @Nullable Collection<String> ifNoneMatch, String current, Accepted accepted, String next) {
    for (String listed : EntityTags.listed(ifNoneMatch)) {
      if (listed.equals("*")) {
        return next;
      }
      if (denotes(listed, current, accepted)) {
        return listed;
      }
    }
    return null;
  }

  private boolean denotes(String listed, String current, Accepted accepted) {
    String opaque = EntityTags.opaque(listed);
    String base = EntityTags.opaque(current);
    if (opaque.equals(base)) {
      // The strong tag of a strong one is of the identity body; any other may be of an encoded one.
      boolean identity = EntityTags.isStrong(listed) || !EntityTags.isStrong(current);
      return (identity && !accepted.forbidsIdentity())
          || (!EntityTags.isStrong(listed) && accepted.acceptsAny(offered));
    }
    Matcher suffixed = SUFFIXED.matcher(opaque);
    return EntityTags.isStrong(current)
        && suffixed.matches()
        && base.equals(suffixed.group(1) + "\"")
        && isOfAVariant(suffixed, accepted);
  }

  private boolean isOfAVariant(Matcher suffixed, Accepted accepted) {
    for (Coding coding : offered) {
      if (coding.token().equals(suffixed.group(2))) {
        int level = Integer.parseInt(suffixed.group(3));
        return accepted.accepts(coding)
            && level >= coding.minLevel()
            && level <= coding.maxLevel()
            && fingerprint.apply(coding).equals(suffixed.group(4));
      }
    }
    return false;
  }

  /** Returns the tags of a field, and after each of a variant that of the identity body. */
  List<String> identityTags(@Nullable Collection<String> lines) {
    List<String> tags = new ArrayList<>();
    for (String listed : EntityTags.listed(lines)) {
      tags.add(listed);
      Matcher suffixed = SUFFIXED.matcher(EntityTags.opaque(listed));
      if (policy == EntityTagPolicy.SUFFIX && suffixed.matches() && isOurs(suffixed.group(2))) {
        tags.add((EntityTags.isStrong(listed) ? "" : "W/") + suffixed.group(1) + "\"");
      }
    }
    return tags;
  }

  private boolean isOurs(String token) {
    return Stream.of(Coding.builtIn(), Coding.withDictionary(), offered)
        .flatMap(List::stream)
        .anyMatch(coding -> coding.token().equals(token));
  }
}

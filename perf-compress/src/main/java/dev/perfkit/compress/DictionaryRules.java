package dev.perfkit.compress;

import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which responses may be encoded with a dictionary (RFC 9842): the client says by its exact hash
 * that it has it, the target is one that the dictionary is for, in a secure context, and a script
 * of another origin that could not read the response cannot learn of its length either.
 */
final class DictionaryRules {

  static final DictionaryRules NONE = new DictionaryRules(List.of(), false);

  private static final int HASH_LENGTH = 32;
  private static final int LONGEST_FIELD = 1024;

  private final List<DictionaryOffer> offers;
  private final Map<ContentHash, DictionaryOffer> byHash = new HashMap<>();
  private final boolean assumeTls;

  DictionaryRules(List<DictionaryOffer> offers, boolean assumeTls) {
    this.offers = offers;
    this.assumeTls = assumeTls;
    offers.forEach(offer -> byHash.put(offer.dictionary().hash(), offer));
  }

  /** Returns whether responses of a target may be others for other available dictionaries. */
  boolean vary(RequestHead request) {
    return !offers.isEmpty() && targetOf(request) != null;
  }

  /** Returns what is on offer for a request, or null. */
  @Nullable DictionaryOffer offer(RequestHead request, ResponseHead response) {
    if (offers.isEmpty()) {
      return null;
    }
    ContentHash available = hash(request.headers().all("Available-Dictionary"));
    DictionaryOffer known = available == null ? null : byHash.get(available);
    Target target = known == null ? null : targetOf(request);
    return known != null
            && target != null
            && known.dictionary().isFor(target)
            && isReadable(request.headers(), response.headers())
        ? known
        : null;
  }

  /** Returns the target if it is secure and any dictionary is for it. */
  private @Nullable Target targetOf(RequestHead request) {
    Target given = Target.of(request.target());
    if (given == null) {
      return null;
    }
    Target target = assumeTls ? given.secured() : given;
    return target.isSecure() && offers.stream().anyMatch(offer -> offer.dictionary().isFor(target))
        ? target
        : null;
  }

  /** The algorithm of RFC 9842, section 9.3.3. */
  private static boolean isReadable(Headers request, Headers response) {
    String site = Fields.first(request, "Sec-Fetch-Site");
    String mode = Fields.first(request, "Sec-Fetch-Mode");
    if (site == null || site.equals("same-origin") || mode == null) {
      return true;
    }
    if (mode.equals("navigate") || mode.equals("same-origin")) {
      return true;
    }
    String allowed = Fields.first(response, "Access-Control-Allow-Origin");
    String origin = Fields.first(request, "Origin");
    return mode.equals("cors")
        && allowed != null
        && origin != null
        && (allowed.equals("*") || allowed.equals(origin));
  }

  /** Reads a hash from a byte sequence of structured fields; null if it is not one. */
  static @Nullable ContentHash hash(@Nullable Collection<String> lines) {
    if (lines == null || lines.size() != 1) {
      return null;
    }
    String line = lines.iterator().next();
    String field = line == null ? "" : line.trim();
    int end = field.indexOf(':', 1);
    if (!field.startsWith(":") || end < 0 || field.length() > LONGEST_FIELD) {
      return null;
    }
    // Parameters may follow, and mean nothing.
    String rest = field.substring(end + 1);
    if (!rest.isEmpty() && !rest.startsWith(";")) {
      return null;
    }
    try {
      byte[] hash = Base64.getDecoder().decode(field.substring(1, end));
      return hash.length == HASH_LENGTH ? ContentHash.read(hash) : null;
    } catch (IllegalArgumentException notBase64) {
      return null;
    }
  }
}

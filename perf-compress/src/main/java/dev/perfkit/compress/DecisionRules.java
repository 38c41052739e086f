package dev.perfkit.compress;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * From a request's and a response's head to a decision: no state, no side effect, no exception for
 * whatever the heads hold. The rules are tried in the order they are written here.
 *
 * <p>{@code Vary: Accept-Encoding} belongs on every response that would have been another one for
 * another {@code Accept-Encoding}: the encoded and the identity form, the part (206) and the 304 of
 * such a body, and the 406. What is never encoded whatever the client says does not vary.
 *
 * @param offered the codings on offer, the best first
 * @param minimumSize the length in bytes from which a body is encoded
 * @param additionalTypes content types that shrink beside those of {@link ContentTypes}
 * @param makesTags whether a body without an entity tag is to get one
 * @param dictionaries which dictionaries are used for whom
 * @param foreign whether a coding is offered that is not built in
 */
record DecisionRules(
    List<Coding> offered,
    long minimumSize,
    Set<String> additionalTypes,
    Unacceptable unacceptable,
    TagRules tags,
    boolean makesTags,
    DictionaryRules dictionaries,
    boolean foreign) {

  DecisionRules(
      List<Coding> offered,
      long minimumSize,
      Set<String> additionalTypes,
      Unacceptable unacceptable,
      TagRules tags,
      boolean makesTags,
      DictionaryRules dictionaries) {
    this(
        offered,
        minimumSize,
        additionalTypes,
        unacceptable,
        tags,
        makesTags,
        dictionaries,
        offered.stream().anyMatch(coding -> coding.slot() == Coding.NO_SLOT));
  }

  /** Digests of the bytes sent or of the coded representation: stale once it is coded. */
  private static final List<String> STALE_WHEN_ENCODED =
      List.of(
          "Content-Length",
          "Accept-Ranges",
          "Content-MD5",
          "Digest",
          "Content-Digest",
          "Repr-Digest");

  /** Fields that describe a body which a 406 does not have. */
  private static final List<String> OF_THE_REFUSED_BODY =
      List.of(
          "Content-Type",
          "Content-Language",
          "Content-Location",
          "Content-Disposition",
          "ETag",
          "Last-Modified",
          "Accept-Ranges",
          "Content-MD5",
          "Digest",
          "Content-Digest",
          "Repr-Digest");

  /** Fields that describe a body which a 304 leaves to the client's copy. */
  private static final List<String> OF_THE_HELD_BODY =
      List.of(
          "Content-Type",
          "Content-Language",
          "Content-Encoding",
          "Content-Length",
          "Content-Disposition",
          "Last-Modified",
          "Accept-Ranges",
          "Content-MD5",
          "Digest",
          "Content-Digest",
          "Repr-Digest");

  private static final String BYTES = "bytes=";
  private static final String ACCEPT_ENCODING = "accept-encoding";
  private static final String AVAILABLE_DICTIONARY = "available-dictionary";
  private static final HeaderChanges VARY_ALONE =
      new HeaderChanges.Builder().set("Vary", "Accept-Encoding").build();
  private static final HeaderChanges VARY_BOTH =
      new HeaderChanges.Builder().set("Vary", "Accept-Encoding, Available-Dictionary").build();

  /** Decides by the rules of no route, with the levels of the codings. */
  Decision decide(RequestHead request, ResponseHead response) {
    return decide(
        request,
        response,
        RouteRules.plain(
            offered, (coding, given, type, length) -> tags.level().applyAsInt(coding)));
  }

  Decision decide(RequestHead request, ResponseHead response, RouteRules route) {
    Headers headers = response.headers();
    long declared = Fields.contentLength(headers);
    long length = response.bodyLength() >= 0 ? response.bodyLength() : declared;
    Decision.Builder decision = new Decision.Builder(response.status(), request.isHead(), declared);
    String tag = Fields.first(headers, "ETag");
    Accepted accepted = accepted(request, response, route);
    if (tag != null && EntityTags.isStrong(tag)) {
      decision.tag(tag);
    } else if (tag == null && makesTag(request, response)) {
      List<String> held = EntityTags.listed(request.headers().all("If-None-Match"));
      decision.pendingTag(new Decision.PendingTag(held, accepted));
    }
    Decision decided = decide(request, response, route, length, accepted, decision);
    return tag == null || decided.status() != 200 || !request.isGetOrHead()
        ? decided
        : unlessHeld(request.headers().all("If-None-Match"), accepted, tag, decided);
  }

  /** Returns the decision once a body without a tag has one. */
  Decision tagged(Decision decision, Decision.PendingTag pending, String made) {
    String encoded = decision.encodes() ? encodedTag(decision, made) : null;
    Decision tagged = decision.withTags(made, encoded);
    return decision.status() == 200
        ? unlessHeld(pending.ifNoneMatch(), pending.accepted(), made, tagged)
        : tagged;
  }

  private @Nullable String encodedTag(Decision decision, String made) {
    return decision.treatment().padded()
        ? EntityTags.weak(made)
        : decision.tags(tags).encoded(made, decision.coding(), decision.level());
  }

  /** Returns a decision for 304 if the client holds the body in a form it still accepts. */
  private Decision unlessHeld(
      @Nullable Collection<String> ifNoneMatch, Accepted accepted, String tag, Decision decided) {
    if (ifNoneMatch == null || ifNoneMatch.isEmpty() || EntityTags.weak(tag) == null) {
      return decided;
    }
    HeaderChanges changes = decided.changes();
    String next = changes.set().getOrDefault("ETag", tag);
    String held = accepted.tags(tags).held(ifNoneMatch, tag, accepted, next);
    if (held == null) {
      return decided;
    }
    HeaderChanges.Builder now = new HeaderChanges.Builder();
    String vary = changes.set().get("Vary");
    if (vary != null) {
      now.set("Vary", vary);
    }
    OF_THE_HELD_BODY.forEach(now::remove);
    return decided.notModified(now.set("ETag", held).build());
  }

  boolean forbidsIdentity(RequestHead request) {
    return Accepted.of(request.headers().all("Accept-Encoding"), foreign, null).forbidsIdentity();
  }

  /** No padding fits into codings with a dictionary. */
  private Accepted accepted(RequestHead request, ResponseHead response, RouteRules route) {
    return Accepted.of(
        request.headers().all("Accept-Encoding"),
        foreign,
        route.policy().isPadded() ? null : dictionaries.offer(request, response));
  }

  private boolean makesTag(RequestHead request, ResponseHead response) {
    String type = Fields.first(response.headers(), "Content-Type");
    return makesTags
        && request.isGetOrHead()
        && response.status() == 200
        && !ResponseCompressor.isStreamed(type)
        && !Fields.lists(Fields.joined(response.headers(), "Cache-Control"), "no-store");
  }

  private Decision decide(
      RequestHead request,
      ResponseHead response,
      RouteRules route,
      long length,
      Accepted accepted,
      Decision.Builder decision) {
    Headers headers = response.headers();
    Reason fixed = reasonNotToNegotiate(response, length);
    if (fixed != null) {
      return decision
          .identityChanges(fixedChanges(fixed, request, response, accepted))
          .identity(fixed);
    }
    if (!route.policy().compresses() && !route.policy().isSecret()) {
      return decision.identity(Reason.OFF);
    }
    HeaderChanges vary = vary(request, headers);
    decision.identityChanges(vary);
    return route.policy().isSecret()
        ? withheld(request, response, accepted, vary, decision)
        : negotiate(request, response, route, length, accepted, vary, decision);
  }

  /** What is secret is never encoded: who forbids identity gets nothing, where that is true. */
  private static Decision withheld(
      RequestHead request,
      ResponseHead response,
      Accepted accepted,
      HeaderChanges vary,
      Decision.Builder decision) {
    return accepted.forbidsIdentity() && mayStayAway(request, response)
        ? decision.refused(refusal(response.headers(), vary))
        : decision.identity(Reason.SECRET);
  }

  private Decision negotiate(
      RequestHead request,
      ResponseHead response,
      RouteRules route,
      long length,
      Accepted accepted,
      HeaderChanges vary,
      Decision.Builder decision) {
    boolean forbidden = accepted.forbidsIdentity();
    decision.identityForbidden(forbidden);
    Coding coding = accepted.choose(route.offered());
    if (coding == null) {
      return mayRefuse(request, response)
          ? decision.refused(refusal(response.headers(), vary))
          : decision.identity(Reason.NOT_ACCEPTED);
    }
    if (coding.equals(Coding.IDENTITY)) {
      return decision.identity(
          accepted.acceptsAny(route.offered()) ? Reason.IDENTITY_PREFERRED : Reason.NOT_ACCEPTED);
    }
    if (!forbidden && isForRange(request)) {
      return decision.identity(Reason.RANGE);
    }
    if (length >= 0 && length < minimumSize && !forbidden) {
      return decision.identity(Reason.TOO_SMALL);
    }
    int level = route.level(coding, response.headers(), length);
    if (coding.needsDictionary()) {
      decision.offer(accepted.offer());
    }
    TagRules rules = accepted.tags(tags);
    Treatment treatment = route.treatment(response.headers());
    HeaderChanges changes = encoded(response.headers(), vary, rules, coding, level);
    Decision encoded = decision.treatment(treatment).encoded(coding, level, changes);
    return treatment.padded() ? encoded.forStream() : encoded;
  }

  /** Ranges are defined for GET alone, and of units only bytes are. */
  static boolean isForRange(RequestHead request) {
    if (!request.method().equals("GET")) {
      return false;
    }
    String range = Fields.first(request.headers(), "Range");
    return range != null && range.regionMatches(true, 0, BYTES, 0, BYTES.length());
  }

  /** Returns why the response stays as it is whatever the client accepts, or null. */
  private @Nullable Reason reasonNotToNegotiate(ResponseHead response, long length) {
    int status = response.status();
    Headers headers = response.headers();
    if (status < 200 || status == 204 || status == 205 || status == 304) {
      return Reason.STATUS;
    }
    if (length == 0) {
      return Reason.NO_BODY;
    }
    if (status == 206 || Fields.has(headers, "Content-Range")) {
      return Reason.PARTIAL;
    }
    String existing = Fields.joined(headers, "Content-Encoding");
    if (!existing.isEmpty() && !existing.equalsIgnoreCase("identity")) {
      return Reason.ALREADY_ENCODED;
    }
    if (Fields.lists(Fields.joined(headers, "Cache-Control"), "no-transform")) {
      return Reason.NO_TRANSFORM;
    }
    return shrinks(headers) ? null : Reason.CONTENT_TYPE;
  }

  private boolean shrinks(Headers headers) {
    String type = Fields.first(headers, "Content-Type");
    return type != null && ContentTypes.shrinks(Fields.nameOf(type), additionalTypes);
  }

  private boolean mayRefuse(RequestHead request, ResponseHead response) {
    return unacceptable == Unacceptable.STATUS_406 && mayStayAway(request, response);
  }

  private static boolean mayStayAway(RequestHead request, ResponseHead response) {
    return request.isGetOrHead() && response.status() / 100 == 2;
  }

  /** Parts and 304s carry what the whole response would have carried. */
  private HeaderChanges fixedChanges(
      Reason reason, RequestHead request, ResponseHead response, Accepted accepted) {
    Headers headers = response.headers();
    boolean notModified = response.status() == 304;
    if (!(notModified || reason == Reason.PARTIAL) || !mayBeOfAVariant(headers)) {
      return HeaderChanges.NONE;
    }
    HeaderChanges vary = vary(request, headers);
    return notModified ? withHeldTag(request, headers, vary, accepted) : vary;
  }

  /** Returns whether the whole response may have been negotiated, as far as this head tells. */
  private boolean mayBeOfAVariant(Headers headers) {
    String type = Fields.first(headers, "Content-Type");
    return (type == null || type.startsWith("multipart/") || shrinks(headers))
        && !Fields.has(headers, "Content-Encoding")
        && !Fields.lists(Fields.joined(headers, "Cache-Control"), "no-transform");
  }

  /** Gives a 304 of the application the very tag the client holds, for its cache to find it. */
  private HeaderChanges withHeldTag(
      RequestHead request, Headers headers, HeaderChanges vary, Accepted accepted) {
    String tag = Fields.first(headers, "ETag");
    if (tag == null || !EntityTags.isStrong(tag)) {
      return vary;
    }
    List<String> listed = EntityTags.listed(request.headers().all("If-None-Match"));
    if (listed.contains(tag)) {
      return vary;
    }
    String held = accepted.tags(tags).held(listed, tag, accepted, tag);
    return held == null || held.equals(tag) ? vary : vary.with("ETag", held);
  }

  /**
   * Merges {@code Accept-Encoding} into what the application varies by; where a dictionary may be
   * used, {@code Available-Dictionary}, too.
   */
  private HeaderChanges vary(RequestHead request, Headers headers) {
    boolean byDictionary = dictionaries.vary(request);
    String existing = Fields.joined(headers, "Vary");
    if (existing.isEmpty()) {
      return byDictionary ? VARY_BOTH : VARY_ALONE;
    }
    if (Fields.lists(existing, "*")) {
      return HeaderChanges.NONE;
    }
    String merged = existing;
    if (!Fields.lists(existing, ACCEPT_ENCODING)) {
      merged += ", Accept-Encoding";
    }
    if (byDictionary && !Fields.lists(existing, AVAILABLE_DICTIONARY)) {
      merged += ", Available-Dictionary";
    }
    return merged.equals(existing) ? HeaderChanges.NONE : HeaderChanges.NONE.with("Vary", merged);
  }

  private static HeaderChanges encoded(
      Headers headers, HeaderChanges vary, TagRules tags, Coding coding, int level) {
    HeaderChanges.Builder changes = vary.toBuilder().set("Content-Encoding", coding.token());
    removePresent(headers, STALE_WHEN_ENCODED, changes);
    String tag = Fields.first(headers, "ETag");
    if (tag != null) {
      String ours = tags.encoded(tag, coding, level);
      if (ours == null) {
        changes.remove("ETag");
      } else if (!ours.equals(tag)) {
        changes.set("ETag", ours);
      }
    }
    return changes.build();
  }

  private static HeaderChanges refusal(Headers headers, HeaderChanges vary) {
    HeaderChanges.Builder changes = vary.toBuilder();
    removePresent(headers, OF_THE_REFUSED_BODY, changes);
    return changes.set("Content-Length", "0").build();
  }

  private static void removePresent(
      Headers headers, List<String> names, HeaderChanges.Builder changes) {
    for (String name : names) {
      if (Fields.has(headers, name)) {
        changes.remove(name);
      }
    }
  }
}

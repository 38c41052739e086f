package dev.perfkit.compress;

import dev.perfkit.spi.Beta;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What to do with a response: in which coding it is sent, why, and which header fields change.
 * Immutable.
 */
@Beta
public final class Decision {

  /** No length was declared. */
  static final long UNDECLARED = -1;

  private final Coding coding;
  private final int level;
  private final Reason reason;
  private final int status;
  private final HeaderChanges changes;
  private final Context context;

  private Decision(
      Context context, Coding coding, int level, Reason reason, int status, HeaderChanges now) {
    this.context = context;
    this.coding = coding;
    this.level = level;
    this.reason = reason;
    this.status = status;
    this.changes = now;
  }

  /** Returns the coding the body is to be sent in; {@link Coding#IDENTITY} if it is not encoded. */
  public Coding coding() {
    return coding;
  }

  /** Returns why. */
  public Reason reason() {
    return reason;
  }

  /** Returns the status to send: the application's, or 406. */
  public int status() {
    return status;
  }

  /** Returns what must change in the response's header fields. */
  public HeaderChanges changes() {
    return changes;
  }

  /** Returns whether the body is to be encoded. */
  public boolean encodes() {
    return !coding.equals(Coding.IDENTITY);
  }

  /** Returns whether the body stays away from the client: it gets 406 or 304. */
  public boolean dropsBody() {
    return reason == Reason.NOT_ACCEPTABLE || reason == Reason.NOT_MODIFIED;
  }

  /**
   * Returns whether {@link ResponseCompressor#encode} has a use for the whole body: to encode it,
   * or to make an entity tag of it. If not, the body may be sent as it comes.
   */
  public boolean needsBody() {
    return encodes() || context.pendingTag() != null;
  }

  /** Returns the level the coding is to be encoded at. */
  int level() {
    return level;
  }

  /** Returns whether the request was HEAD. */
  boolean isHead() {
    return context.head();
  }

  /** Returns whether the client forbids identity, so that size and benefit do not count. */
  boolean identityForbidden() {
    return context.identityForbidden();
  }

  /** Returns the application's Content-Length, or {@link #UNDECLARED}. */
  long declaredLength() {
    return context.declaredLength();
  }

  /** Returns what is done with the body beside encoding it. */
  Treatment treatment() {
    return context.treatment();
  }

  /** Returns what is known of the client's copies, if a tag is to be made of the body; or null. */
  @Nullable PendingTag pendingTag() {
    return context.pendingTag();
  }

  /** Returns the dictionary the body is encoded with, and how; null if it is without one. */
  @Nullable DictionaryOffer offer() {
    return context.offer();
  }

  /** Returns the rules of tags for this body. */
  TagRules tags(TagRules plain) {
    DictionaryOffer offer = context.offer();
    return offer == null ? plain : offer.tags();
  }

  /** Returns what variants of the body are of; null if none may be kept. */
  @Nullable VariantSource source() {
    return context.source();
  }

  /** Returns the decision with what variants of the body are of. */
  Decision withSource(@Nullable VariantSource source) {
    return new Decision(context.withSource(source), coding, level, reason, status, changes);
  }

  /** Returns the decision for a body that was encoded at another level. */
  Decision atLevel(int actual, TagRules tags) {
    if (actual == level) {
      return this;
    }
    String tag = context.tag();
    String encoded =
        tag == null || !changes.set().containsKey("ETag")
            ? null
            : tags(tags).encoded(tag, coding, actual);
    HeaderChanges now = encoded == null ? changes : changes.with("ETag", encoded);
    return new Decision(context, coding, actual, reason, status, now);
  }

  /** Returns the decision for a body of a coding whose length is now known. */
  Decision withLength(int length) {
    return with(changes.with("Content-Length", Integer.toString(length)));
  }

  /** Returns the decision with what encoding took, if that is to be told. */
  Decision withTiming(long nanos) {
    String timing = context.treatment().timing(coding, level, nanos);
    return timing == null ? this : with(changes.with("Server-Timing", timing));
  }

  /** Returns the decision with the tags of a body that had none. */
  Decision withTags(String identityTag, @Nullable String encodedTag) {
    Context tagged = context.withIdentityTag(identityTag);
    if (!encodes()) {
      return new Decision(tagged, coding, level, reason, status, tagged.identityChanges());
    }
    HeaderChanges now = encodedTag == null ? changes : changes.with("ETag", encodedTag);
    return new Decision(tagged, coding, level, reason, status, now);
  }

  /** Returns the decision for a body that is encoded as it comes, which has no strong tag. */
  Decision forStream() {
    String tag = changes.set().get("ETag");
    return tag == null || !EntityTags.isStrong(tag) || context.tag() == null
        ? this
        : with(changes.with("ETag", "W/" + context.tag()));
  }

  /** Returns the decision to send the body as it is after all. */
  Decision fallBack(Reason why) {
    return new Decision(context, Coding.IDENTITY, 0, why, status, context.identityChanges());
  }

  /** Returns the decision to tell the client that it holds the body, under a tag. */
  Decision notModified(HeaderChanges now) {
    return new Decision(context, Coding.IDENTITY, 0, Reason.NOT_MODIFIED, 304, now);
  }

  private Decision with(HeaderChanges now) {
    return new Decision(context, coding, level, reason, status, now);
  }

  @Override
  public String toString() {
    return "Decision[" + coding.token() + ", " + reason.code() + ", " + status + "]";
  }

  /**
   * What is known of the client's copies before there is a tag.
   *
   * @param ifNoneMatch all lines of the field
   * @param accepted what the client accepts
   */
  record PendingTag(List<String> ifNoneMatch, Accepted accepted) {}

  /**
   * What the rules found out about a response, whatever is done with it.
   *
   * @param identityChanges what changes if it is sent as it is
   * @param tag the strong entity tag of the application, or null
   * @param pendingTag if a tag is to be made of the body
   * @param source what variants of the body are of, if they may be kept
   * @param offer the dictionary that is used
   */
  private record Context(
      HeaderChanges identityChanges,
      boolean head,
      boolean identityForbidden,
      long declaredLength,
      @Nullable String tag,
      @Nullable PendingTag pendingTag,
      @Nullable VariantSource source,
      @Nullable DictionaryOffer offer,
      Treatment treatment) {

    Context withIdentityTag(String made) {
      HeaderChanges changes = identityChanges.with("ETag", made);
      return new Context(
          changes, head, identityForbidden, declaredLength, made, null, source, offer, treatment);
    }

    Context withSource(@Nullable VariantSource of) {
      return new Context(
          identityChanges,
          head,
          identityForbidden,
          declaredLength,
          tag,
          pendingTag,
          of,
          offer,
          treatment);
    }
  }

  /** What the rules found out about a response on the way to a decision. For one thread. */
  static final class Builder {

    private final int status;
    private final boolean head;
    private final long declaredLength;
    private HeaderChanges identityChanges = HeaderChanges.NONE;
    private boolean identityForbidden;
    private @Nullable String tag;
    private @Nullable PendingTag pendingTag;
    private @Nullable DictionaryOffer offer;
    private Treatment treatment = Treatment.NONE;

    Builder(int status, boolean head, long declaredLength) {
      this.status = status;
      this.head = head;
      this.declaredLength = declaredLength;
    }

    Builder identityChanges(HeaderChanges changes) {
      identityChanges = changes;
      return this;
    }

    Builder identityForbidden(boolean forbidden) {
      identityForbidden = forbidden;
      return this;
    }

    /** The strong tag of the application, if there is one. */
    Builder tag(@Nullable String strong) {
      tag = strong;
      return this;
    }

    Builder pendingTag(PendingTag pending) {
      pendingTag = pending;
      return this;
    }

    Builder offer(@Nullable DictionaryOffer used) {
      offer = used;
      return this;
    }

    Builder treatment(Treatment beside) {
      treatment = beside;
      return this;
    }

    Decision identity(Reason reason) {
      return decision(Coding.IDENTITY, 0, reason, status, identityChanges);
    }

    Decision encoded(Coding coding, int level, HeaderChanges changes) {
      return decision(coding, level, Reason.ENCODED, status, changes);
    }

    Decision refused(HeaderChanges changes) {
      pendingTag = null;
      return decision(Coding.IDENTITY, 0, Reason.NOT_ACCEPTABLE, 406, changes);
    }

    private Decision decision(
        Coding coding, int level, Reason reason, int status, HeaderChanges changes) {
      Context context =
          new Context(
              identityChanges,
              head,
              identityForbidden,
              declaredLength,
              tag,
              pendingTag,
              null,
              offer,
              treatment);
      return new Decision(context, coding, level, reason, status, changes);
    }
  }
}

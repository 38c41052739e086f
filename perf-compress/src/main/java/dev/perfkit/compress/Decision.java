package dev.perfkit.compress;

import dev.perfkit.spi.Beta;

/**
 * What to do with a response: in which coding it is sent, why, and which header fields change.
 * Immutable.
 */
@Beta
public final class Decision {

  /** No length was declared. */
  static final long UNDECLARED = -1;

  private final Coding coding;
  private final Reason reason;
  private final int status;
  private final HeaderChanges changes;
  private final HeaderChanges identityChanges;
  private final boolean head;
  private final boolean identityForbidden;
  private final long declaredLength;

  private Decision(Builder builder, Coding coding, Reason reason, int status, HeaderChanges now) {
    this.coding = coding;
    this.reason = reason;
    this.status = status;
    this.changes = now;
    this.identityChanges = builder.identityChanges;
    this.head = builder.head;
    this.identityForbidden = builder.identityForbidden;
    this.declaredLength = builder.declaredLength;
  }

  private Decision(Decision before, Coding coding, Reason reason, HeaderChanges now) {
    this.coding = coding;
    this.reason = reason;
    this.status = before.status;
    this.changes = now;
    this.identityChanges = before.identityChanges;
    this.head = before.head;
    this.identityForbidden = before.identityForbidden;
    this.declaredLength = before.declaredLength;
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
    return coding != Coding.IDENTITY;
  }

  /** Returns whether the body stays away from the client: it gets 406. */
  public boolean refuses() {
    return reason == Reason.NOT_ACCEPTABLE;
  }

  /** Returns whether the request was HEAD. */
  boolean isHead() {
    return head;
  }

  /** Returns whether the client forbids identity, so that size and benefit do not count. */
  boolean identityForbidden() {
    return identityForbidden;
  }

  /** Returns the application's Content-Length, or {@link #UNDECLARED}. */
  long declaredLength() {
    return declaredLength;
  }

  /** Returns the decision for a body of a coding whose length is now known. */
  Decision withLength(int length) {
    return new Decision(
        this, coding, reason, changes.with("Content-Length", Integer.toString(length)));
  }

  /** Returns the decision to send the body as it is after all. */
  Decision fallBack(Reason why) {
    return new Decision(this, Coding.IDENTITY, why, identityChanges);
  }

  @Override
  public String toString() {
    return "Decision[" + coding.token() + ", " + reason.code() + ", " + status + "]";
  }

  /** What the rules found out about a response on the way to a decision. For one thread. */
  static final class Builder {

    private HeaderChanges identityChanges = HeaderChanges.NONE;
    private final int status;
    private final boolean head;
    private final long declaredLength;
    private boolean identityForbidden;

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

    Decision identity(Reason reason) {
      return new Decision(this, Coding.IDENTITY, reason, status, identityChanges);
    }

    Decision encoded(Coding coding, HeaderChanges changes) {
      return new Decision(this, coding, Reason.ENCODED, status, changes);
    }

    Decision refused(HeaderChanges changes) {
      return new Decision(this, Coding.IDENTITY, Reason.NOT_ACCEPTABLE, 406, changes);
    }
  }
}

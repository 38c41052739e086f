package dev.perfkit.cache;

/** A value has no stored form, or a stored form no value. Thrown often: carries no stack trace. */
final class CodingException extends Exception {

  private static final long serialVersionUID = 1;

  private final Reason reason;

  CodingException(Reason reason) {
    super(reason.word(), null, false, false);
    this.reason = reason;
  }

  Reason reason() {
    return reason;
  }
}

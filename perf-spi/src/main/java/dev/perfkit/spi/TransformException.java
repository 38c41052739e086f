package dev.perfkit.spi;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A payload could not be transformed. The message never holds a part of the payload. */
@Beta
public final class TransformException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** Why. */
  public enum Reason {
    /** Not what the transform wrote, changed since, or of another context. */
    DAMAGED,
    /** Larger than the caller allowed. */
    TOO_LARGE,
    /** The key or dictionary it needs is unknown, disabled or out of reach. */
    KEY_UNAVAILABLE
  }

  private final Reason reason;

  /** Creates one without a cause. */
  public TransformException(Reason reason, String message) {
    this(reason, message, null);
  }

  /** Creates one with the failure underneath. */
  public TransformException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = Objects.requireNonNull(reason, "reason");
  }

  /** Returns why. */
  public Reason reason() {
    return reason;
  }
}

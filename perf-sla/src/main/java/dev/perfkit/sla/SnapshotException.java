package dev.perfkit.sla;

import dev.perfkit.spi.Beta;
import java.util.Objects;

/** A snapshot of a service cannot be read, or not be merged with another. Nothing was changed. */
@Beta
public final class SnapshotException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Why. */
  public enum Reason {
    /** The bytes are not those of a snapshot, or changed since. */
    DAMAGED,
    /** The bytes are of a version that this one does not know. */
    UNKNOWN_VERSION,
    /** It is of another service or window, or has other buckets, thresholds or objectives. */
    FOREIGN
  }

  private final Reason reason;

  SnapshotException(Reason reason, String message) {
    super(message);
    this.reason = Objects.requireNonNull(reason, "reason");
  }

  /** Returns why. */
  public Reason reason() {
    return reason;
  }
}

package dev.perfkit.spi;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** How a component is doing, with a reason that a person can act on. Immutable. */
@Beta
public final class Health {

  /** From best to worst. */
  public enum Status {
    /** Everything works. */
    UP,
    /** Not known yet, or no longer. */
    UNKNOWN,
    /** Works with less: slower, narrower or without a fallback. */
    DEGRADED,
    /** Does not do its work. */
    DOWN;

    /** Returns whether this status is worse than another one. */
    public boolean isWorseThan(Status other) {
      return compareTo(other) > 0;
    }
  }

  private static final Health UP = new Health(Status.UP, "", Map.of());

  private final Status status;
  private final String reason;
  private final Map<String, String> details;

  private Health(Status status, String reason, Map<String, String> details) {
    this.status = status;
    this.reason = reason;
    this.details = details;
  }

  /** Returns {@link Status#UP} without a reason. */
  public static Health up() {
    return UP;
  }

  /**
   * Returns a status and its reason.
   *
   * @param reason what is wrong and what it means; empty only for {@link Status#UP}
   * @throws IllegalArgumentException if a status other than UP has a blank reason
   */
  public static Health of(Status status, String reason) {
    Objects.requireNonNull(status, "status");
    Objects.requireNonNull(reason, "reason");
    if (status != Status.UP && reason.isBlank()) {
      throw new IllegalArgumentException("reason of " + status + " must not be blank");
    }
    return new Health(status, reason, Map.of());
  }

  /** Returns this health with one detail more, such as {@code pending=12}. */
  public Health with(String key, String value) {
    Map<String, String> more = new LinkedHashMap<>(details);
    more.put(Objects.requireNonNull(key, "key"), Objects.requireNonNull(value, "value"));
    return new Health(status, reason, Collections.unmodifiableMap(more));
  }

  /** Returns the status. */
  public Status status() {
    return status;
  }

  /** Returns the reason; may be empty when UP. */
  public String reason() {
    return reason;
  }

  /** Returns the details in the order they were added; unmodifiable. */
  public Map<String, String> details() {
    return details;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Health that
        && status == that.status
        && reason.equals(that.reason)
        && details.equals(that.details);
  }

  @Override
  public int hashCode() {
    return Objects.hash(status, reason, details);
  }

  @Override
  public String toString() {
    return status
        + (reason.isEmpty() ? "" : ": " + reason)
        + (details.isEmpty() ? "" : " " + details);
  }
}

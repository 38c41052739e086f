package dev.perfkit.spi;

import dev.perfkit.spi.support.Options;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Something that happened once and that a person may want to know: a failover, a breaker that
 * opened, a key that was rotated. Never carries secrets or user data. Immutable.
 */
@Beta
public final class Event {

  /** How much it matters. */
  public enum Severity {
    /** Worth a line in the log. */
    INFO,
    /** Something works with less. */
    WARNING,
    /** Somebody must act. */
    CRITICAL
  }

  private final String source;
  private final String type;
  private final Severity severity;
  private final long epochMillis;
  private final String message;
  private final Map<String, String> details;

  private Event(
      String source,
      String type,
      Severity severity,
      long epochMillis,
      String message,
      Map<String, String> details) {
    this.source = source;
    this.type = type;
    this.severity = severity;
    this.epochMillis = epochMillis;
    this.message = message;
    this.details = details;
  }

  /**
   * Returns an event without details.
   *
   * @param source kind and name of the component, such as {@code cache/users}
   * @param type a stable word for programs, such as {@code breaker-opened}
   * @param epochMillis when, by the wall clock
   * @param message a sentence for people
   * @throws IllegalArgumentException if source, type or message is blank
   */
  public static Event of(
      String source, String type, Severity severity, long epochMillis, String message) {
    return new Event(
        Options.notBlank("source", source),
        Options.notBlank("type", type),
        Objects.requireNonNull(severity, "severity"),
        epochMillis,
        Options.notBlank("message", message),
        Map.of());
  }

  /** Returns this event with one detail more. */
  public Event with(String key, String value) {
    Map<String, String> more = new LinkedHashMap<>(details);
    more.put(Objects.requireNonNull(key, "key"), Objects.requireNonNull(value, "value"));
    return new Event(
        source, type, severity, epochMillis, message, Collections.unmodifiableMap(more));
  }

  /** Returns kind and name of the component it came from. */
  public String source() {
    return source;
  }

  /** Returns the stable word for programs. */
  public String type() {
    return type;
  }

  /** Returns how much it matters. */
  public Severity severity() {
    return severity;
  }

  /** Returns when it happened, in milliseconds since 1970-01-01T00:00Z. */
  public long epochMillis() {
    return epochMillis;
  }

  /** Returns the sentence for people. */
  public String message() {
    return message;
  }

  /** Returns the details in the order they were added; unmodifiable. */
  public Map<String, String> details() {
    return details;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Event that
        && source.equals(that.source)
        && type.equals(that.type)
        && severity == that.severity
        && epochMillis == that.epochMillis
        && message.equals(that.message)
        && details.equals(that.details);
  }

  @Override
  public int hashCode() {
    return Objects.hash(source, type, severity, epochMillis, message, details);
  }

  @Override
  public String toString() {
    return Instant.ofEpochMilli(epochMillis)
        + " "
        + severity
        + " "
        + source
        + " "
        + type
        + ": "
        + message
        + (details.isEmpty() ? "" : " " + details);
  }
}

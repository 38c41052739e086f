package dev.perfkit.sla;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.support.Options;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How changes of alerts are told together: as one event of the type {@code alert-group} for all
 * that have something in common and come within a window, which the first of them opens. Each
 * member is a detail, under its id, with the state it had last. Immutable.
 *
 * <p>Each is told later by up to the window, pages too.
 */
@Beta
public final class AlertGroups {

  /** What alerts of a group have in common. */
  public enum Key {
    /** The service, or other subject. */
    SERVICE,
    /** The objective or signal. */
    OBJECTIVE,
    /** The rule. */
    RULE,
    /** The severity. */
    SEVERITY;

    String of(Alert alert) {
      return switch (this) {
        case SERVICE -> alert.service();
        case OBJECTIVE -> alert.objective();
        case RULE -> alert.rule();
        case SEVERITY -> alert.severity().name().toLowerCase(Locale.ROOT);
      };
    }
  }

  /** For how long a group collects unless set otherwise: 30 seconds. */
  public static final Duration DEFAULT_WINDOW = Duration.ofSeconds(30);

  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofHours(1);
  private static final AlertGroups NONE = new AlertGroups(Set.of(), Duration.ZERO);

  private final Set<Key> keys;
  private final Duration window;

  private AlertGroups(Set<Key> keys, Duration window) {
    this.keys = keys;
    this.window = window;
  }

  /** Returns no groups: each change is told by itself, at once. */
  public static AlertGroups none() {
    return NONE;
  }

  /** Returns groups of alerts that have some things in common; without any, one group of all. */
  public static AlertGroups by(Key... keys) {
    Set<Key> set = EnumSet.noneOf(Key.class);
    set.addAll(Arrays.asList(keys));
    return new AlertGroups(set, DEFAULT_WINDOW);
  }

  /**
   * Returns these groups with another window.
   *
   * @param window 1 second to 1 hour, by default 30 seconds
   * @throws IllegalArgumentException if the window is outside that range, or these are no groups
   */
  public AlertGroups within(Duration window) {
    Options.require(isGrouping(), "groups", "be by a key", "none");
    return new AlertGroups(keys, Options.between("window", SHORTEST, LONGEST, window));
  }

  boolean isGrouping() {
    return !window.isZero();
  }

  Duration window() {
    return window;
  }

  /** Returns the name of the group of an alert, such as {@code service=api}. */
  String nameOf(Alert alert) {
    return keys.isEmpty()
        ? "all"
        : keys.stream()
            .map(key -> key.name().toLowerCase(Locale.ROOT) + "=" + key.of(alert))
            .collect(Collectors.joining(","));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AlertGroups that
        && keys.equals(that.keys)
        && window.equals(that.window);
  }

  @Override
  public int hashCode() {
    return Objects.hash(keys, window);
  }

  @Override
  public String toString() {
    return isGrouping()
        ? "AlertGroups[by " + keys + " within " + Durations.brief(window) + "]"
        : "AlertGroups[none]";
  }
}

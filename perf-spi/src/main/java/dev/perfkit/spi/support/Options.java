package dev.perfkit.spi.support;

import java.time.Duration;
import java.util.Objects;

/**
 * Checks of a single option. Each returns the value it was given, or throws an {@link
 * IllegalArgumentException} that names property, rule and value: {@code maximumSize must be at
 * least 1 but was 0}. Rules that involve several options are collected with {@link Problems}.
 */
public final class Options {

  private Options() {}

  /** Returns the value if it is not blank. */
  public static String notBlank(String property, String value) {
    Objects.requireNonNull(value, property);
    require(!value.isBlank(), property, "not be blank", "'" + value + "'");
    return value;
  }

  /** Returns the value if it is {@code min} or more. */
  public static int atLeast(String property, int min, int value) {
    require(value >= min, property, "be at least " + min, value);
    return value;
  }

  /** Returns the value if it is {@code min} or more. */
  public static long atLeast(String property, long min, long value) {
    require(value >= min, property, "be at least " + min, value);
    return value;
  }

  /** Returns the value if it is {@code min} to {@code max}. */
  public static int between(String property, int min, int max, int value) {
    require(value >= min && value <= max, property, "be between " + min + " and " + max, value);
    return value;
  }

  /** Returns the value if it is {@code min} to {@code max}; NaN never is. */
  public static double between(String property, double min, double max, double value) {
    require(value >= min && value <= max, property, "be between " + min + " and " + max, value);
    return value;
  }

  /** Returns the value if it is over zero. */
  public static Duration positive(String property, Duration value) {
    Objects.requireNonNull(value, property);
    require(!value.isZero() && !value.isNegative(), property, "be over 0", value);
    return value;
  }

  /** Returns the value if it is zero or more. */
  public static Duration notNegative(String property, Duration value) {
    Objects.requireNonNull(value, property);
    require(!value.isNegative(), property, "not be negative", value);
    return value;
  }

  /** Returns the value if it is {@code min} to {@code max}. */
  public static Duration between(String property, Duration min, Duration max, Duration value) {
    Objects.requireNonNull(value, property);
    require(
        value.compareTo(min) >= 0 && value.compareTo(max) <= 0,
        property,
        "be between " + min + " and " + max,
        value);
    return value;
  }

  /** Throws {@code <property> must <rule> but was <value>} unless the rule holds. */
  public static void require(boolean holds, String property, String rule, Object value) {
    if (!holds) {
      throw new IllegalArgumentException(message(property, rule, value));
    }
  }

  static String message(String property, String rule, Object value) {
    return property + " must " + rule + " but was " + value;
  }
}

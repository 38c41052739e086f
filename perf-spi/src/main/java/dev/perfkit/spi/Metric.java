package dev.perfkit.spi;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The identity of one series of measurements: a dotted name and its tags.
 *
 * <p>Two metrics are equal, and so the same series, when name and tags are equal; unit and help
 * describe the series and do not identify it. Immutable.
 */
@Beta
public final class Metric {

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)*");
  private static final Pattern TAG_KEY = Pattern.compile("[a-z][a-z0-9_]*");

  private final String name;
  private final String unit;
  private final String help;
  private final SortedMap<String, String> tags;

  private Metric(String name, String unit, String help, SortedMap<String, String> tags) {
    this.name = name;
    this.unit = unit;
    this.help = help;
    this.tags = Collections.unmodifiableSortedMap(tags);
  }

  /**
   * Returns a metric without unit, help and tags.
   *
   * @param name lower-case words of letters, digits and {@code _}, joined by dots: {@code
   *     cache.hits}
   * @throws IllegalArgumentException if the name has another form
   */
  public static Metric named(String name) {
    requireForm("metric name", NAME, name);
    return new Metric(name, "", "", new TreeMap<>());
  }

  /** Returns this metric with a unit, such as {@code bytes}; empty means a plain number. */
  public Metric unit(String unit) {
    return new Metric(name, Objects.requireNonNull(unit, "unit"), help, tags);
  }

  /** Returns this metric with a sentence that says what is measured. */
  public Metric help(String help) {
    return new Metric(name, unit, Objects.requireNonNull(help, "help"), tags);
  }

  /**
   * Returns this metric with one tag more, or with another value of that tag.
   *
   * @param key letters, digits and {@code _}, lower-case
   * @param value any text; keep the number of different values small
   * @throws IllegalArgumentException if the key has another form
   */
  public Metric tag(String key, String value) {
    requireForm("tag key", TAG_KEY, key);
    SortedMap<String, String> more = new TreeMap<>(tags);
    more.put(key, Objects.requireNonNull(value, "value"));
    return new Metric(name, unit, help, more);
  }

  /** Returns the dotted name. */
  public String name() {
    return name;
  }

  /** Returns the unit, or an empty string. */
  public String unit() {
    return unit;
  }

  /** Returns the describing sentence, or an empty string. */
  public String help() {
    return help;
  }

  /** Returns the tags by key, in the order of their keys; unmodifiable. */
  public Map<String, String> tags() {
    return tags;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Metric that && name.equals(that.name) && tags.equals(that.tags);
  }

  @Override
  public int hashCode() {
    return 31 * name.hashCode() + tags.hashCode();
  }

  @Override
  public String toString() {
    return tags.isEmpty() ? name : name + tags;
  }

  private static void requireForm(String what, Pattern form, String value) {
    Objects.requireNonNull(value, what);
    if (!form.matcher(value).matches()) {
      throw new IllegalArgumentException(what + " must match " + form + " but was '" + value + "'");
    }
  }
}

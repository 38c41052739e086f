package dev.perfkit.spi;

import dev.perfkit.spi.support.Options;
import java.util.Objects;
import java.util.function.DoubleConsumer;
import java.util.function.DoubleSupplier;

/**
 * A numeric setting that may be changed while the component runs.
 *
 * <p>Safe for use by any number of threads if the two functions are.
 */
@Beta
public final class Knob {

  private final String name;
  private final String unit;
  private final double min;
  private final double max;
  private final double step;
  private final DoubleSupplier get;
  private final DoubleConsumer set;

  private Knob(
      String name,
      String unit,
      double min,
      double max,
      double step,
      DoubleSupplier get,
      DoubleConsumer set) {
    this.name = name;
    this.unit = unit;
    this.min = min;
    this.max = max;
    this.step = step;
    this.get = get;
    this.set = set;
  }

  /**
   * Returns a knob.
   *
   * @param name unique within its component, such as {@code ttl-factor}
   * @param unit such as {@code connections}; empty for a plain number
   * @param min the smallest allowed value
   * @param max the largest allowed value, more than {@code min}
   * @param step how far a careful change moves at once, more than 0
   * @param get reads the value now in force
   * @param set applies a value that was checked against the range
   * @throws IllegalArgumentException if the name is blank, a number is not finite or the range is
   *     empty
   */
  public static Knob of(
      String name,
      String unit,
      double min,
      double max,
      double step,
      DoubleSupplier get,
      DoubleConsumer set) {
    Options.notBlank("knob name", name);
    Objects.requireNonNull(unit, "unit");
    if (!(Double.isFinite(min) && Double.isFinite(max) && min < max)) {
      throw new IllegalArgumentException(
          "knob '" + name + "': range must be finite with min < max but was " + min + " to " + max);
    }
    if (!(Double.isFinite(step) && step > 0)) {
      throw new IllegalArgumentException(
          "knob '" + name + "': step must be finite and over 0 but was " + step);
    }
    return new Knob(
        name,
        unit,
        min,
        max,
        step,
        Objects.requireNonNull(get, "get"),
        Objects.requireNonNull(set, "set"));
  }

  /**
   * Returns this knob under another name, such as one that is unique among those of several
   * components.
   *
   * @throws IllegalArgumentException if the name is blank
   */
  public Knob named(String name) {
    return of(name, unit, min, max, step, get, set);
  }

  /** Returns the value now in force. */
  public double value() {
    return get.getAsDouble();
  }

  /**
   * Applies a value at once. Whether work under way sees it is the component's to say.
   *
   * @throws IllegalArgumentException if the value is outside the range or not a number
   */
  public void set(double value) {
    if (!(value >= min && value <= max)) {
      throw new IllegalArgumentException(
          "knob '" + name + "' must be between " + min + " and " + max + " but was " + value);
    }
    set.accept(value);
  }

  /** Returns the name, unique within its component. */
  public String name() {
    return name;
  }

  /** Returns the unit, or an empty string. */
  public String unit() {
    return unit;
  }

  /** Returns the smallest allowed value. */
  public double min() {
    return min;
  }

  /** Returns the largest allowed value. */
  public double max() {
    return max;
  }

  /** Returns how far a careful change moves at once. */
  public double step() {
    return step;
  }

  @Override
  public String toString() {
    return "Knob[" + name + " " + min + ".." + max + (unit.isEmpty() ? "" : " " + unit) + "]";
  }
}

package dev.perfkit.sla;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.support.Options;
import java.time.Duration;
import java.util.List;

/**
 * A span of time that ends now and moves with it.
 *
 * <p>It is never shorter than its length, and longer by at most 1/60 of it unless the process was
 * stalled; {@link WindowSnapshot#covered} tells the true span. Immutable.
 */
@Beta
public final class Window {

  /** The shortest window: 10 seconds. */
  public static final Duration SHORTEST = Duration.ofSeconds(10);

  /** The longest window: 31 days. */
  public static final Duration LONGEST = Duration.ofDays(31);

  /** The last 10 seconds. */
  public static final Window TEN_SECONDS = new Window(Duration.ofSeconds(10));

  /** The last minute. */
  public static final Window ONE_MINUTE = new Window(Duration.ofMinutes(1));

  /** The last 5 minutes. */
  public static final Window FIVE_MINUTES = new Window(Duration.ofMinutes(5));

  /** The last 15 minutes. */
  public static final Window FIFTEEN_MINUTES = new Window(Duration.ofMinutes(15));

  /** The last 30 minutes. */
  public static final Window THIRTY_MINUTES = new Window(Duration.ofMinutes(30));

  /** The last hour. */
  public static final Window ONE_HOUR = new Window(Duration.ofHours(1));

  /** The last 2 hours. */
  public static final Window TWO_HOURS = new Window(Duration.ofHours(2));

  /** The last 6 hours. */
  public static final Window SIX_HOURS = new Window(Duration.ofHours(6));

  /** The last 24 hours. */
  public static final Window ONE_DAY = new Window(Duration.ofDays(1));

  /** The last 3 days. */
  public static final Window THREE_DAYS = new Window(Duration.ofDays(3));

  /** The last 30 days. */
  public static final Window THIRTY_DAYS = new Window(Duration.ofDays(30));

  private static final List<Window> STANDARD =
      List.of(
          TEN_SECONDS,
          ONE_MINUTE,
          FIVE_MINUTES,
          FIFTEEN_MINUTES,
          THIRTY_MINUTES,
          ONE_HOUR,
          TWO_HOURS,
          SIX_HOURS,
          ONE_DAY,
          THREE_DAYS,
          THIRTY_DAYS);

  private final Duration length;

  private Window(Duration length) {
    this.length = length;
  }

  /**
   * Returns a window of any length.
   *
   * @param length 10 seconds to 31 days
   * @throws IllegalArgumentException if the length is outside that range
   */
  public static Window of(Duration length) {
    return new Window(Options.between("window", SHORTEST, LONGEST, length));
  }

  /** Returns the windows that exports show, the shortest first; unmodifiable. */
  public static List<Window> standard() {
    return STANDARD;
  }

  /** Returns the length. */
  public Duration length() {
    return length;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Window that && length.equals(that.length);
  }

  @Override
  public int hashCode() {
    return length.hashCode();
  }

  /** Returns the length in short, such as {@code 5m} or {@code 30d}. */
  @Override
  public String toString() {
    return Durations.brief(length);
  }
}

package dev.perfkit.cache;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.ByteSize;
import dev.perfkit.spi.support.Options;
import java.time.Duration;
import java.util.Objects;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * How much the memory tier holds. Immutable.
 *
 * <p>Over the limit the entries that are least likely to be asked again are evicted. Values are
 * held as live objects: callers that change a value change it for everybody.
 */
@Beta
public final class Memory {

  /** What an entry weighs whose stored form is not known: 1 KiB. */
  private static final int ASSUMED_BYTES = 1024;

  private static final Weigher BY_STORED_BYTES =
      (value, bytes) -> bytes == 0 ? ASSUMED_BYTES : bytes;

  private final long maximum;
  private final String unit;
  private final @Nullable Weigher weigher;
  private final Duration idle;

  /** Says how much of the limit an entry takes. */
  private interface Weigher {
    int weigh(@Nullable Object value, int storedBytes);
  }

  private Memory(long maximum, String unit, @Nullable Weigher weigher, Duration idle) {
    this.maximum = maximum;
    this.unit = unit;
    this.weigher = weigher;
    this.idle = idle;
  }

  /**
   * Returns a limit by count.
   *
   * @param maximum the most entries, at least 1
   * @throws IllegalArgumentException if it is under 1
   */
  public static Memory entries(long maximum) {
    return new Memory(
        Options.atLeast("memory entries", 1, maximum), "entries", null, Duration.ZERO);
  }

  /**
   * Returns a limit by what values weigh.
   *
   * @param maximum the most that all values weigh together, at least 1
   * @param type the class of the values
   * @param weigher returns what a value weighs; less than 1 counts as 1. Called when a value is
   *     kept, often; must not throw
   * @throws IllegalArgumentException if the maximum is under 1
   */
  public static <V> Memory weighing(long maximum, Class<V> type, ToIntFunction<? super V> weigher) {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(weigher, "weigher");
    return new Memory(
        Options.atLeast("memory weight", 1, maximum),
        "by weight",
        (value, bytes) -> value == null ? 1 : weigher.applyAsInt(type.cast(value)),
        Duration.ZERO);
  }

  /**
   * Returns a limit by the length of the stored forms, for a cache with Redis: what values take in
   * memory is often a small multiple of it. A value whose stored form is not known, as Redis is
   * away, counts as 1 KiB.
   *
   * @param maximum the most bytes, at least 1 B
   * @throws IllegalArgumentException if it is less
   */
  public static Memory storedBytes(ByteSize maximum) {
    return new Memory(
        Options.atLeast("memory bytes", 1, maximum.toBytes()),
        "stored bytes",
        BY_STORED_BYTES,
        Duration.ZERO);
  }

  /**
   * How long a value may be in memory without being read before it stops being a hit there, 1 ms to
   * 365 days; each read begins that time anew, and the time to live still ends it. What Redis holds
   * is not concerned. A read is noted eight times in that time at most, so a value may end an
   * eighth earlier. Without a limit unless set.
   *
   * @throws IllegalArgumentException if it is out of range
   */
  public Memory expireAfterIdle(Duration time) {
    Options.between("expireAfterIdle", Duration.ofMillis(1), Lifetimes.LONGEST, time);
    return new Memory(maximum, unit, weigher, time);
  }

  /** Returns the most that it holds: entries, weight or bytes. */
  public long maximum() {
    return maximum;
  }

  /** Returns how much of the limit an entry takes. */
  int weigh(@Nullable Object value, int storedBytes) {
    return weigher == null ? 1 : Math.max(1, weigher.weigh(value, storedBytes));
  }

  /** Returns whether it needs to know stored forms. */
  boolean isByStoredBytes() {
    return unit.equals("stored bytes");
  }

  /** Returns how long a value may be idle; 0 without a limit. */
  Duration idle() {
    return idle;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Memory that
        && maximum == that.maximum
        && unit.equals(that.unit)
        && Objects.equals(weigher, that.weigher)
        && idle.equals(that.idle);
  }

  @Override
  public int hashCode() {
    return Objects.hash(maximum, unit, idle);
  }

  @Override
  public String toString() {
    return "Memory[" + maximum + " " + unit + "]";
  }
}

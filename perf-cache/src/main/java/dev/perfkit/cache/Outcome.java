package dev.perfkit.cache;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How a flight ended, for those who waited for it. */
sealed interface Outcome<V> {

  /**
   * A value; stale if loading failed and an older one took its place. One that was invalidated
   * meanwhile is not for those who came after that; the origin tells.
   */
  record Value<V>(V value, boolean stale, @Nullable Origin origin) implements Outcome<V> {}

  /** The source has no value; the origin as above. */
  record Absent<V>(@Nullable Origin origin) implements Outcome<V> {}

  /** Loading failed, without a fallback; the class of the loader tells what it may throw. */
  record Failed<V>(Throwable failure, Class<?> loader) implements Outcome<V> {}

  /** It says nothing about the value: ask again. */
  record Retry<V>() implements Outcome<V> {}

  /** Returns what it was that a value, or that there is none, was loaded under; null if nothing. */
  default @Nullable Origin origin() {
    return null;
  }

  static <V> Outcome<V> of(@Nullable V value, Origin origin) {
    return value == null ? new Absent<>(origin) : new Value<>(value, false, origin);
  }

  static <V> Outcome<V> stale(Entry<V> entry) {
    return new Value<>(Objects.requireNonNull(entry.value()), true, entry.origin());
  }
}

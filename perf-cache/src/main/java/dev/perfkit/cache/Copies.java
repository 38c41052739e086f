package dev.perfkit.cache;

import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What callers get and give where values may be changed; the values themselves where not. */
final class Copies<V> {

  private final @Nullable UnaryOperator<V> copier;

  Copies(@Nullable UnaryOperator<V> copier) {
    this.copier = copier;
  }

  /** Returns what a caller may change. */
  @Nullable V of(@Nullable V value) {
    UnaryOperator<V> by = copier;
    return by == null || value == null ? value : by.apply(value);
  }

  <K> Map<K, V> ofAll(Map<K, V> values) {
    UnaryOperator<V> by = copier;
    if (by != null) {
      values.replaceAll((key, value) -> by.apply(value));
    }
    return values;
  }

  /** Returns what the cache may keep of what a caller gave. */
  V kept(V value) {
    UnaryOperator<V> by = copier;
    return by == null ? value : Objects.requireNonNull(by.apply(value), "copy");
  }
}

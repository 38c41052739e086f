package dev.perfkit.cache;

/** How a flight ended, for those who waited for it. */
sealed interface Outcome<V> {

  /** A value; stale if loading failed and an older one took its place. */
  record Value<V>(V value, boolean stale) implements Outcome<V> {}

  /** The source has no value. */
  record Absent<V>() implements Outcome<V> {}

  /** Loading failed, without a fallback; the class of the loader tells what it may throw. */
  record Failed<V>(Throwable failure, Class<?> loader) implements Outcome<V> {}

  /** It says nothing about the value: ask again. */
  record Retry<V>() implements Outcome<V> {}
}

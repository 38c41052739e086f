package dev.perfkit.cache;

/** A value and its times, on the monotonic clock. Immutable. */
final class Entry<V> extends Slot<V> {

  private final V value;
  private final long freshUntil;
  private final long staleUntil;
  private final long retryAt;

  private Entry(V value, long freshUntil, long staleUntil, long retryAt) {
    this.value = value;
    this.freshUntil = freshUntil;
    this.staleUntil = staleUntil;
    this.retryAt = retryAt;
  }

  /**
   * Returns an entry.
   *
   * @param freshUntil when it stops being a hit
   * @param staleUntil when it stops being a fallback; not before {@code freshUntil}
   */
  static <V> Entry<V> of(V value, long freshUntil, long staleUntil) {
    return new Entry<>(value, freshUntil, staleUntil, freshUntil);
  }

  /** Returns this entry, to be served without another attempt to load until then. */
  Entry<V> withRetryAt(long nanos) {
    return new Entry<>(value, freshUntil, staleUntil, nanos);
  }

  V value() {
    return value;
  }

  boolean isFresh(long now) {
    return now - freshUntil < 0;
  }

  /** Returns whether it may still be served when loading fails. */
  boolean isServable(long now) {
    return now - staleUntil < 0;
  }

  /** Returns whether loading failed so recently that it is served without another attempt. */
  boolean isThrottled(long now) {
    return now - retryAt < 0 && isServable(now);
  }

  boolean isNewerThan(Entry<V> other) {
    return freshUntil - other.freshUntil > 0;
  }

  @Override
  int weight() {
    return 1;
  }
}

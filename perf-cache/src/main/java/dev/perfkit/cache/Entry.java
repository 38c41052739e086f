package dev.perfkit.cache;

import org.jspecify.annotations.Nullable;

/**
 * A value and its times, on the monotonic clock. Immutable but for a note of when it was last
 * checked, which may be lost without harm.
 */
final class Entry<V> extends Slot<V> {

  private final @Nullable V value;
  private final Life life;
  private final Origin origin;
  private final Shard shard;
  private final long freshUntil;
  private final long ownUntil;
  private final long retryAt;

  /** The version of the marks at which it was last found valid. Races only repeat a check. */
  private long checked = -1;

  private Entry(@Nullable V value, Life life, Origin origin, long retryAt) {
    this.value = value;
    this.life = life;
    this.origin = origin;
    this.shard = origin.shard();
    this.freshUntil = life.freshUntil();
    this.ownUntil = life.trustedUntil();
    this.retryAt = retryAt;
  }

  /**
   * When a value is of use.
   *
   * @param freshUntil when it stops being a hit
   * @param staleUntil when it stops being a fallback; not before {@code freshUntil}
   * @param trustedUntil until when it is a hit even if nothing was heard of Redis since
   */
  record Life(long freshUntil, long staleUntil, long trustedUntil) {}

  /** Returns an entry; a null value says that the source has none. */
  static <V> Entry<V> of(@Nullable V value, Life life, Origin origin) {
    return new Entry<>(value, life, origin, life.freshUntil());
  }

  /** Returns this entry, to be served without another attempt to load until then. */
  Entry<V> withRetryAt(long nanos) {
    return new Entry<>(value, life, origin, nanos);
  }

  @Nullable V value() {
    return value;
  }

  Origin origin() {
    return origin;
  }

  /** Returns whether it may be served as it is; all that a hit has to look at. */
  boolean isHit(long now, long version) {
    return now - freshUntil < 0 && checked == version && isTrusted(now);
  }

  private boolean isTrusted(long now) {
    return now - ownUntil < 0 || now - shard.trustedUntil() < 0;
  }

  /** Checks it against the marks; afterwards {@link #isHit} knows as well. */
  boolean isFresh(long now, Marks marks) {
    return now - freshUntil < 0 && isTrusted(now) && verdict(marks) == Marks.Verdict.VALID;
  }

  /**
   * Returns whether it may still be served when loading fails: for a while after its time to live,
   * or after it was last known to be right, whichever ended first.
   */
  boolean isServable(long now, Marks marks) {
    long stale = life.staleUntil() - freshUntil;
    return value != null
        && stale > 0
        && now - life.staleUntil() < 0
        && isTrusted(now - stale)
        && verdict(marks) != Marks.Verdict.DEAD;
  }

  /** Returns whether loading failed so recently that it is served without another attempt. */
  boolean isThrottled(long now, Marks marks) {
    return now - retryAt < 0 && retryAt != freshUntil && isServable(now, marks);
  }

  boolean isNewerThan(Entry<V> other) {
    return freshUntil - other.freshUntil > 0;
  }

  long freshUntil() {
    return freshUntil;
  }

  private Marks.Verdict verdict(Marks marks) {
    long version = marks.version();
    if (checked == version) {
      return Marks.Verdict.VALID;
    }
    Marks.Verdict verdict = origin.judge(marks);
    if (verdict == Marks.Verdict.VALID) {
      checked = version;
    }
    return verdict;
  }

  @Override
  int weight() {
    return 1;
  }
}

package dev.perfkit.cache;

import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * A value and its times, on the monotonic clock. Immutable but for notes: when it was last checked
 * and used, which may be lost without harm, and whether it is being refreshed.
 */
final class Entry<V> extends Slot<V> {

  @SuppressWarnings("rawtypes") // of all entries
  private static final AtomicLongFieldUpdater<Entry> REFRESH =
      AtomicLongFieldUpdater.newUpdater(Entry.class, "nextRefresh");

  private static final long BUSY = Long.MIN_VALUE;

  private final @Nullable V value;
  private final Life life;
  private final Birth birth;
  private final Origin origin;
  private final Shard shard;
  private final long freshUntil;
  private final long ownUntil;
  private final long retryAt;

  /** Until when a reader need not look closer. Moves with the last use of one that may be idle. */
  private long quietUntil;

  private long usedAt;

  /** The version of the marks at which it was last found valid. Races only repeat a check. */
  private long checked = -1;

  /** Since when a refresh may be tried. */
  private volatile long nextRefresh;

  private Entry(@Nullable V value, Life life, Birth birth, Origin origin, long retryAt) {
    this.value = value;
    this.life = life;
    this.birth = birth;
    this.origin = origin;
    this.shard = origin.shard();
    this.freshUntil = life.freshUntil();
    this.ownUntil = life.trustedUntil();
    this.retryAt = retryAt;
    this.nextRefresh = life.quietUntil();
    use(life.now());
  }

  /**
   * When a value is of use.
   *
   * @param now when this was decided
   * @param quietUntil when a refresh may first be due; not after {@code freshUntil}
   * @param freshUntil when it stops being a hit
   * @param staleUntil when it stops being a fallback; not before {@code freshUntil}
   * @param trustedUntil until when it is a hit even if nothing was heard of Redis since
   * @param idleNanos for how long it is a hit without being used; 0 if that does not matter
   */
  record Life(
      long now,
      long quietUntil,
      long freshUntil,
      long staleUntil,
      long trustedUntil,
      long idleNanos) {}

  /** Returns an entry; a null value says that the source has none. */
  static <V> Entry<V> of(@Nullable V value, Life life, Birth birth, Origin origin) {
    return new Entry<>(value, life, birth, origin, life.freshUntil());
  }

  /** Returns this entry, to be served without another attempt to load until then. */
  Entry<V> withRetryAt(long nanos) {
    return new Entry<>(value, life, birth, origin, nanos);
  }

  @Nullable V value() {
    return value;
  }

  Origin origin() {
    return origin;
  }

  Birth birth() {
    return birth;
  }

  Life life() {
    return life;
  }

  /** Returns whether it may be served as it is; all that a hit has to look at. */
  boolean isHit(long now, long version) {
    return now - quietUntil < 0 && checked == version && isTrusted(now);
  }

  private boolean isTrusted(long now) {
    return now - ownUntil < 0 || now - shard.trustedUntil() < 0;
  }

  /** Checks it against the marks; afterwards {@link #isHit} knows as well. */
  boolean isFresh(long now, Marks marks) {
    return why(now, marks) == null;
  }

  /** Returns why it is no hit, in a word or two; null if it is one. */
  @Nullable String why(long now, Marks marks) {
    if (now - freshUntil >= 0) {
      return "expired";
    }
    if (!isTrusted(now)) {
      return "out of touch";
    }
    if (isIdle(now)) {
      return "idle";
    }
    return switch (verdict(marks)) {
      case VALID -> null;
      case EXPIRED -> "tag expired";
      case DEAD -> "tag invalidated";
    };
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

  // Idleness: noted no more often than eight times in the time that it may last.

  private boolean isIdle(long now) {
    return life.idleNanos() != 0 && now - usedAt >= life.idleNanos();
  }

  /** Notes a use. */
  void use(long now) {
    usedAt = now;
    long next = now + life.idleNanos() / 8;
    quietUntil = life.idleNanos() == 0 || next - life.quietUntil() > 0 ? life.quietUntil() : next;
  }

  // Refreshing.

  /** Returns whether the caller may refresh it, and nobody else until it has ended. */
  boolean beginRefresh(long now) {
    long next = nextRefresh;
    return next != BUSY && now - next >= 0 && REFRESH.compareAndSet(this, next, BUSY);
  }

  /** Ends a refresh; another one may begin then. */
  void endRefresh(long next) {
    nextRefresh = next;
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
}

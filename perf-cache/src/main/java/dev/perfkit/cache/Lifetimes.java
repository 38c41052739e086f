package dev.perfkit.cache;

import dev.perfkit.spi.Knob;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** How long values live. */
final class Lifetimes {

  /** The longest time to live, and the longest that a value may be served after it. */
  static final Duration LONGEST = Duration.ofDays(365);

  static final double MIN_FACTOR = 0.1;
  static final double MAX_FACTOR = 10;

  /** Long enough, and without an overflow when it is added to a time. */
  private static final long FOREVER = Long.MAX_VALUE / 4;

  private final long timeToLive;
  private final double jitter;
  private final long serveStaleFor;
  private final long retryLoadAfter;
  private final long aloneAtMost;
  private final long absent;
  private final EarlyRefresh early;
  private final long idle;
  private volatile double factor = 1;

  /**
   * @param absent how long it is believed that the source has no value; 0 not at all
   * @param idle how long a value in memory may be idle; 0 if that does not matter
   * @param aloneAtMost the longest life of a value that the tier behind memory did not take, and
   *     how long one is a hit of which nothing is heard; null if there is no such tier
   */
  Lifetimes(
      Duration timeToLive,
      double jitter,
      Duration serveStaleFor,
      Duration retryLoadAfter,
      Duration absent,
      EarlyRefresh early,
      Duration idle,
      @Nullable Duration aloneAtMost) {
    this.timeToLive = timeToLive.toNanos();
    this.jitter = jitter;
    this.serveStaleFor = serveStaleFor.toNanos();
    this.retryLoadAfter = retryLoadAfter.toNanos();
    this.absent = absent.toNanos();
    this.early = early;
    this.idle = idle.toNanos();
    this.aloneAtMost = aloneAtMost == null ? FOREVER : aloneAtMost.toNanos();
  }

  /** Returns the life of a new value, in nanoseconds: jitter only shortens. */
  long draw() {
    return draw(timeToLive);
  }

  /** Returns the life of a new value that is to have this time to live. */
  long draw(long nanos) {
    double share = factor * (1 - jitter * ThreadLocalRandom.current().nextDouble());
    return Math.max(1, Math.min(LONGEST.toNanos(), (long) (nanos * share)));
  }

  /** Returns how long it is believed that the source has no value; 0 not at all. */
  long drawAbsent() {
    return absent == 0 ? 0 : draw(absent);
  }

  /**
   * Returns the times of an entry.
   *
   * @param began when its load or look-up began
   * @param alone whether no tier behind memory knows of it: then it lives shorter
   */
  Entry.Life life(long began, Stamp stamp, boolean alone) {
    long now = stamp.nowNanos();
    long fresh = alone ? Math.min(stamp.freshNanos(), aloneAtMost) : stamp.freshNanos();
    long freshUntil = now + fresh;
    return new Entry.Life(
        now,
        freshUntil - early.windowNanos(fresh, stamp.costNanos()),
        freshUntil,
        freshUntil + stamp.staleNanos(),
        began + aloneAtMost,
        idle);
  }

  /** Returns the times of an entry that was found behind memory. */
  Entry.Life life(long began, long now, Found<?> found) {
    long freshUntil = now + found.freshNanos();
    Birth birth = found.birth();
    return new Entry.Life(
        now,
        freshUntil - early.windowNanos(birth.lifeNanos(), birth.costNanos()),
        freshUntil,
        now + Math.max(found.freshNanos(), found.usableNanos()),
        began + aloneAtMost,
        idle);
  }

  /** Decides for one read of a fresh entry whether it is to be refreshed. */
  boolean isRefreshDue(Entry<?> entry, long now) {
    Entry.Life life = entry.life();
    return now - life.quietUntil() >= 0
        && early.isDue(
            life.freshUntil() - now, entry.birth().lifeNanos(), entry.birth().costNanos());
  }

  /** Returns a fallback that is served for a while without another attempt. */
  <V> Entry<V> throttled(Entry<V> fallback, long now) {
    return fallback.withRetryAt(now + retryLoadAfter);
  }

  long retryLoadAfter() {
    return retryLoadAfter;
  }

  long serveStaleFor() {
    return serveStaleFor;
  }

  /** Returns how long an entry may be of use at most. */
  Duration useful() {
    double fresh = Math.min((double) LONGEST.toNanos(), timeToLive * Math.max(1, factor));
    return Duration.ofNanos((long) fresh + serveStaleFor);
  }

  /**
   * @param onChange told after each change
   */
  Knob knob(Runnable onChange) {
    return Knob.of(
        "ttl-factor",
        "",
        MIN_FACTOR,
        MAX_FACTOR,
        0.1,
        () -> factor,
        value -> {
          factor = value;
          onChange.run();
        });
  }
}

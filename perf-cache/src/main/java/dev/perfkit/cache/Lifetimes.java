package dev.perfkit.cache;

import dev.perfkit.spi.Knob;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** How long values live. */
final class Lifetimes {

  /** The longest time to live, and the longest that a value may be served after it. */
  static final Duration LONGEST = Duration.ofDays(365);

  static final double MIN_FACTOR = 0.1;
  static final double MAX_FACTOR = 10;

  private final long timeToLive;
  private final double jitter;
  private final long serveStaleFor;
  private final long retryLoadAfter;
  private final long aloneAtMost;
  private volatile double factor = 1;

  /**
   * @param aloneAtMost the longest life of a value that the tier behind memory did not take
   */
  Lifetimes(
      Duration timeToLive,
      double jitter,
      Duration serveStaleFor,
      Duration retryLoadAfter,
      Duration aloneAtMost) {
    this.timeToLive = timeToLive.toNanos();
    this.jitter = jitter;
    this.serveStaleFor = serveStaleFor.toNanos();
    this.retryLoadAfter = retryLoadAfter.toNanos();
    this.aloneAtMost = aloneAtMost.toNanos();
  }

  /** Returns the life of a new value, in nanoseconds: jitter only shortens. */
  long draw() {
    double share = factor * (1 - jitter * ThreadLocalRandom.current().nextDouble());
    return Math.max(1, Math.min(LONGEST.toNanos(), (long) (timeToLive * share)));
  }

  /** Returns an entry that lives so long, less if no tier behind memory knows of it. */
  <V> Entry<V> entry(V value, long now, long fresh, boolean alone) {
    return entry(value, now, alone ? Math.min(fresh, aloneAtMost) : fresh);
  }

  /** Returns an entry that lives so long, or that ended so long ago if negative. */
  <V> Entry<V> entry(V value, long now, long fresh) {
    return Entry.of(value, now + fresh, now + fresh + serveStaleFor);
  }

  /** Returns a fallback that is served for a while without another attempt. */
  <V> Entry<V> throttled(Entry<V> fallback, long now) {
    return fallback.withRetryAt(now + retryLoadAfter);
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

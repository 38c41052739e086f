package dev.perfkit.cache;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.support.Options;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is different for one call. Immutable: every option returns a changed copy, which may be kept
 * and used for many calls.
 *
 * <pre>{@code
 * users.get(id, repository::find, CallOptions.none().tags("tenant:7").timeToLive(Duration.ofMinutes(1)))
 * }</pre>
 */
@Beta
public final class CallOptions {

  private static final CallOptions NONE = new CallOptions(null, List.of(), false, false);

  private final @Nullable Duration timeToLive;
  private final List<String> tags;
  private final boolean skipsMemory;
  private final boolean skipsRemote;

  private CallOptions(
      @Nullable Duration timeToLive, List<String> tags, boolean skipsMemory, boolean skipsRemote) {
    this.timeToLive = timeToLive;
    this.tags = tags;
    this.skipsMemory = skipsMemory;
    this.skipsRemote = skipsRemote;
  }

  /** Returns options that change nothing. */
  public static CallOptions none() {
    return NONE;
  }

  /**
   * How long a value is fresh that this call loads or puts, 1 ms to 365 days; jitter may shorten
   * it, and the knob {@code ttl-factor} multiplies it.
   *
   * @throws IllegalArgumentException if it is out of range
   */
  public CallOptions timeToLive(Duration time) {
    Options.between("timeToLive", Duration.ofMillis(1), Lifetimes.LONGEST, time);
    return new CallOptions(time, tags, skipsMemory, skipsRemote);
  }

  /**
   * What a value is invalidated by that this call loads or puts, besides its key; replaces what was
   * given before.
   *
   * @param tags at most 64, each 1 to 255 bytes of well-formed UTF-8 and not {@code *}
   * @throws IllegalArgumentException if one has another form, or they are too many
   */
  public CallOptions tags(String... tags) {
    return new CallOptions(timeToLive, Tag.checked(List.of(tags)), skipsMemory, skipsRemote);
  }

  /**
   * Does not use what memory holds: a read asks Redis, or loads, unless somebody is at it already,
   * and keeps what it got in memory; a put does not keep its value there.
   */
  public CallOptions skipMemory() {
    return new CallOptions(timeToLive, tags, true, skipsRemote);
  }

  /**
   * Leaves Redis alone: a read loads what memory lacks, and keeps it in memory as while Redis is
   * away, for no longer than {@link RedisTier#timeToLiveWhileAway}. Not for a put, which would
   * leave the older value with everybody else.
   */
  public CallOptions skipRemote() {
    return new CallOptions(timeToLive, tags, skipsMemory, true);
  }

  /** Throws if a put of such a cache would leave the older value in Redis. */
  void requireRemote(String cache) {
    if (skipsRemote) {
      throw new IllegalArgumentException(
          "a put into cache '" + cache + "' must not skip Redis, which would keep the older value");
    }
  }

  boolean skipsMemory() {
    return skipsMemory;
  }

  boolean skipsRemote() {
    return skipsRemote;
  }

  /** Returns what was loaded, with what these options say of it. */
  <V> Loaded<V> with(Loaded<V> loaded) {
    Loaded<V> changed = tags.isEmpty() ? loaded : loaded.withTags(tags);
    return timeToLive == null ? changed : changed.timeToLive(timeToLive);
  }

  /** Returns a loaded value, or that there is none; what is absent lives as the cache says. */
  <V> Loaded<V> loaded(@Nullable V value) {
    return value == null ? Loaded.absent() : with(Loaded.of(value));
  }

  /** Returns nothing of the tags, which may be user data. */
  @Override
  public String toString() {
    return "CallOptions["
        + (timeToLive == null ? "" : "timeToLive " + timeToLive + ", ")
        + tags.size()
        + " tags"
        + (skipsMemory ? ", skips memory" : "")
        + (skipsRemote ? ", skips Redis" : "")
        + "]";
  }
}

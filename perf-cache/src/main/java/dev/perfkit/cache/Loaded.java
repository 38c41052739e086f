package dev.perfkit.cache;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.support.Options;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Fetcher} got, with what it says about the life of the value. Immutable: every
 * option returns a changed copy.
 *
 * <pre>{@code
 * Loaded.of(claims).tags("user:" + claims.user()).notAfter(claims.expiresAt())
 * }</pre>
 *
 * @param <V> the type of values
 */
@Beta
public final class Loaded<V> {

  private final Kind kind;
  private final @Nullable V value;
  private final List<String> tags;
  private final @Nullable Duration timeToLive;
  private final @Nullable Duration serveStaleFor;
  private final @Nullable Instant notAfter;
  private final @Nullable Exception failure;

  private Loaded(
      Kind kind,
      @Nullable V value,
      List<String> tags,
      @Nullable Duration timeToLive,
      @Nullable Duration serveStaleFor,
      @Nullable Instant notAfter,
      @Nullable Exception failure) {
    this.kind = kind;
    this.value = value;
    this.tags = tags;
    this.timeToLive = timeToLive;
    this.serveStaleFor = serveStaleFor;
    this.notAfter = notAfter;
    this.failure = failure;
  }

  enum Kind {
    VALUE,
    ABSENT,
    UNCHANGED,
    FAILED
  }

  /** Returns a value that lives as the cache says. */
  public static <V> Loaded<V> of(V value) {
    Objects.requireNonNull(value, "value");
    return new Loaded<>(Kind.VALUE, value, List.of(), null, null, null, null);
  }

  /**
   * Says that the source has no value. It is kept for {@link TieredCacheBuilder#absentTimeToLive},
   * or the time to live given here.
   */
  public static <V> Loaded<V> absent() {
    return new Loaded<>(Kind.ABSENT, null, List.of(), null, null, null, null);
  }

  /**
   * Says that the older value, which the fetcher was given, is still the right one: it lives anew,
   * with the tags given here.
   */
  public static <V> Loaded<V> unchanged() {
    return new Loaded<>(Kind.UNCHANGED, null, List.of(), null, null, null, null);
  }

  /**
   * Says that one of the values that a {@link BulkFetcher} was asked for could not be had: an older
   * one is served if it may be, and otherwise the caller gets a {@link BulkLoadException}.
   */
  public static <V> Loaded<V> failed(Exception failure) {
    Objects.requireNonNull(failure, "failure");
    return new Loaded<>(Kind.FAILED, null, List.of(), null, null, null, failure);
  }

  /**
   * What the value is invalidated by, besides its key ({@link TieredCache#invalidateTag}); replaces
   * what was given before.
   *
   * @param tags at most 64, each 1 to 255 bytes of well-formed UTF-8 and not {@code *}
   * @throws IllegalArgumentException if one has another form, or they are too many
   */
  public Loaded<V> tags(String... tags) {
    return new Loaded<>(
        kind, value, Tag.checked(List.of(tags)), timeToLive, serveStaleFor, notAfter, failure);
  }

  /**
   * How long the value is fresh, 1 ms to 365 days; jitter may shorten it, and the knob {@code
   * ttl-factor} multiplies it.
   *
   * @throws IllegalArgumentException if it is out of range
   */
  public Loaded<V> timeToLive(Duration time) {
    Options.between("timeToLive", Duration.ofMillis(1), Lifetimes.LONGEST, time);
    return new Loaded<>(kind, value, tags, time, serveStaleFor, notAfter, failure);
  }

  /**
   * How long after that it may be served when loading fails, 0 to 365 days; 0 for what must not
   * outlive its time, such as a token.
   *
   * @throws IllegalArgumentException if it is out of range
   */
  public Loaded<V> serveStaleFor(Duration time) {
    Options.between("serveStaleFor", Duration.ZERO, Lifetimes.LONGEST, time);
    return new Loaded<>(kind, value, tags, timeToLive, time, notAfter, failure);
  }

  /**
   * When the value ends for good, such as a token: from then on it is neither fresh nor served in
   * place of a failed load, whatever times to live and factors say. It never lives longer by this.
   * A value that has ended already goes to its caller and is not kept.
   *
   * @param end by the wall clock
   */
  public Loaded<V> notAfter(Instant end) {
    Objects.requireNonNull(end, "notAfter");
    return new Loaded<>(kind, value, tags, timeToLive, serveStaleFor, end, failure);
  }

  Loaded<V> withTags(List<String> checked) {
    return new Loaded<>(kind, value, checked, timeToLive, serveStaleFor, notAfter, failure);
  }

  /** Returns this as something that is kept nowhere. */
  Loaded<V> forItsCallerAlone() {
    return notAfter(Instant.EPOCH);
  }

  /** Returns this as a value. */
  Loaded<V> withValue(V found) {
    return new Loaded<>(Kind.VALUE, found, tags, timeToLive, serveStaleFor, notAfter, failure);
  }

  Kind kind() {
    return kind;
  }

  @Nullable V value() {
    return value;
  }

  V requireValue() {
    if (value == null) {
      throw new IllegalArgumentException("loaded must be Loaded.of(value) but was " + this);
    }
    return value;
  }

  List<String> tags() {
    return tags;
  }

  @Nullable Duration timeToLive() {
    return timeToLive;
  }

  @Nullable Duration serveStaleFor() {
    return serveStaleFor;
  }

  @Nullable Exception failure() {
    return failure;
  }

  @Nullable Instant notAfter() {
    return notAfter;
  }

  /** Returns nothing of the value, which may be user data. */
  @Override
  public String toString() {
    return "Loaded[" + kind + ", " + tags.size() + " tags]";
  }
}

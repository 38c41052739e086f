package dev.perfkit.compress;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.support.Options;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How the responses of a route are compressed.
 *
 * <pre>{@code
 * ResponseCompressor.named("web")
 *     .route("/account/*", RoutePolicy.secret())
 *     .route("/search", RoutePolicy.padded())
 *     .route("/reports/*", RoutePolicy.on().level(Coding.GZIP, 9))
 *     .build();
 * }</pre>
 *
 * <p>The length of a compressed body tells an attacker who can choose a part of it whether that
 * part repeats a secret of another part (BREACH), through any encryption. Only not to compress is a
 * cure; padding makes the attacker average over more requests, no more than that.
 *
 * <p>Immutable.
 */
@Beta
public final class RoutePolicy {

  private enum Mode {
    ON,
    OFF,
    PADDED,
    SECRET
  }

  private static final RoutePolicy ON = new RoutePolicy(Mode.ON, Map.of());

  private final Mode mode;
  private final Map<Coding, Integer> levels;

  private RoutePolicy(Mode mode, Map<Coding, Integer> levels) {
    this.mode = mode;
    this.levels = levels;
  }

  /** Returns the policy of routes for which none is given: compressed. */
  public static RoutePolicy on() {
    return ON;
  }

  /** Returns a policy under which nothing is compressed, whatever the client forbids. */
  public static RoutePolicy off() {
    return new RoutePolicy(Mode.OFF, Map.of());
  }

  /**
   * Returns a policy under which each body gets 0 to 255 random bytes that decoders ignore: in the
   * header of gzip, a skippable frame of zstd, a metadata block of br. Deflate has no place for
   * them and is not used. Padded bodies have weak entity tags and are never kept.
   */
  public static RoutePolicy padded() {
    return new RoutePolicy(Mode.PADDED, Map.of());
  }

  /**
   * Returns a policy for bodies that hold secrets: nothing is compressed, and a GET or HEAD that
   * forbids identity is answered 406.
   */
  public static RoutePolicy secret() {
    return new RoutePolicy(Mode.SECRET, Map.of());
  }

  /**
   * Returns this policy with the level of a coding, whatever the type and size of a body.
   *
   * @throws IllegalArgumentException if it is out of the coding's range, or the coding is identity
   */
  public RoutePolicy level(Coding coding, int level) {
    Options.require(
        !coding.equals(Coding.IDENTITY), "level", "be of a coding but identity", coding);
    Options.between(coding.token() + " level", coding.minLevel(), coding.maxLevel(), level);
    Map<Coding, Integer> all = new HashMap<>(levels);
    all.put(coding, level);
    return new RoutePolicy(mode, Map.copyOf(all));
  }

  /** Returns whether bodies are compressed at all. */
  public boolean compresses() {
    return mode == Mode.ON || mode == Mode.PADDED;
  }

  /** Returns whether bodies are padded. */
  public boolean isPadded() {
    return mode == Mode.PADDED;
  }

  /** Returns whether bodies hold secrets. */
  public boolean isSecret() {
    return mode == Mode.SECRET;
  }

  /** Returns the level given for a coding, or null. */
  @Nullable Integer level(Coding coding) {
    return levels.get(coding);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof RoutePolicy that && mode == that.mode && levels.equals(that.levels);
  }

  @Override
  public int hashCode() {
    return Objects.hash(mode, levels);
  }

  @Override
  public String toString() {
    String name = mode.name().toLowerCase(java.util.Locale.ROOT);
    return "RoutePolicy[" + name + (levels.isEmpty() ? "" : ", levels " + levels) + "]";
  }
}

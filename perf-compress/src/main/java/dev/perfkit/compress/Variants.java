package dev.perfkit.compress;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.ByteSize;
import dev.perfkit.spi.support.Options;
import java.util.HashMap;
import java.util.Map;

/**
 * How encoded bodies are kept for the next response with the same content, and made smaller in the
 * background once they are asked for often. Needs Caffeine on the class path. Immutable.
 *
 * <pre>{@code
 * ResponseCompressor.named("web").variants(Variants.upTo(ByteSize.ofMebibytes(64))).build();
 * }</pre>
 *
 * <p>A variant is found by the SHA-256 of the identity bytes, coding, level and dictionary, so it
 * can never be of other content, whoever asks. Several requests that need the same one at once wait
 * for one encoder. Responses with {@code no-store} and streams are not kept. The memory holds what
 * was sent, in encoded form, until it is needed for others.
 */
@Beta
public final class Variants {

  /**
   * After so many uses a variant is made anew in the background unless told otherwise: {@value}.
   */
  public static final int DEFAULT_RECOMPRESS_AFTER = 8;

  /** Recompression never happens: {@value}. */
  public static final int NEVER = 0;

  private static final int MOST_USES = 1_000_000;

  private final long maximumBytes;
  private final int recompressAfter;
  private final boolean byEntityTag;
  private final Map<Coding, Integer> backgroundLevels;

  private Variants(
      long maximumBytes,
      int recompressAfter,
      boolean byEntityTag,
      Map<Coding, Integer> backgroundLevels) {
    this.maximumBytes = maximumBytes;
    this.recompressAfter = recompressAfter;
    this.byEntityTag = byEntityTag;
    this.backgroundLevels = Map.copyOf(backgroundLevels);
  }

  /**
   * Returns a configuration for variants of at most so many bytes together. A single one is kept up
   * to an eighth of that.
   *
   * @throws IllegalArgumentException if the size is under 64 KiB
   */
  public static Variants upTo(ByteSize size) {
    Options.require(size.toBytes() >= 1 << 16, "variants size", "be at least 64 KiB", size);
    return new Variants(size.toBytes(), DEFAULT_RECOMPRESS_AFTER, false, Map.of());
  }

  /**
   * Returns this with another number of uses, of the same content, after which a variant is made
   * anew at the {@linkplain #backgroundLevel background level}. Default: {@value
   * #DEFAULT_RECOMPRESS_AFTER}.
   *
   * @param uses 1 to 1,000,000, or {@link #NEVER}
   * @throws IllegalArgumentException if it is out of range
   */
  public Variants recompressAfter(int uses) {
    Options.between("recompressAfter", NEVER, MOST_USES, uses);
    return new Variants(maximumBytes, uses, byEntityTag, backgroundLevels);
  }

  /**
   * Returns this with another level for the background. Default: the highest of the coding, such as
   * br 11 and zstd 19.
   *
   * @throws IllegalArgumentException if the level is not one of the coding
   */
  public Variants backgroundLevel(Coding coding, int level) {
    Options.between(coding.token() + " level", coding.minLevel(), coding.maxLevel(), level);
    Map<Coding, Integer> levels = new HashMap<>(backgroundLevels);
    levels.put(coding, level);
    return new Variants(maximumBytes, recompressAfter, byEntityTag, levels);
  }

  /**
   * Returns this with the application's entity tags trusted: a strong tag stands for the content
   * hash, which saves hashing the body. It does so only together with the {@linkplain
   * RequestHead#target target URI}, the content type, and the request's values of the fields that
   * {@code Vary} names; for status 200 to a GET or HEAD; and never for a response with {@code
   * Set-Cookie}, {@code Vary: *} or {@code Cache-Control: private}, nor for a request with {@code
   * Authorization}, nor with a {@code Cookie} that {@code Vary} does not name. All of these are
   * found by their content.
   *
   * <p>Only for applications that give two different bodies of one URI two different tags. One that
   * breaks this promise sends one client what was meant for another.
   */
  public Variants byEntityTag() {
    return new Variants(maximumBytes, recompressAfter, true, backgroundLevels);
  }

  long maximumBytes() {
    return maximumBytes;
  }

  int recompressAfterUses() {
    return recompressAfter;
  }

  boolean trustsEntityTags() {
    return byEntityTag;
  }

  int levelInBackground(Coding coding) {
    return backgroundLevels.getOrDefault(coding, coding.maxLevel());
  }

  @Override
  public String toString() {
    return "Variants[up to " + ByteSize.ofBytes(maximumBytes) + "]";
  }
}

package dev.perfkit.compress;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.support.Options;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A content coding of HTTP: its registered name and its levels. The built-in ones are constants;
 * {@link #of} makes those of other codecs. Immutable; equal if name and levels are.
 */
@Beta
public final class Coding {

  /** The weight of such a coding has no place in the number that {@link AcceptEncoding} reads. */
  static final int NO_SLOT = -1;

  /** No coding: the body as the application wrote it. */
  public static final Coding IDENTITY = new Coding("identity", 0, 0, 0, 0);

  /** The gzip format of RFC 1952; needs nothing but the JDK. */
  public static final Coding GZIP = new Coding("gzip", 1, 1, 9, 6);

  /** Zstandard, RFC 8878 with the window limit of RFC 9659; needs {@code zstd-jni}. */
  public static final Coding ZSTD = new Coding("zstd", 2, 1, 19, 3);

  /** Brotli, RFC 7932; needs {@code brotli4j} and its native artifact for the platform. */
  public static final Coding BROTLI = new Coding("br", 3, 0, 11, 4);

  /**
   * What HTTP calls deflate: the zlib format of RFC 1950; needs nothing but the JDK. Only for
   * clients that know nothing better, because some have read it as raw deflate.
   */
  public static final Coding DEFLATE = new Coding("deflate", 4, 1, 9, 6);

  /**
   * Zstandard with a {@link Dictionary} that the client has: {@code dcz} of RFC 9842. Offered where
   * {@linkplain ResponseCompressorBuilder#dictionaries dictionaries} are.
   */
  public static final Coding DICTIONARY_ZSTD = new Coding("dcz", NO_SLOT, 1, 19, 3);

  /**
   * Brotli with a {@link Dictionary} that the client has: {@code dcb} of RFC 9842. Offered where
   * {@linkplain ResponseCompressorBuilder#dictionaries dictionaries} are.
   */
  public static final Coding DICTIONARY_BROTLI = new Coding("dcb", NO_SLOT, 5, 11, 5);

  private static final List<Coding> WITH_DICTIONARY = List.of(DICTIONARY_ZSTD, DICTIONARY_BROTLI);
  private static final List<Coding> BUILT_IN = List.of(IDENTITY, GZIP, ZSTD, BROTLI, DEFLATE);
  private static final Pattern TOKEN = Pattern.compile("[a-z0-9!#$%&'+.^_`|~-]{1,32}");
  private static final int HIGHEST_LEVEL = 99;

  private final String token;
  private final int slot;
  private final int minLevel;
  private final int maxLevel;
  private final int defaultLevel;

  private Coding(String token, int slot, int minLevel, int maxLevel, int defaultLevel) {
    this.token = token;
    this.slot = slot;
    this.minLevel = minLevel;
    this.maxLevel = maxLevel;
    this.defaultLevel = defaultLevel;
  }

  /**
   * Returns the coding of a codec that is not built in.
   *
   * @param token its name, of 1 to 32 characters that a token may have, in lower case
   * @param minLevel the fastest level, 0 to 99
   * @param maxLevel the level with the smallest results, {@code minLevel} to 99
   * @param defaultLevel the level where none is given
   * @throws IllegalArgumentException if the name is not of that form or of a built-in coding, or
   *     the levels are not in that order
   */
  public static Coding of(String token, int minLevel, int maxLevel, int defaultLevel) {
    Options.require(TOKEN.matcher(token).matches(), "token", "match " + TOKEN, token);
    Options.require(
        !token.equals("x-gzip")
            && Stream.concat(BUILT_IN.stream(), WITH_DICTIONARY.stream())
                .noneMatch(known -> known.token.equals(token)),
        "token",
        "not be of a built-in coding",
        token);
    Options.between("minLevel", 0, HIGHEST_LEVEL, minLevel);
    Options.between("maxLevel", minLevel, HIGHEST_LEVEL, maxLevel);
    Options.between("defaultLevel", minLevel, maxLevel, defaultLevel);
    return new Coding(token, NO_SLOT, minLevel, maxLevel, defaultLevel);
  }

  /** Returns the built-in codings without a dictionary, identity first; unmodifiable. */
  public static List<Coding> builtIn() {
    return BUILT_IN;
  }

  /** Returns the codings that need a dictionary. */
  static List<Coding> withDictionary() {
    return WITH_DICTIONARY;
  }

  /**
   * Returns whether a client must have named it: {@code *} does not say that it has a dictionary.
   */
  boolean needsDictionary() {
    return WITH_DICTIONARY.contains(this);
  }

  /** Returns the name in {@code Accept-Encoding} and {@code Content-Encoding}, in lower case. */
  public String token() {
    return token;
  }

  /** Returns the fastest level. */
  public int minLevel() {
    return minLevel;
  }

  /** Returns the level with the smallest results. */
  public int maxLevel() {
    return maxLevel;
  }

  /** Returns the level where none is given. */
  public int defaultLevel() {
    return defaultLevel;
  }

  /** Returns where its weight is kept by {@link AcceptEncoding}: 0 to 4, or {@link #NO_SLOT}. */
  int slot() {
    return slot;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Coding that
        && token.equals(that.token)
        && minLevel == that.minLevel
        && maxLevel == that.maxLevel
        && defaultLevel == that.defaultLevel;
  }

  @Override
  public int hashCode() {
    return Objects.hash(token, minLevel, maxLevel, defaultLevel);
  }

  /** Returns the name. */
  @Override
  public String toString() {
    return token;
  }
}

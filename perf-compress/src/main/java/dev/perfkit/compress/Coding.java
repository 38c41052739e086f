package dev.perfkit.compress;

import dev.perfkit.spi.Beta;

/** A content coding of HTTP, by its registered name. More may be added. */
@Beta
public enum Coding {
  /** No coding: the body as the application wrote it. */
  IDENTITY("identity", 0, 0, 0, 0),
  /** The gzip format of RFC 1952; needs nothing but the JDK. */
  GZIP("gzip", 1, 1, 9, 6),
  /** Zstandard, RFC 8878 with the window limit of RFC 9659; needs {@code zstd-jni}. */
  ZSTD("zstd", 2, 1, 19, 3),
  /** Brotli, RFC 7932; needs {@code brotli4j} and its native artifact for the platform. */
  BROTLI("br", 3, 0, 11, 4),
  /**
   * What HTTP calls deflate: the zlib format of RFC 1950; needs nothing but the JDK. Only for
   * clients that know nothing better, because some have read it as raw deflate.
   */
  DEFLATE("deflate", 4, 1, 9, 6);

  private final String token;
  private final int slot;
  private final int minLevel;
  private final int maxLevel;
  private final int defaultLevel;

  Coding(String token, int slot, int minLevel, int maxLevel, int defaultLevel) {
    this.token = token;
    this.slot = slot;
    this.minLevel = minLevel;
    this.maxLevel = maxLevel;
    this.defaultLevel = defaultLevel;
  }

  /** Returns the name in {@code Accept-Encoding} and {@code Content-Encoding}, in lower case. */
  public String token() {
    return token;
  }

  /** Returns the fastest level. */
  int minLevel() {
    return minLevel;
  }

  /** Returns the level with the smallest results. */
  int maxLevel() {
    return maxLevel;
  }

  /** Returns the level where none is given. */
  int defaultLevel() {
    return defaultLevel;
  }

  /** Returns where its weight is kept by {@link AcceptEncoding}: 0 to 4. */
  int slot() {
    return slot;
  }
}

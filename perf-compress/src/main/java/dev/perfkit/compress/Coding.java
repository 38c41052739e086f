package dev.perfkit.compress;

import dev.perfkit.spi.Beta;

/** A content coding of HTTP, by its registered name. More may be added. */
@Beta
public enum Coding {
  /** No coding: the body as the application wrote it. */
  IDENTITY("identity", 0),
  /** The gzip format of RFC 1952; needs nothing but the JDK. */
  GZIP("gzip", 1),
  /** Zstandard, RFC 8878 with the window limit of RFC 9659; needs {@code zstd-jni}. */
  ZSTD("zstd", 2);

  private final String token;
  private final int slot;

  Coding(String token, int slot) {
    this.token = token;
    this.slot = slot;
  }

  /** Returns the name in {@code Accept-Encoding} and {@code Content-Encoding}, in lower case. */
  public String token() {
    return token;
  }

  /** Returns where its weight is kept by {@link AcceptEncoding}: 0 to 4. */
  int slot() {
    return slot;
  }
}

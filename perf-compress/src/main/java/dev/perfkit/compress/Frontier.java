package dev.perfkit.compress;

/**
 * The level at which a body is encoded while a client waits, unless one was chosen: where another
 * level would cost much more time for few bytes fewer, or many more bytes for little time less, as
 * measured on generated JSON (gzip-4 never is: 3 is faster and as small, 5 is smaller). Levels that
 * take more than a millisecond are for the background.
 */
final class Frontier {

  private static final long KIBIBYTE = 1024;

  /** From here on zstd-1 is as small as zstd-3 and a third faster; gzip-3 is twice as fast as 6. */
  private static final long LARGE = 128 * KIBIBYTE;

  /** Up to here gzip-6 and br-5 stay well under half a millisecond. */
  private static final long SMALL = 32 * KIBIBYTE;

  /** From here on the tables of br 8 to 10 are worth their making. */
  private static final long BROTLI_TABLES = 1024 * KIBIBYTE;

  private Frontier() {}

  /**
   * Returns the level.
   *
   * @param type type and subtype in lower case, without parameters
   * @param length of the body in bytes, or -1 if it is not known
   */
  static int level(Coding coding, String type, long length) {
    boolean fast = length >= LARGE || ContentTypes.isBinary(type);
    boolean small = length >= 0 && length <= SMALL;
    if (coding.equals(Coding.ZSTD)) {
      return fast || ContentTypes.isStreamed(type) ? 1 : 3;
    }
    if (coding.equals(Coding.BROTLI)) {
      return small && !fast ? 5 : 4;
    }
    if (coding.equals(Coding.GZIP) || coding.equals(Coding.DEFLATE)) {
      return fast ? 3 : small || length < 0 ? 6 : 5;
    }
    return coding.defaultLevel();
  }

  /** Returns a chosen level, or the best below that does not waste time on tables. */
  static int bounded(Coding coding, int level, long length) {
    return coding.equals(Coding.BROTLI) && length < BROTLI_TABLES && level >= 8 && level <= 10
        ? 7
        : level;
  }
}

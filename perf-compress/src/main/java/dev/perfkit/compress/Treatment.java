package dev.perfkit.compress;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What is done with the body of a response beside encoding it.
 *
 * @param padded whether its length is to tell less
 * @param minifier what is to make it smaller first, or null
 * @param timings what the application says in {@code Server-Timing}; null if nothing is to be added
 */
record Treatment(boolean padded, @Nullable Minifier minifier, @Nullable String timings) {

  static final Treatment NONE = new Treatment(false, null, null);

  private static final double NANOS_PER_MILLI = 1e6;

  /** Returns what is to be encoded: the body itself unless it could be made smaller. */
  byte[] minified(byte[] body) {
    byte[] smaller = minifier == null ? null : minifier.minify(body);
    return smaller == null ? body : smaller;
  }

  /** Returns the field with what encoding took, or null if it is not to be told. */
  @Nullable String timing(Coding coding, int level, long nanos) {
    if (timings == null) {
      return null;
    }
    String ours =
        String.format(
            Locale.ROOT,
            "compress;dur=%.3f;desc=\"%s-%d\"",
            nanos / NANOS_PER_MILLI,
            coding.token(),
            level);
    return timings.isEmpty() ? ours : timings + ", " + ours;
  }
}

package dev.perfkit.compress;

import dev.perfkit.spi.Beta;
import org.jspecify.annotations.Nullable;

/**
 * Leaves out of a body what its readers do not need, before it is encoded.
 *
 * <p>Only whole bodies that are encoded are minified: the identity body stays as the application
 * wrote it, so its entity tag, ranges and digests stay true.
 *
 * <p>Implementations are safe for use by any number of threads and never change their input.
 */
@Beta
public interface Minifier {

  /**
   * Returns a name that changes whenever the results do, such as {@code json-1}: strong entity tags
   * of encoded bodies depend on it.
   */
  String id();

  /**
   * Returns whether bodies of a type are to be minified.
   *
   * @param contentType the value of {@code Content-Type}, with parameters
   */
  boolean accepts(String contentType);

  /**
   * Returns the smaller body, or null if it stays as it is: it is not of its type, or does not get
   * smaller. A failure leaves the body as it is, too.
   */
  byte @Nullable [] minify(byte[] body);

  /**
   * Returns a minifier of JSON in UTF-8: leaves out whitespace between tokens and never changes a
   * token. What is not JSON stays as it is as far as that is seen: strings that do not end, and
   * tokens that only whitespace keeps apart.
   */
  static Minifier json() {
    return JsonMinifier.INSTANCE;
  }
}

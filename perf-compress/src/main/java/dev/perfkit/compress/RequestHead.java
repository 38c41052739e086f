package dev.perfkit.compress;

import dev.perfkit.spi.Beta;
import java.util.Objects;

/**
 * What a decision needs to know of a request.
 *
 * @param method such as {@code GET}, in upper case
 * @param headers a view of the request's header fields
 * @param target the full target URI as the client knows it, such as {@code
 *     https://example.org/users?page=2}; {@link #UNKNOWN_TARGET} if it is not known. Variants by
 *     entity tag and dictionaries need it.
 */
@Beta
public record RequestHead(String method, Headers headers, String target) {

  /** The target URI is not known: the empty string. */
  public static final String UNKNOWN_TARGET = "";

  /** Checks that nothing is null. */
  public RequestHead {
    Objects.requireNonNull(method, "method");
    Objects.requireNonNull(headers, "headers");
    Objects.requireNonNull(target, "target");
  }

  /** A head without a known target. */
  public RequestHead(String method, Headers headers) {
    this(method, headers, UNKNOWN_TARGET);
  }

  boolean isHead() {
    return method.equals("HEAD");
  }

  boolean isGetOrHead() {
    return method.equals("GET") || isHead();
  }

  /** Returns the method only: the rest may be of a user. */
  @Override
  public String toString() {
    return "RequestHead[" + method + "]";
  }
}

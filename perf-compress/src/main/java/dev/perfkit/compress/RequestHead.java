package dev.perfkit.compress;

import dev.perfkit.spi.Beta;
import java.util.Objects;

/**
 * What a decision needs to know of a request.
 *
 * @param method such as {@code GET}, in upper case
 * @param headers a view of the request's header fields
 */
@Beta
public record RequestHead(String method, Headers headers) {

  /** Checks that nothing is null. */
  public RequestHead {
    Objects.requireNonNull(method, "method");
    Objects.requireNonNull(headers, "headers");
  }

  boolean isHead() {
    return method.equals("HEAD");
  }

  boolean isGetOrHead() {
    return method.equals("GET") || isHead();
  }
}

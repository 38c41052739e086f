package dev.perfkit.compress;

import dev.perfkit.spi.Beta;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A request whose body is not decoded: the status to answer with, and why. The message holds
 * nothing of the body.
 */
@Beta
public final class RequestRefusedException extends IOException {

  private static final long serialVersionUID = 1;

  private final int status;

  RequestRefusedException(int status, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.status = status;
  }

  /**
   * Returns the status of HTTP: 400 if the body is damaged, 413 if it is too large, 415 if its
   * coding is unknown (to be answered with {@code Accept-Encoding}, see {@link
   * RequestDecoder#acceptEncoding}), 503 if too many bodies are being decoded.
   */
  public int status() {
    return status;
  }
}

package dev.perfkit.sla;

import dev.perfkit.spi.Beta;
import org.jspecify.annotations.Nullable;

/**
 * Something that perf-sla was asked to do cannot be done; the message says what, why and the cure.
 */
@Beta
public final class SlaException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  SlaException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

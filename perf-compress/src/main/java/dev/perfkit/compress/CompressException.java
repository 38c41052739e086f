package dev.perfkit.compress;

import dev.perfkit.spi.Beta;
import org.jspecify.annotations.Nullable;

/** Compression cannot be done as it was asked for. */
@Beta
public final class CompressException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** Creates one with what happened and the cure, and the failure underneath. */
  public CompressException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

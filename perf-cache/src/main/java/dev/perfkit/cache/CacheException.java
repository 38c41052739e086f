package dev.perfkit.cache;

import dev.perfkit.spi.Beta;
import org.jspecify.annotations.Nullable;

/**
 * A cache could not answer, for a reason that is neither the loader's own failure nor a wrong
 * argument. The message never holds a key or a value.
 */
@Beta
public sealed class CacheException extends RuntimeException
    permits BulkLoadException, LoadTimeoutException {

  private static final long serialVersionUID = 1;

  CacheException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

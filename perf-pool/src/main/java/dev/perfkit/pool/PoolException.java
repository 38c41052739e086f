package dev.perfkit.pool;

import dev.perfkit.spi.Beta;

/**
 * A pool group could not start. The message names the node, what its server said and what to check;
 * it holds no password. What goes wrong later is a {@link java.sql.SQLException}.
 */
@Beta
public final class PoolException extends RuntimeException {

  private static final long serialVersionUID = 1;

  PoolException(String message, Throwable cause) {
    super(message, cause);
  }
}

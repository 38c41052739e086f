package dev.perfkit.pool;

import java.sql.SQLTransientConnectionException;

/** No node gave a connection in time. */
final class NotAcquired extends SQLTransientConnectionException {

  private static final long serialVersionUID = 1;

  NotAcquired(String message, String state, Throwable cause) {
    super(message, state, cause);
  }
}

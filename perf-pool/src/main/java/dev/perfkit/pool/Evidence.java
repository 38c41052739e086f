package dev.perfkit.pool;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import org.jspecify.annotations.Nullable;

/** What a failure says about the node it came from. */
enum Evidence {
  /** Nothing: a wrong statement, a lock, a conflict, a cancelled query. */
  NONE,
  /** The connection is gone: the server ended, refuses, or shuts down. */
  CONNECTION,
  /** No answer in time; the server may be frozen, or only slow. */
  TIMEOUT,
  /** It lives, but has no room for one connection more. */
  FULL,
  /** It lives, but does not let us in. */
  AUTHENTICATION,
  /** It lives, but could not do its work: out of memory or disk, damaged data, a bug. */
  FAULT;

  private static final int MAX_DEPTH = 10;

  /** Returns the first thing that the failure, its causes or its next exceptions say. */
  static Evidence of(Throwable failure) {
    @Nullable Throwable current = failure;
    for (int depth = 0; current != null && depth < MAX_DEPTH; depth++) {
      Evidence said = ofOne(current);
      if (said != NONE) {
        return said;
      }
      current = after(current);
    }
    return NONE;
  }

  /** Returns whether the server said that it starts or ends, and lets nobody new in meanwhile. */
  static boolean isShutdown(Throwable failure) {
    @Nullable Throwable current = failure;
    for (int depth = 0; current != null && depth < MAX_DEPTH; depth++) {
      if (current instanceof SQLException e && "57P03".equals(e.getSQLState())) {
        return true;
      }
      current = after(current);
    }
    return false;
  }

  /** Returns whether the connection it came over is of no more use. */
  boolean endsConnections() {
    return this == CONNECTION || this == TIMEOUT;
  }

  /** Returns whether the server lives and the failure is a matter of its settings. */
  boolean isRefusal() {
    return this == FULL || this == AUTHENTICATION;
  }

  private static @Nullable Throwable after(Throwable failure) {
    Throwable cause = failure.getCause();
    return cause == null && failure instanceof SQLException e ? e.getNextException() : cause;
  }

  private static Evidence ofOne(Throwable failure) {
    if (failure instanceof SQLException e) {
      String state = e.getSQLState();
      return state == null ? ofType(e) : ofState(state, e);
    }
    if (failure instanceof SocketTimeoutException) {
      return TIMEOUT;
    }
    return failure instanceof IOException ? CONNECTION : NONE;
  }

  private static Evidence ofType(SQLException failure) {
    boolean connection =
        failure instanceof SQLRecoverableException
            || failure instanceof SQLNonTransientConnectionException;
    return connection ? connectionOrTimeout(failure) : NONE;
  }

  private static Evidence ofState(String state, SQLException failure) {
    return switch (state) {
      case "53300" -> FULL;
      case "57P01", "57P02", "57P03" -> CONNECTION;
      case "08004" -> AUTHENTICATION;
      default -> ofClass(state.substring(0, Math.min(2, state.length())), failure);
    };
  }

  private static Evidence ofClass(String sqlStateClass, SQLException failure) {
    return switch (sqlStateClass) {
      case "08" -> connectionOrTimeout(failure);
      case "28" -> AUTHENTICATION;
      case "53", "58", "XX" -> FAULT;
      default -> NONE;
    };
  }

  /** Drivers report a read that timed out as a lost connection; the cause tells them apart. */
  private static Evidence connectionOrTimeout(SQLException failure) {
    @Nullable Throwable current = failure;
    for (int depth = 0; current != null && depth < MAX_DEPTH; depth++) {
      if (current instanceof SocketTimeoutException) {
        return TIMEOUT;
      }
      current = current.getCause();
    }
    return CONNECTION;
  }
}

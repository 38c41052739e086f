package dev.perfkit.pool;

import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import org.jspecify.annotations.Nullable;

/** The texts of failures, in one place. Messages carry names, states and counts, never data. */
final class Errors {

  private static final String CLOSED = "08003";
  private static final String CANNOT_CONNECT = "08001";
  private static final String NOTHING_BEGAN = "08S02";
  private static final String OUTCOME_UNKNOWN = "08007";
  private static final int MAX_TEXT = 200;

  private Errors() {}

  static SQLException connectionClosed(String group) {
    return new SQLNonTransientConnectionException(
        "pool group '" + group + "': this connection is closed; get another one", CLOSED);
  }

  static SQLException statementClosed(String group) {
    return new SQLNonTransientConnectionException(
        "pool group '" + group + "': this statement is closed; create another one", CLOSED);
  }

  static SQLException groupClosed(String group) {
    return new SQLNonTransientConnectionException("pool group '" + group + "' is closed", CLOSED);
  }

  static SQLException connectionLost(String group, String how) {
    return new SQLNonTransientConnectionException(
        "pool group '" + group + "': this connection was lost (" + how + "); get another one",
        CLOSED);
  }

  /** Nobody takes writes; the cause is the last failure of a borrow, if there was one. */
  static SQLException noPrimary(
      String group, String vacancy, long millis, @Nullable SQLException cause) {
    return new SQLTransientConnectionException(
        "pool group '"
            + group
            + "': no primary within "
            + millis
            + " ms ("
            + vacancy
            + "): it accepts no writes until one of its nodes is promoted or answers again",
        CANNOT_CONNECT,
        cause);
  }

  /** The primary of a moment ago is one no longer. */
  static SQLException notWritable(String group, PoolNode node) {
    return new SQLTransientConnectionException(
        "pool group '"
            + group
            + "': node '"
            + node.name()
            + "' was the primary and answers as a replica: it accepts no writes; was another server"
            + " promoted?",
        CANNOT_CONNECT);
  }

  /** A write came to a session that cannot leave its replica. */
  static SQLException keptByState(String group, String node, SQLException cause) {
    return new SQLException(
        "pool group '"
            + group
            + "': this connection stays on replica '"
            + node
            + "' until it is closed, because what was run there may have left settings, locks or"
            + " prepared statements behind; get another connection to write",
        cause.getSQLState(),
        cause);
  }

  static SQLException interrupted(String group, @Nullable Throwable cause) {
    return new SQLTransientConnectionException(
        "pool group '" + group + "': interrupted while waiting for a connection",
        CANNOT_CONNECT,
        cause);
  }

  static SQLException draining(String group) {
    return new SQLNonTransientConnectionException(
        "pool group '" + group + "' is drained and lends no more connections", CLOSED);
  }

  /** The connection was lost, and nothing can have been committed. */
  static SQLException failedOver(String group, String node, SQLException cause) {
    return new SQLRecoverableException(
        "pool group '"
            + group
            + "': the connection to node '"
            + node
            + "' was lost before anything was committed ("
            + brief(cause)
            + "); get another connection and retry from the beginning of the transaction",
        NOTHING_BEGAN,
        cause);
  }

  /** The connection was lost, and nobody knows whether what was under way was committed. */
  static SQLException outcomeUnknown(String group, String node, SQLException cause) {
    return new SQLNonTransientConnectionException(
        "pool group '"
            + group
            + "': the connection to node '"
            + node
            + "' was lost while a commit may have been under way ("
            + brief(cause)
            + "); look whether it happened before you retry",
        OUTCOME_UNKNOWN,
        cause);
  }

  /** The commit happened on the primary, and no standby has confirmed it. */
  static SQLException notReplicated(String group, String node, SQLException warning) {
    return new SQLNonTransientConnectionException(
        "pool group '"
            + group
            + "': node '"
            + node
            + "' committed without the confirmation of a synchronous standby, because the wait was"
            + " cancelled: a failover may undo it; look whether it is there before you retry",
        OUTCOME_UNKNOWN,
        warning);
  }

  static SQLException interrupted(String group) {
    return new SQLTransientConnectionException(
        "pool group '" + group + "': interrupted while waiting for a replica to catch up",
        CANNOT_CONNECT);
  }

  static SQLException notCaughtUp(String group, long millis) {
    return new SQLTransientConnectionException(
        "pool group '"
            + group
            + "': no replica caught up with this session within "
            + millis
            + " ms, and the primary takes no more reads in place of replicas now"
            + " (fallbacksPerSecond)",
        CANNOT_CONNECT);
  }

  /**
   * No connection was to be had. The state is the server's where one lives and refuses us, such as
   * for a wrong password; else it says to try again. The cause is the last failure.
   */
  static SQLTransientConnectionException notAcquired(
      String group, String nodes, long millis, SQLException cause) {
    @Nullable Throwable root = cause.getCause() == null ? cause : cause.getCause();
    String state = root instanceof SQLException e ? e.getSQLState() : cause.getSQLState();
    return new SQLTransientConnectionException(
        "pool group '" + group + "': no connection within " + millis + " ms (" + nodes + ")",
        state == null || Evidence.of(cause).endsConnections() ? CANNOT_CONNECT : state,
        cause);
  }

  /** One line about a failure: its SQLSTATE and the start of its message. */
  static String brief(Throwable failure) {
    Throwable said = rootOf(failure);
    String text = String.valueOf(said.getMessage()).replaceAll("\\s+", " ");
    if (text.length() > MAX_TEXT) {
      text = text.substring(0, MAX_TEXT) + "...";
    }
    return said instanceof SQLException e && e.getSQLState() != null
        ? e.getSQLState() + " " + text
        : said.getClass().getSimpleName() + " " + text;
  }

  /** Returns the deepest SQLException of the causes, or the failure itself. */
  private static Throwable rootOf(Throwable failure) {
    Throwable found = failure;
    @Nullable Throwable current = failure;
    for (int depth = 0; current != null && depth < 10; depth++) {
      if (current instanceof SQLException) {
        found = current;
      }
      current = current.getCause();
    }
    return found;
  }

  /** What a person should look at first, by SQLSTATE. */
  static String hint(Throwable failure) {
    String state = rootOf(failure) instanceof SQLException e ? e.getSQLState() : null;
    if (state == null) {
      return "check the configuration of the node";
    }
    if (state.startsWith("28")) {
      return "check user and password, and that the server lets them in (pg_hba.conf)";
    }
    return switch (state) {
      case "3D000" -> "check the name of the database in the URL";
      case "53300" -> "the server has no connection left: check max_connections and who uses them";
      case "57P03" -> "the server is starting up or shutting down: try again";
      case "08001", "08006" -> "check host and port, and that the server accepts connections";
      default -> "check the configuration of the node";
    };
  }
}

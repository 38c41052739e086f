package dev.perfkit.pool;

import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/** Says what became of what was under way when a connection was lost, or a wait was cancelled. */
final class Outcome {

  private Outcome() {}

  /**
   * Returns what the caller is told of a failure: 08S02 if its connection was lost and nothing can
   * have been committed, 08007 if it was lost and something may have been, else the failure itself.
   *
   * @param mayCommit whether what failed may have committed something
   */
  static SQLException of(String group, Lease lease, SQLException failure, boolean mayCommit) {
    if (!Evidence.of(failure).endsConnections()) {
      return failure;
    }
    return mayCommit
        ? Errors.outcomeUnknown(group, lease.node.name(), failure)
        : Errors.failedOver(group, lease.node.name(), failure);
  }

  /** Returns whether a statement may commit something, and its failure is one to ask about. */
  static boolean mayCommit(SQLException failure, boolean autoCommit, String sql) {
    return Evidence.of(failure).endsConnections() && (autoCommit || CommitText.mayCommit(sql));
  }

  /**
   * Fails if a statement that ended well has committed, and lacks the confirmation of a standby.
   */
  static void requireConfirmed(
      String group, Lease lease, Statement statement, boolean autoCommit, String sql)
      throws SQLException {
    SQLWarning warning = statement.getWarnings();
    if (warning != null && (autoCommit || CommitText.mayCommit(sql))) {
      requireConfirmed(group, lease, warning);
    }
  }

  /** Fails if a commit that ended well lacks the confirmation of a standby. */
  static void requireConfirmed(String group, Lease lease, @Nullable SQLWarning warnings)
      throws SQLException {
    SQLWarning missing = warnings == null ? null : Confirmation.missing(warnings);
    if (missing != null) {
      lease.connection.clearWarnings();
      throw Errors.notReplicated(group, lease.node.name(), missing);
    }
  }
}

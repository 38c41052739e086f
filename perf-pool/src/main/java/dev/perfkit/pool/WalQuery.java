package dev.perfkit.pool;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Asks servers what they are and how far they have come, through a probe that may be a host's: what
 * it throws unchecked is a failed question.
 */
final class WalQuery {

  /** A question, unless the server is of another kind. */
  @FunctionalInterface
  private interface Question<R> {

    @Nullable R ask() throws SQLException;
  }

  private final ServerProbe probe;

  WalQuery(ServerProbe probe) {
    this.probe = probe;
  }

  boolean isSupported(Connection connection) throws SQLException {
    return Boolean.TRUE.equals(guarded(() -> probe.supports(connection.getMetaData())));
  }

  Answer role(Connection connection) throws SQLException {
    ServerRole role = guarded(() -> probe.role(connection));
    if (role == null) {
      throw new SQLException("the server probe told no role");
    }
    return new Answer(
        role.writable() ? NodeRole.PRIMARY : NodeRole.REPLICA,
        role.cluster(),
        role.timeline(),
        role.incarnation());
  }

  /**
   * Returns the position, or null if the server does not tell one.
   *
   * @param openNanos since when the connection is open, or longer
   */
  @Nullable WalPosition position(Connection connection, long openNanos, long nowNanos)
      throws SQLException {
    LogPosition told = guarded(() -> probe.position(connection));
    return told == null
        ? null
        : new WalPosition(
            told.writable(), told.cluster(), told.timeline(), told.position(), openNanos, nowNanos);
  }

  /**
   * Returns what a primary has inserted by now.
   *
   * @param known an earlier position of the cluster, if there is one
   */
  Floor inserted(Connection connection, @Nullable WalPosition known, long nowNanos)
      throws SQLException {
    LogPosition told =
        known == null
            ? guarded(() -> probe.position(connection))
            : guarded(() -> probe.committed(connection, known.told()));
    if (told == null) {
      throw new SQLException("the server told no log position");
    }
    if (!told.writable()) {
      throw new SQLException("the server is not a primary", "25006");
    }
    return new Floor(told.cluster(), told.timeline(), told.position(), nowNanos);
  }

  private static <R> @Nullable R guarded(Question<R> question) throws SQLException {
    try {
      return question.ask();
    } catch (RuntimeException broken) {
      throw new SQLException("the server probe failed: " + broken, broken);
    }
  }
}

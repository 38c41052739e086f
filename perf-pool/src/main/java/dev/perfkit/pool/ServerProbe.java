package dev.perfkit.pool;

import dev.perfkit.spi.Beta;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Asks servers of one kind of database what they are and how far they have come; {@link #postgres}
 * is the default. A server that it does not support is what its label says, and a session that has
 * written reads from the primary there.
 *
 * <p>Asked often, by several threads, each over a connection of its own that the probe neither
 * closes nor changes. What it throws is a probe that failed: an SQLSTATE of class 08 says that the
 * server is gone, and anything else leaves the node as it was.
 */
@Beta
public interface ServerProbe {

  /** Returns whether it can ask this server. */
  boolean supports(DatabaseMetaData server) throws SQLException;

  /** Asks what a server is, in one round trip if that can be. */
  ServerRole role(Connection connection) throws SQLException;

  /**
   * Asks how far a server has come, in one round trip if that can be.
   *
   * @return null if it does not tell now
   */
  @Nullable LogPosition position(Connection connection) throws SQLException;

  /**
   * Asks a primary how far it has come, after a commit on the same connection: that commit is not
   * beyond the answer. This is what a commit of a session costs; by default it is {@link
   * #position}.
   *
   * @param known an earlier position of the same cluster, for what does not change
   * @return null if it does not tell now
   */
  default @Nullable LogPosition committed(Connection connection, LogPosition known)
      throws SQLException {
    return position(connection);
  }

  /** Returns the probe of PostgreSQL 10 and newer. */
  static ServerProbe postgres() {
    return PostgresProbe.INSTANCE;
  }
}

package dev.perfkit.pool;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Hands out logical connections. */
final class GroupDataSource implements DataSource {

  private final Router router;
  private final boolean reader;
  private final @Nullable Session session;
  private final Sessions sessions;

  /**
   * @param session the one that all connections belong to, or null: that of the thread
   */
  GroupDataSource(Router router, boolean reader, @Nullable Session session, Sessions sessions) {
    this.router = router;
    this.reader = reader;
    this.session = session;
    this.sessions = sessions;
  }

  @Override
  public Connection getConnection() throws SQLException {
    router.requireOpen();
    return new LogicalConnection(router, reader, session == null ? sessions.current() : session);
  }

  /** Not supported: the nodes of a group have their own credentials. */
  @Override
  public Connection getConnection(String user, String password) throws SQLException {
    throw new SQLFeatureNotSupportedException(
        "pool group '"
            + router.group()
            + "': credentials belong to its nodes; use getConnection()");
  }

  @Override
  public @Nullable PrintWriter getLogWriter() {
    return null;
  }

  @Override
  public void setLogWriter(PrintWriter out) throws SQLException {
    throw new SQLFeatureNotSupportedException(
        "pool group '" + router.group() + "' logs through SLF4J");
  }

  /** Returns 0: each node has its own acquire timeout. */
  @Override
  public int getLoginTimeout() {
    return 0;
  }

  @Override
  public void setLoginTimeout(int seconds) throws SQLException {
    throw new SQLFeatureNotSupportedException(
        "pool group '" + router.group() + "': set the acquire timeout of its nodes instead");
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException(
        "pool group '" + router.group() + "' logs through SLF4J");
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    if (type.isInstance(this)) {
      return type.cast(this);
    }
    throw new SQLException(
        "pool group '" + router.group() + "' is several pools and no " + type.getName());
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return type.isInstance(this);
  }

  @Override
  public String toString() {
    return "PoolGroup[" + router.group() + "]." + (reader ? "reader()" : "dataSource()");
  }
}

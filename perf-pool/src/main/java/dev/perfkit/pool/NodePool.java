package dev.perfkit.pool;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import com.zaxxer.hikari.util.Credentials;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * One generation of a node's pool. Connections for reading and for writing are set up differently,
 * and HikariCP fixes that when a pool is made; so a node whose role changed gets another pool.
 */
final class NodePool {

  private final HikariDataSource dataSource;
  private final HikariPool pool;
  private final NodeRole purpose;
  private final int ceiling;
  private final int builtMinimumIdle;

  NodePool(HikariDataSource dataSource, NodeRole purpose) {
    this.dataSource = dataSource;
    this.pool = (HikariPool) dataSource.getHikariPoolMXBean();
    this.purpose = purpose;
    this.ceiling = dataSource.getMaximumPoolSize();
    this.builtMinimumIdle = dataSource.getMinimumIdle();
  }

  NodeRole purpose() {
    return purpose;
  }

  ConnectionSource source() {
    return NodePlan.source(dataSource);
  }

  boolean readOnlyByDefault() {
    return dataSource.isReadOnly();
  }

  boolean autoCommitByDefault() {
    return dataSource.isAutoCommit();
  }

  long acquireTimeoutMillis() {
    return dataSource.getConnectionTimeout();
  }

  Connection borrow(long timeoutMillis) throws SQLException {
    return pool.getConnection(timeoutMillis);
  }

  void evict(Connection connection) {
    dataSource.evictConnection(connection);
  }

  /** Closes idle connections now, and those in use when they come back. */
  void evictAll() {
    pool.softEvictConnections();
  }

  void credentials(String user, String password) {
    dataSource.setCredentials(Credentials.of(user, password));
    evictAll();
  }

  int active() {
    return pool.getActiveConnections();
  }

  int idle() {
    return pool.getIdleConnections();
  }

  int pending() {
    return pool.getThreadsAwaitingConnection();
  }

  int maximum() {
    return dataSource.getMaximumPoolSize();
  }

  boolean isSaturated() {
    return pool.getTotalConnections() >= dataSource.getMaximumPoolSize();
  }

  int ceiling() {
    return ceiling;
  }

  void maximum(int size) {
    dataSource.setMinimumIdle(Math.min(builtMinimumIdle, size));
    dataSource.setMaximumPoolSize(size);
  }

  /** Closes idle connections over the maximum, which Hikari keeps. */
  void trim() {
    int excess = pool.getTotalConnections() - dataSource.getMaximumPoolSize();
    for (int i = 0; i < excess && pool.getIdleConnections() > 0; i++) {
      try {
        dataSource.evictConnection(pool.getConnection(1));
      } catch (SQLException nothingIdle) {
        return;
      }
    }
  }

  void close() {
    dataSource.close();
  }
}

package dev.perfkit.pool;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The rarer settings of a logical connection, kept until there is a pooled one to apply them to.
 */
final class SessionSettings {

  @Nullable String catalog;
  @Nullable String schema;
  @Nullable Integer isolation;
  @Nullable Integer holdability;
  @Nullable Map<String, Class<?>> typeMap;
  @Nullable Executor networkTimeoutExecutor;
  int networkTimeoutMillis;
  final Properties clientInfo = new Properties();

  private @Nullable Integer holdabilityBefore;
  private @Nullable Map<String, Class<?>> typeMapBefore;

  /** Applies what would be undone by a rollback if it were set inside of a transaction. */
  void applyBeforeTransaction(Connection connection) throws SQLException {
    if (networkTimeoutExecutor != null) {
      connection.setNetworkTimeout(networkTimeoutExecutor, networkTimeoutMillis);
    }
    if (catalog != null) {
      connection.setCatalog(catalog);
    }
    if (schema != null) {
      connection.setSchema(schema);
    }
    for (String name : clientInfo.stringPropertyNames()) {
      connection.setClientInfo(name, clientInfo.getProperty(name));
    }
  }

  void applyRest(Connection connection) throws SQLException {
    if (isolation != null) {
      connection.setTransactionIsolation(isolation);
    }
    if (holdability != null) {
      applyHoldability(connection);
    }
    if (typeMap != null) {
      applyTypeMap(connection);
    }
  }

  void applyHoldability(Connection connection) throws SQLException {
    if (holdabilityBefore == null) {
      holdabilityBefore = connection.getHoldability();
    }
    if (holdability != null) {
      connection.setHoldability(holdability);
    }
  }

  void applyTypeMap(Connection connection) throws SQLException {
    if (typeMapBefore == null) {
      typeMapBefore = connection.getTypeMap();
    }
    connection.setTypeMap(typeMap);
  }

  /** Puts back what Hikari does not: the next user must not inherit it. */
  void restore(Connection connection) throws SQLException {
    if (holdabilityBefore != null) {
      connection.setHoldability(holdabilityBefore);
      holdabilityBefore = null;
    }
    if (typeMapBefore != null) {
      connection.setTypeMap(typeMapBefore);
      typeMapBefore = null;
    }
  }
}

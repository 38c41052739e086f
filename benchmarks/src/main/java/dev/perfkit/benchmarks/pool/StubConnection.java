package dev.perfkit.benchmarks.pool;

import java.lang.reflect.Proxy;
import java.sql.Array;
import java.sql.Blob;
import java.sql.CallableStatement;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.NClob;
import java.sql.PreparedStatement;
import java.sql.SQLWarning;
import java.sql.SQLXML;
import java.sql.Savepoint;
import java.sql.Statement;
import java.sql.Struct;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A connection that does nothing, to measure what is around it. */
final class StubConnection implements Connection {

  private static final DatabaseMetaData METADATA =
      (DatabaseMetaData)
          Proxy.newProxyInstance(
              StubConnection.class.getClassLoader(),
              new Class<?>[] {DatabaseMetaData.class},
              (proxy, method, arguments) -> "stub");

  @Override
  public void abort(Executor a0) {}

  @Override
  public void clearWarnings() {}

  @Override
  public void close() {}

  @Override
  public void commit() {}

  @Override
  public @Nullable Array createArrayOf(String a0, Object[] a1) {
    return null;
  }

  @Override
  public @Nullable Blob createBlob() {
    return null;
  }

  @Override
  public @Nullable Clob createClob() {
    return null;
  }

  @Override
  public @Nullable NClob createNClob() {
    return null;
  }

  @Override
  public @Nullable SQLXML createSQLXML() {
    return null;
  }

  @Override
  public Statement createStatement() {
    return new StubStatement(this);
  }

  @Override
  public Statement createStatement(int a0, int a1, int a2) {
    return new StubStatement(this);
  }

  @Override
  public Statement createStatement(int a0, int a1) {
    return new StubStatement(this);
  }

  @Override
  public @Nullable Struct createStruct(String a0, Object[] a1) {
    return null;
  }

  @Override
  public boolean getAutoCommit() {
    return true;
  }

  @Override
  public @Nullable String getCatalog() {
    return null;
  }

  @Override
  public @Nullable Properties getClientInfo() {
    return null;
  }

  @Override
  public @Nullable String getClientInfo(String a0) {
    return null;
  }

  @Override
  public int getHoldability() {
    return 0;
  }

  @Override
  public DatabaseMetaData getMetaData() {
    return METADATA;
  }

  @Override
  public int getNetworkTimeout() {
    return 0;
  }

  @Override
  public @Nullable String getSchema() {
    return null;
  }

  @Override
  public int getTransactionIsolation() {
    return TRANSACTION_READ_COMMITTED;
  }

  @Override
  public @Nullable Map<String, Class<?>> getTypeMap() {
    return null;
  }

  @Override
  public @Nullable SQLWarning getWarnings() {
    return null;
  }

  @Override
  public boolean isClosed() {
    return false;
  }

  @Override
  public boolean isReadOnly() {
    return false;
  }

  @Override
  public boolean isValid(int a0) {
    return true;
  }

  @Override
  public boolean isWrapperFor(Class<?> a0) {
    return false;
  }

  @Override
  public @Nullable String nativeSQL(String a0) {
    return null;
  }

  @Override
  public @Nullable CallableStatement prepareCall(String a0, int a1, int a2, int a3) {
    return null;
  }

  @Override
  public @Nullable CallableStatement prepareCall(String a0, int a1, int a2) {
    return null;
  }

  @Override
  public @Nullable CallableStatement prepareCall(String a0) {
    return null;
  }

  @Override
  public PreparedStatement prepareStatement(String a0, int[] a1) {
    return new StubStatement(this);
  }

  @Override
  public PreparedStatement prepareStatement(String a0, String[] a1) {
    return new StubStatement(this);
  }

  @Override
  public PreparedStatement prepareStatement(String a0, int a1, int a2, int a3) {
    return new StubStatement(this);
  }

  @Override
  public PreparedStatement prepareStatement(String a0, int a1, int a2) {
    return new StubStatement(this);
  }

  @Override
  public PreparedStatement prepareStatement(String a0, int a1) {
    return new StubStatement(this);
  }

  @Override
  public PreparedStatement prepareStatement(String a0) {
    return new StubStatement(this);
  }

  @Override
  public void releaseSavepoint(Savepoint a0) {}

  @Override
  public void rollback() {}

  @Override
  public void rollback(Savepoint a0) {}

  @Override
  public void setAutoCommit(boolean a0) {}

  @Override
  public void setCatalog(String a0) {}

  @Override
  public void setClientInfo(String a0, String a1) {}

  @Override
  public void setClientInfo(Properties a0) {}

  @Override
  public void setHoldability(int a0) {}

  @Override
  public void setNetworkTimeout(Executor a0, int a1) {}

  @Override
  public void setReadOnly(boolean a0) {}

  @Override
  public @Nullable Savepoint setSavepoint() {
    return null;
  }

  @Override
  public @Nullable Savepoint setSavepoint(String a0) {
    return null;
  }

  @Override
  public void setSchema(String a0) {}

  @Override
  public void setTransactionIsolation(int a0) {}

  @Override
  public void setTypeMap(Map<String, Class<?>> a0) {}

  @Override
  public <T> @Nullable T unwrap(Class<T> a0) {
    return null;
  }
}

package dev.perfkit.pool;

import java.sql.Connection;
import java.sql.SQLClientInfoException;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a logical connection: kept while nothing is borrowed, applied to the pooled
 * connection when it is, and forwarded to it from then on.
 */
abstract class SessionConnection implements Connection {

  private static final String ACTIVE_TRANSACTION = "25001";

  /** Asks a connection something. */
  @FunctionalInterface
  interface Question<R> {

    R of(Connection connection) throws SQLException;
  }

  private final boolean reader;
  private boolean autoCommit;
  private boolean readOnly;
  private boolean inTransaction;
  private @Nullable SessionSettings settings;

  /**
   * @param reader whether it reads only, for good
   */
  SessionConnection(boolean reader, boolean readOnly, boolean autoCommit) {
    this.reader = reader;
    this.readOnly = reader || readOnly;
    this.autoCommit = autoCommit;
  }

  abstract String group();

  abstract void requireOpen() throws SQLException;

  /** Returns the pooled connection if there is one. */
  abstract @Nullable Lease pinned();

  /** Gives the pooled connection back; the next statement is routed anew. */
  abstract void unpin() throws SQLException;

  /** Leaves a replica that was chosen by the text of statements; the primary is next. */
  abstract void leaveSelects();

  /** Asks the pooled connection, or a borrowed one of any node. */
  abstract <R> R ask(Question<R> question) throws SQLException;

  /** Notes what a failure says about the node, and returns what the caller is told. */
  abstract SQLException failed(SQLException failure);

  /** The same of a failure while a commit may have been under way. */
  abstract SQLException commitFailed(SQLException failure);

  /** Fails if a commit that ended well lacks the confirmation of a standby. */
  abstract void requireConfirmed(Lease lease) throws SQLException;

  final void applyTo(Lease lease) throws SQLException {
    Connection connection = lease.connection;
    SessionSettings kept = settings;
    if (kept != null) {
      kept.applyBeforeTransaction(connection);
    }
    if (autoCommit != lease.pool.autoCommitByDefault()) {
      connection.setAutoCommit(autoCommit);
    }
    // After autocommit: inside of transactions read-only costs no round trip.
    boolean enforced = readOnly || lease.select;
    if (enforced != lease.pool.readOnlyByDefault()) {
      connection.setReadOnly(enforced);
    }
    if (kept != null) {
      kept.applyRest(connection);
    }
  }

  final void restore(Lease lease) throws SQLException {
    if (settings != null) {
      settings.restore(lease.connection);
    }
  }

  /** Returns whether nothing is set that this class would have to put back. */
  final boolean keepsToDefaults() {
    return settings == null || (settings.holdability == null && settings.typeMap == null);
  }

  final void transactionBegins() {
    inTransaction = !autoCommit;
  }

  final void transactionEnds() {
    inTransaction = false;
  }

  private SessionSettings settings() {
    SessionSettings kept = settings;
    if (kept == null) {
      kept = new SessionSettings();
      settings = kept;
    }
    return kept;
  }

  private <R> R kept(@Nullable R value, Question<R> question) throws SQLException {
    requireOpen();
    return value != null && pinned() == null ? value : ask(question);
  }

  @Override
  public void setAutoCommit(boolean autoCommit) throws SQLException {
    requireOpen();
    if (!autoCommit) {
      leaveSelects();
    }
    Lease lease = pinned();
    if (lease != null) {
      try {
        lease.connection.setAutoCommit(autoCommit);
      } catch (SQLException failure) {
        throw autoCommit && inTransaction ? commitFailed(failure) : failed(failure);
      }
      if (autoCommit && inTransaction) {
        transactionEnds();
        this.autoCommit = true;
        requireConfirmed(lease);
      }
    }
    if (this.autoCommit != autoCommit) {
      transactionEnds();
    }
    this.autoCommit = autoCommit;
  }

  @Override
  public boolean getAutoCommit() throws SQLException {
    requireOpen();
    return autoCommit;
  }

  final boolean autoCommits() {
    return autoCommit;
  }

  final boolean readsOnly() {
    return readOnly;
  }

  /**
   * Before the first statement this decides where the connection is routed. Afterwards it is
   * refused inside a transaction; outside of one, a connection of a replica that becomes writable
   * leaves it (its statements are closed) and is routed to the primary by its next statement,
   * unless something was run that may have left something behind; any other one stays where it is.
   */
  @Override
  public void setReadOnly(boolean readOnly) throws SQLException {
    requireOpen();
    if (this.readOnly == readOnly) {
      return;
    }
    if (reader) {
      throw new SQLFeatureNotSupportedException(
          "pool group '" + group() + "': connections of reader() stay read-only; use dataSource()");
    }
    Lease lease = pinned();
    if (lease != null) {
      setReadOnly(lease, readOnly);
    }
    this.readOnly = readOnly;
  }

  private void setReadOnly(Lease lease, boolean readOnly) throws SQLException {
    if (inTransaction) {
      throw new SQLException(
          "pool group '"
              + group()
              + "': read-only cannot change inside a transaction; commit or roll back first",
          ACTIVE_TRANSACTION);
    }
    lease.select = false;
    if (lease.stateful && !readOnly) {
      // What is there would be lost elsewhere; its replica goes on enforcing.
      return;
    }
    // The driver refuses if a transaction was begun by SQL text.
    lease.connection.setReadOnly(readOnly);
    if (!readOnly && lease.replica) {
      unpin();
    }
  }

  @Override
  public boolean isReadOnly() throws SQLException {
    requireOpen();
    return readOnly;
  }

  @Override
  public void setTransactionIsolation(int level) throws SQLException {
    requireOpen();
    Lease lease = pinned();
    if (lease != null) {
      lease.connection.setTransactionIsolation(level);
    }
    settings().isolation = level;
  }

  @Override
  public int getTransactionIsolation() throws SQLException {
    return kept(settings == null ? null : settings.isolation, Connection::getTransactionIsolation);
  }

  @Override
  public void setCatalog(String catalog) throws SQLException {
    requireOpen();
    Lease lease = pinned();
    if (lease != null) {
      lease.connection.setCatalog(catalog);
    }
    settings().catalog = catalog;
  }

  @Override
  public String getCatalog() throws SQLException {
    return kept(settings == null ? null : settings.catalog, Connection::getCatalog);
  }

  @Override
  public void setSchema(String schema) throws SQLException {
    requireOpen();
    Lease lease = pinned();
    if (lease != null) {
      lease.connection.setSchema(schema);
    }
    settings().schema = schema;
  }

  @Override
  public String getSchema() throws SQLException {
    return kept(settings == null ? null : settings.schema, Connection::getSchema);
  }

  @Override
  public void setHoldability(int holdability) throws SQLException {
    requireOpen();
    leaveSelects();
    settings().holdability = holdability;
    Lease lease = pinned();
    if (lease != null) {
      settings().applyHoldability(lease.connection);
    }
  }

  @Override
  public int getHoldability() throws SQLException {
    return kept(settings == null ? null : settings.holdability, Connection::getHoldability);
  }

  @Override
  public void setTypeMap(Map<String, Class<?>> types) throws SQLException {
    requireOpen();
    leaveSelects();
    settings().typeMap = types;
    Lease lease = pinned();
    if (lease != null) {
      settings().applyTypeMap(lease.connection);
    }
  }

  @Override
  public Map<String, Class<?>> getTypeMap() throws SQLException {
    return kept(settings == null ? null : settings.typeMap, Connection::getTypeMap);
  }

  @Override
  public void setNetworkTimeout(Executor executor, int milliseconds) throws SQLException {
    requireOpen();
    if (milliseconds < 0) {
      throw new SQLException("network timeout must be at least 0 ms but was " + milliseconds);
    }
    Lease lease = pinned();
    if (lease != null) {
      lease.connection.setNetworkTimeout(executor, milliseconds);
    }
    settings().networkTimeoutExecutor = executor;
    settings().networkTimeoutMillis = milliseconds;
  }

  @Override
  public int getNetworkTimeout() throws SQLException {
    SessionSettings kept = settings;
    Integer set = null;
    if (kept != null && kept.networkTimeoutExecutor != null) {
      set = kept.networkTimeoutMillis;
    }
    return kept(set, Connection::getNetworkTimeout);
  }

  @Override
  public void setClientInfo(String name, String value) throws SQLClientInfoException {
    requireOpenForClientInfo();
    Lease lease = pinned();
    if (lease != null) {
      lease.connection.setClientInfo(name, value);
    }
    if (value == null) {
      settings().clientInfo.remove(name);
    } else {
      settings().clientInfo.setProperty(name, value);
    }
  }

  @Override
  public void setClientInfo(Properties properties) throws SQLClientInfoException {
    requireOpenForClientInfo();
    Lease lease = pinned();
    if (lease != null) {
      lease.connection.setClientInfo(properties);
    }
    settings().clientInfo.clear();
    settings().clientInfo.putAll(properties);
  }

  private void requireOpenForClientInfo() throws SQLClientInfoException {
    try {
      requireOpen();
    } catch (SQLException closed) {
      throw new SQLClientInfoException(closed.getMessage(), closed.getSQLState(), Map.of(), closed);
    }
  }

  @Override
  public String getClientInfo(String name) throws SQLException {
    SessionSettings kept = settings;
    return kept(
        kept == null ? null : kept.clientInfo.getProperty(name), c -> c.getClientInfo(name));
  }

  @Override
  public Properties getClientInfo() throws SQLException {
    requireOpen();
    Properties info = new Properties();
    info.putAll(ask(Connection::getClientInfo));
    if (settings != null && pinned() == null) {
      info.putAll(settings.clientInfo);
    }
    return info;
  }
}

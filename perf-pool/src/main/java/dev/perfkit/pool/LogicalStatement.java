package dev.perfkit.pool;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A statement of a logical connection. It is made on a pooled connection when it is first needed,
 * which is when it is run; settings made before are kept and applied then.
 *
 * <p>A read that loses its replica before anything was returned is made again elsewhere, once; see
 * {@link LogicalConnection#mayRunElsewhere}.
 */
class LogicalStatement extends ForwardingStatement {

  /** A setting or an execution. */
  @FunctionalInterface
  interface Work<R> {

    R on(Statement statement) throws SQLException;
  }

  /** A change of the statement. */
  @FunctionalInterface
  interface Setting {

    void on(Statement statement) throws SQLException;
  }

  private final LogicalConnection connection;
  private final StatementSource<? extends Statement> source;
  private @Nullable List<Setting> settings;
  private @Nullable LogicalResultSet results;
  private @Nullable StringBuilder batch;
  private boolean readable;
  private @Nullable Lease place;

  /** What was left at a replica; its rows may be in use until the next execution. */
  private @Nullable Statement former;

  // Volatile: cancel() comes from other threads.
  private volatile @Nullable Statement delegate;
  private boolean closed;

  LogicalStatement(LogicalConnection connection, StatementSource<? extends Statement> source) {
    this.connection = connection;
    this.source = source;
  }

  /** Its rows cannot be changed and it returns no keys, so that its text may choose its node. */
  final void readable(boolean readable) {
    this.readable = readable;
  }

  final boolean isReadable() {
    return readable;
  }

  /** Makes the statement now, where the connection is. */
  final void open() throws SQLException {
    if (closed) {
      throw Errors.statementClosed(connection.group());
    }
    Lease lease = connection.place();
    Statement made = connection.make(lease, source);
    if (settings != null) {
      for (Setting setting : settings) {
        setting.on(made);
      }
    }
    delegate = made;
    place = lease;
  }

  /** Returns the statement where the connection is now, made again there if it has moved. */
  final Statement present() throws SQLException {
    Lease made = place;
    Statement before = delegate;
    if (made != null && made.left && before != null && !closed) {
      open();
      former = before;
      replayOn(delegate());
    }
    return delegate();
  }

  /** Returns whether the connection may move elsewhere and this statement with it. */
  final boolean mayMove() {
    return place != null && place.select;
  }

  private Statement forExecution() throws SQLException {
    Statement statement = present();
    closeFormer();
    return statement;
  }

  private void closeFormer() throws SQLException {
    Statement left = former;
    if (left != null) {
      former = null;
      left.close();
      connection.closedAside();
    }
  }

  @Override
  final Statement delegate() throws SQLException {
    Statement made = delegate;
    if (made == null) {
      connection.requireOpen();
      open();
      made = delegate;
    }
    if (made == null) {
      throw Errors.statementClosed(connection.group());
    }
    return made;
  }

  final LogicalConnection connection() {
    return connection;
  }

  /** Sets again on a new statement what was set on the one that was lost. */
  void replayOn(Statement statement) throws SQLException {}

  /** Returns whether what was set on this statement is known and can be set again. */
  boolean canReplay() {
    return true;
  }

  /** Nothing will be set again after an execution. */
  void executed() {}

  /** Runs something that may have effects: never twice. */
  final <R> R run(String sql, Work<R> work) throws SQLException {
    connection.requireOpen();
    connection.route(sql, false);
    Statement statement = forExecution();
    connection.beginExecution(sql);
    return run(sql, statement, work);
  }

  /** Asks the statement for something that is no execution of its own. */
  final <R> R ask(String sql, Work<R> work) throws SQLException {
    connection.requireOpen();
    Statement statement = delegate();
    connection.beginExecution();
    return run(sql, statement, work);
  }

  private <R> R run(String sql, Statement statement, Work<R> work) throws SQLException {
    executed();
    R result;
    try {
      result = work.on(statement);
    } catch (SQLException failure) {
      throw connection.failed(failure, sql);
    } finally {
      connection.endExecution();
    }
    connection.ran(sql, statement);
    return result;
  }

  /** Runs something that reads, if the session does: once more elsewhere if its replica is lost. */
  final <R> R query(String sql, Work<R> work) throws SQLException {
    connection.requireOpen();
    connection.route(sql, readable);
    Statement statement = forExecution();
    connection.beginExecution(sql);
    R result;
    try {
      result = work.on(statement);
    } catch (SQLException failure) {
      if (canReplay() && connection.mayRunElsewhere(failure)) {
        connection.moveElsewhere(failure);
        open();
        replayOn(delegate());
        return queryAgain(sql, work, failure);
      }
      connection.endExecution();
      if (connection.mayRunOnPrimary(failure, sql) && canReplay()) {
        return queryAgain(sql, work, failure);
      }
      throw connection.failed(failure, sql);
    }
    executed();
    connection.endExecution();
    connection.ran(sql, statement);
    return result;
  }

  private <R> R queryAgain(String sql, Work<R> work, SQLException failure) throws SQLException {
    Statement statement = forExecution();
    connection.beginExecution(sql);
    try {
      return run(sql, statement, work);
    } catch (SQLException again) {
      if (again != failure) {
        again.addSuppressed(failure);
      }
      throw again;
    }
  }

  final ResultSet wrapped(ResultSet rows) {
    return new LogicalResultSet(this, rows);
  }

  /** Wraps what is a result set, and returns anything else as it is. */
  final Object wrapped(Object value) {
    return value instanceof ResultSet rows ? wrapped(rows) : value;
  }

  /** Result sets have null for "none"; asked twice for the same one, the answer is the same. */
  private @Nullable ResultSet wrappedOnce(@Nullable ResultSet rows) {
    if (rows == null) {
      return null;
    }
    LogicalResultSet last = results;
    if (last == null || last.delegate != rows) {
      last = new LogicalResultSet(this, rows);
      results = last;
    }
    return last;
  }

  private void configure(Setting setting) throws SQLException {
    connection.requireOpen();
    Statement made = delegate;
    if (made != null) {
      setting.on(made);
    } else if (closed) {
      throw Errors.statementClosed(connection.group());
    }
    List<Setting> noted = settings == null ? new ArrayList<>(2) : settings;
    noted.add(setting);
    settings = noted;
  }

  @Override
  public ResultSet executeQuery(String sql) throws SQLException {
    return wrapped(query(sql, s -> s.executeQuery(sql)));
  }

  @Override
  public boolean execute(String sql) throws SQLException {
    return query(sql, s -> s.execute(sql));
  }

  @Override
  public boolean execute(String sql, int autoGeneratedKeys) throws SQLException {
    return run(sql, s -> s.execute(sql, autoGeneratedKeys));
  }

  @Override
  public boolean execute(String sql, int[] columnIndexes) throws SQLException {
    return run(sql, s -> s.execute(sql, columnIndexes));
  }

  @Override
  public boolean execute(String sql, String[] columnNames) throws SQLException {
    return run(sql, s -> s.execute(sql, columnNames));
  }

  @Override
  public int executeUpdate(String sql) throws SQLException {
    return run(sql, s -> s.executeUpdate(sql));
  }

  @Override
  public int executeUpdate(String sql, int autoGeneratedKeys) throws SQLException {
    return run(sql, s -> s.executeUpdate(sql, autoGeneratedKeys));
  }

  @Override
  public int executeUpdate(String sql, int[] columnIndexes) throws SQLException {
    return run(sql, s -> s.executeUpdate(sql, columnIndexes));
  }

  @Override
  public int executeUpdate(String sql, String[] columnNames) throws SQLException {
    return run(sql, s -> s.executeUpdate(sql, columnNames));
  }

  @Override
  public long executeLargeUpdate(String sql) throws SQLException {
    return run(sql, s -> s.executeLargeUpdate(sql));
  }

  @Override
  public long executeLargeUpdate(String sql, int autoGeneratedKeys) throws SQLException {
    return run(sql, s -> s.executeLargeUpdate(sql, autoGeneratedKeys));
  }

  @Override
  public long executeLargeUpdate(String sql, int[] columnIndexes) throws SQLException {
    return run(sql, s -> s.executeLargeUpdate(sql, columnIndexes));
  }

  @Override
  public long executeLargeUpdate(String sql, String[] columnNames) throws SQLException {
    return run(sql, s -> s.executeLargeUpdate(sql, columnNames));
  }

  @Override
  public void addBatch(String sql) throws SQLException {
    connection.requireOpen();
    connection.route(sql, false);
    present().addBatch(sql);
    batch = (batch == null ? new StringBuilder() : batch.append(';')).append(sql);
  }

  @Override
  public void clearBatch() throws SQLException {
    delegate().clearBatch();
    batch = null;
  }

  /** Returns what a batch runs. */
  private String batched() {
    String text = batch == null ? ownText() : batch.toString();
    batch = null;
    return text;
  }

  /** Returns the text that it was prepared with; empty if it was not. */
  String ownText() {
    return "";
  }

  @Override
  public int[] executeBatch() throws SQLException {
    return run(batched(), Statement::executeBatch);
  }

  @Override
  public long[] executeLargeBatch() throws SQLException {
    return run(batched(), Statement::executeLargeBatch);
  }

  @Override
  public @Nullable ResultSet getResultSet() throws SQLException {
    return wrappedOnce(delegate().getResultSet());
  }

  @Override
  public @Nullable ResultSet getGeneratedKeys() throws SQLException {
    return wrappedOnce(delegate().getGeneratedKeys());
  }

  @Override
  public boolean getMoreResults() throws SQLException {
    return ask("", Statement::getMoreResults);
  }

  @Override
  public boolean getMoreResults(int current) throws SQLException {
    return ask("", s -> s.getMoreResults(current));
  }

  @Override
  public void setMaxFieldSize(int max) throws SQLException {
    configure(s -> s.setMaxFieldSize(max));
  }

  @Override
  public void setMaxRows(int max) throws SQLException {
    configure(s -> s.setMaxRows(max));
  }

  @Override
  public void setLargeMaxRows(long max) throws SQLException {
    configure(s -> s.setLargeMaxRows(max));
  }

  @Override
  public void setEscapeProcessing(boolean enable) throws SQLException {
    configure(s -> s.setEscapeProcessing(enable));
  }

  @Override
  public void setQueryTimeout(int seconds) throws SQLException {
    configure(s -> s.setQueryTimeout(seconds));
  }

  @Override
  public void setCursorName(String name) throws SQLException {
    readable = false;
    configure(s -> s.setCursorName(name));
  }

  @Override
  public void setFetchDirection(int direction) throws SQLException {
    configure(s -> s.setFetchDirection(direction));
  }

  @Override
  public void setFetchSize(int rows) throws SQLException {
    configure(s -> s.setFetchSize(rows));
  }

  @Override
  public void setPoolable(boolean poolable) throws SQLException {
    configure(s -> s.setPoolable(poolable));
  }

  @Override
  public void closeOnCompletion() throws SQLException {
    configure(Statement::closeOnCompletion);
  }

  /** Cancels what another thread runs; nothing if nothing was run. */
  @Override
  public void cancel() throws SQLException {
    Statement made = delegate;
    if (made != null) {
      made.cancel();
    }
  }

  @Override
  public void close() throws SQLException {
    if (closed) {
      return;
    }
    closed = true;
    Statement made = delegate;
    Lease lease = place;
    if (made != null && lease != null) {
      closeFormer();
      made.close();
      connection.closed(lease);
    }
  }

  @Override
  public boolean isClosed() throws SQLException {
    Statement made = delegate;
    return closed || connection.isClosed() || (made != null && made.isClosed());
  }

  @Override
  public Connection getConnection() throws SQLException {
    connection.requireOpen();
    return connection;
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    return type.isInstance(this) ? type.cast(this) : delegate().unwrap(type);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) throws SQLException {
    return type.isInstance(this) || delegate().isWrapperFor(type);
  }

  @Override
  public String toString() {
    Statement made = delegate;
    return "statement of " + connection + (made == null ? "" : ": " + made);
  }
}

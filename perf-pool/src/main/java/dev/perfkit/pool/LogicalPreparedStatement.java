package dev.perfkit.pool;

import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A prepared statement of a logical connection. It is routed when it is prepared.
 *
 * <p>Where a first execution might be repeated on another node, the parameters are noted until it
 * is over.
 */
class LogicalPreparedStatement extends ForwardingPreparedStatement {

  /** A statement with more parameters than this is not repeated. */
  private static final int MAX_BINDINGS = 1_000;

  private final String sql;
  private @Nullable List<Binding> bindings;
  private boolean replayable;

  LogicalPreparedStatement(
      LogicalConnection connection,
      String sql,
      StatementSource<? extends PreparedStatement> source) {
    super(connection, source);
    this.sql = sql;
  }

  @Override
  final String ownText() {
    return sql;
  }

  /** Routes, prepares, and decides whether parameters are worth noting. */
  final LogicalPreparedStatement prepare() throws SQLException {
    open();
    replayable = connection().mayRepeat();
    return this;
  }

  @Override
  final PreparedStatement prepared() throws SQLException {
    return (PreparedStatement) delegate();
  }

  @Override
  final void replayable(Binding binding) {
    if (!replayable) {
      return;
    }
    List<Binding> noted = bindings == null ? new ArrayList<>() : bindings;
    bindings = noted;
    noted.add(binding);
    if (noted.size() > MAX_BINDINGS) {
      notReplayable();
    }
  }

  @Override
  final void notReplayable() {
    replayable = false;
    bindings = null;
  }

  @Override
  boolean canReplay() {
    return replayable;
  }

  @Override
  void executed() {
    notReplayable();
  }

  @Override
  void replayOn(Statement statement) throws SQLException {
    if (bindings != null) {
      for (Binding binding : bindings) {
        binding.on((PreparedStatement) statement);
      }
    }
  }

  @Override
  public ResultSet executeQuery() throws SQLException {
    return wrapped(query(sql, s -> ((PreparedStatement) s).executeQuery()));
  }

  @Override
  public boolean execute() throws SQLException {
    return query(sql, s -> ((PreparedStatement) s).execute());
  }

  @Override
  public int executeUpdate() throws SQLException {
    return run(sql, s -> ((PreparedStatement) s).executeUpdate());
  }

  @Override
  public long executeLargeUpdate() throws SQLException {
    return run(sql, s -> ((PreparedStatement) s).executeLargeUpdate());
  }

  @Override
  public void addBatch() throws SQLException {
    notReplayable();
    prepared().addBatch();
  }

  @Override
  public void clearParameters() throws SQLException {
    bindings = null;
    prepared().clearParameters();
  }

  @Override
  public ResultSetMetaData getMetaData() throws SQLException {
    return run(sql, s -> ((PreparedStatement) s).getMetaData());
  }

  @Override
  public ParameterMetaData getParameterMetaData() throws SQLException {
    return run(sql, s -> ((PreparedStatement) s).getParameterMetaData());
  }
}

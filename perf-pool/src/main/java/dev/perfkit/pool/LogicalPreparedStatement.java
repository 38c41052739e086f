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
 * is over; where the text has chosen the node, for as long as the connection may leave it.
 */
class LogicalPreparedStatement extends ForwardingPreparedStatement {

  /** A statement with more parameters than this is not repeated. */
  private static final int MAX_BINDINGS = 1_000;

  private final String sql;
  private @Nullable List<@Nullable Binding> bindings;
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
    connection().route(sql, isReadable());
    open();
    replayable = mayMove() || connection().mayRepeat();
    return this;
  }

  @Override
  final PreparedStatement prepared() throws SQLException {
    return (PreparedStatement) present();
  }

  @Override
  final void replayable(int index, Binding binding) {
    if (!replayable) {
      return;
    }
    if (index < 1 || index > MAX_BINDINGS) {
      notReplayable();
      return;
    }
    List<@Nullable Binding> noted = bindings == null ? new ArrayList<>() : bindings;
    bindings = noted;
    while (noted.size() < index) {
      noted.add(null);
    }
    noted.set(index - 1, binding);
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

  /** They stay set, and are noted for as long as this statement may have to move. */
  @Override
  void executed() {
    if (!mayMove()) {
      notReplayable();
    }
  }

  @Override
  void replayOn(Statement statement) throws SQLException {
    if (bindings == null) {
      return;
    }
    for (@Nullable Binding binding : bindings) {
      if (binding != null) {
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
    connection().route(sql, false);
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
    return ask(sql, s -> ((PreparedStatement) s).getMetaData());
  }

  @Override
  public ParameterMetaData getParameterMetaData() throws SQLException {
    return ask(sql, s -> ((PreparedStatement) s).getParameterMetaData());
  }
}

package dev.perfkit.pool;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The rows of a statement of a logical connection, which they lead back to. */
final class LogicalResultSet extends ForwardingResultSet {

  private final LogicalStatement statement;

  LogicalResultSet(LogicalStatement statement, ResultSet delegate) {
    super(delegate);
    this.statement = statement;
  }

  @Override
  public boolean next() throws SQLException {
    try {
      return delegate.next();
    } catch (SQLException failure) {
      throw statement.connection().failed(failure, statement.ownText());
    }
  }

  @Override
  public void close() throws SQLException {
    delegate.close();
  }

  @Override
  public Statement getStatement() throws SQLException {
    return statement;
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    return type.isInstance(this) ? type.cast(this) : delegate.unwrap(type);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) throws SQLException {
    return type.isInstance(this) || delegate.isWrapperFor(type);
  }
}

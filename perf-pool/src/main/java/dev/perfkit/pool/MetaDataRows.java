package dev.perfkit.pool;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/** Rows of metadata. Those read over a connection of their own give it back when closed. */
final class MetaDataRows extends ForwardingResultSet {

  private final LogicalConnection connection;
  private @Nullable Lease lease;

  MetaDataRows(LogicalConnection connection, @Nullable Lease lease, ResultSet delegate) {
    super(delegate);
    this.connection = connection;
    this.lease = lease;
  }

  @Override
  public boolean next() throws SQLException {
    return delegate.next();
  }

  @Override
  public void close() throws SQLException {
    Lease held = lease;
    lease = null;
    try {
      delegate.close();
    } finally {
      if (held != null) {
        connection.release(this, held);
      }
    }
  }

  /** Returns null: no statement of the application made these rows. */
  @Override
  public @Nullable Statement getStatement() {
    return null;
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

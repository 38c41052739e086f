package dev.perfkit.pool;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Metadata that binds its connection to no node: before the first statement each question is asked
 * over a connection of any node, borrowed for that question. All nodes of a group hold the same
 * database.
 *
 * <p>A dynamic proxy, unlike everything an application calls per query: 177 methods, asked at
 * start.
 */
final class LogicalMetaData implements InvocationHandler {

  private final LogicalConnection connection;

  private LogicalMetaData(LogicalConnection connection) {
    this.connection = connection;
  }

  static DatabaseMetaData of(LogicalConnection connection) {
    return (DatabaseMetaData)
        Proxy.newProxyInstance(
            DatabaseMetaData.class.getClassLoader(),
            new Class<?>[] {DatabaseMetaData.class},
            new LogicalMetaData(connection));
  }

  @Override
  public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments)
      throws Throwable {
    Object[] values = arguments == null ? new Object[0] : arguments;
    return switch (method.getName()) {
      case "getConnection" -> connection;
      case "equals" -> values[0] == proxy;
      case "hashCode" -> System.identityHashCode(proxy);
      case "toString" -> "metadata of " + connection;
      default -> ask(method, values);
    };
  }

  private @Nullable Object ask(Method method, Object[] values) throws Throwable {
    connection.requireOpen();
    Lease pinned = connection.pinned();
    if (pinned != null) {
      return ask(pinned, null, method, values);
    }
    Lease lease = connection.borrowForMetaData();
    boolean held = false;
    try {
      Object answer = ask(lease, lease, method, values);
      held = answer instanceof MetaDataRows;
      return answer;
    } finally {
      if (!held) {
        connection.release(null, lease);
      }
    }
  }

  /**
   * @param owned the lease that ends with the rows, if rows are the answer
   */
  private @Nullable Object ask(Lease lease, @Nullable Lease owned, Method method, Object[] values)
      throws Throwable {
    Object answer;
    try {
      answer = method.invoke(lease.connection.getMetaData(), values);
    } catch (InvocationTargetException failure) {
      Throwable cause = failure.getCause();
      throw cause instanceof SQLException e ? connection.failed(e) : cause;
    }
    if (!(answer instanceof ResultSet rows)) {
      return answer;
    }
    MetaDataRows wrapped = new MetaDataRows(connection, owned, rows);
    if (owned != null) {
      connection.holding(wrapped);
    }
    return wrapped;
  }
}

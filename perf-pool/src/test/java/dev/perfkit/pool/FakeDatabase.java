package dev.perfkit.pool;

import com.zaxxer.hikari.HikariConfig;
import java.io.PrintWriter;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A database that notes what is done to it and fails on demand, for what a real server cannot be
 * made to do at an exact moment. Says it is PostgreSQL, and answers the role probe.
 */
final class FakeDatabase implements DataSource {

  private static final Set<String> QUIET =
      Set.of("getNetworkTimeout", "setNetworkTimeout", "isValid", "isClosed", "clearWarnings");

  final List<String> calls = new CopyOnWriteArrayList<>();
  final AtomicInteger opened = new AtomicInteger();
  volatile boolean inRecovery;
  volatile String system = "7001";
  volatile String incarnation = "run " + System.identityHashCode(this);
  volatile long timeline = 1;
  volatile @Nullable SQLException refusal;
  volatile @Nullable SQLException queryFailure;

  /** Connections open when this is at zero. */
  volatile CountDownLatch opening = new CountDownLatch(0);

  static HikariConfig pooled(FakeDatabase database) {
    HikariConfig config = new HikariConfig();
    config.setDataSource(database);
    config.setMaximumPoolSize(4);
    config.setMinimumIdle(0);
    config.setConnectionTimeout(2_000);
    config.setThreadFactory(
        task -> {
          Thread thread = new Thread(task, "fake-pool");
          thread.setDaemon(true);
          return thread;
        });
    return config;
  }

  /** Returns the notes that start with a word. */
  List<String> calls(String start) {
    return calls.stream().filter(call -> call.startsWith(start)).toList();
  }

  @Override
  public Connection getConnection() throws SQLException {
    SQLException refused = refusal;
    if (refused != null) {
      throw refused;
    }
    awaitOpening();
    opened.incrementAndGet();
    return proxy(Connection.class, new ConnectionCalls());
  }

  private void awaitOpening() throws SQLException {
    try {
      opening.await();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new SQLException("interrupted while opening", interrupted);
    }
  }

  private final class ConnectionCalls implements InvocationHandler {

    private boolean closed;
    private boolean readOnly;
    private boolean autoCommit = true;

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments)
        throws Throwable {
      note(method, arguments);
      return switch (method.getName()) {
        case "isClosed" -> closed;
        case "isValid" -> !closed && queryFailure == null;
        case "isReadOnly" -> readOnly;
        case "getAutoCommit" -> autoCommit;
        case "getTransactionIsolation" -> Connection.TRANSACTION_READ_COMMITTED;
        case "getMetaData" ->
            FakeDatabase.proxy(DatabaseMetaData.class, FakeDatabase.this::metaData);
        case "createStatement" -> FakeDatabase.proxy(Statement.class, FakeDatabase.this::statement);
        case "prepareStatement" ->
            FakeDatabase.proxy(PreparedStatement.class, FakeDatabase.this::statement);
        case "prepareCall" ->
            FakeDatabase.proxy(CallableStatement.class, FakeDatabase.this::statement);
        default -> {
          change(method.getName(), arguments);
          yield byDefault(proxy, method, arguments);
        }
      };
    }

    private void change(String name, Object @Nullable [] arguments) throws SQLException {
      switch (name) {
        case "close", "abort" -> closed = true;
        case "setReadOnly" -> readOnly = (boolean) first(arguments);
        case "setAutoCommit" -> autoCommit = (boolean) first(arguments);
        case "setSchema" -> failIfToldTo();
        default -> {}
      }
    }
  }

  private @Nullable Object metaData(Object proxy, Method method, Object @Nullable [] arguments) {
    return method.getName().equals("getDatabaseProductName")
        ? "PostgreSQL"
        : byDefault(proxy, method, arguments);
  }

  private @Nullable Object statement(Object proxy, Method method, Object @Nullable [] arguments)
      throws SQLException {
    note(method, arguments);
    if (method.getName().startsWith("execute")) {
      boolean probe = arguments != null && String.valueOf(arguments[0]).contains("in_recovery");
      if (probe && refusal != null) {
        throw refusal;
      }
      if (!probe) {
        failIfToldTo();
      }
      if (method.getReturnType() == ResultSet.class) {
        return FakeDatabase.proxy(ResultSet.class, this::rows);
      }
    }
    return byDefault(proxy, method, arguments);
  }

  private @Nullable Object rows(Object proxy, Method method, Object @Nullable [] arguments) {
    return switch (method.getName()) {
      case "next" -> true;
      case "getBoolean" -> inRecovery;
      case "getInt" -> 1;
      case "getString" -> first(arguments).equals(2) ? system : incarnation;
      case "getLong" -> first(arguments).equals(4) ? timeline : 1_000L;
      default -> byDefault(proxy, method, arguments);
    };
  }

  private void failIfToldTo() throws SQLException {
    SQLException failure = queryFailure;
    if (failure != null) {
      throw failure;
    }
  }

  private void note(Method method, Object @Nullable [] arguments) {
    if (!QUIET.contains(method.getName())) {
      calls.add(method.getName() + (arguments == null ? "[]" : Arrays.deepToString(arguments)));
    }
  }

  private static Object first(Object @Nullable [] arguments) {
    return Objects.requireNonNull(arguments)[0];
  }

  static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  static @Nullable Object byDefault(Object proxy, Method method, Object @Nullable [] arguments) {
    return switch (method.getName()) {
      case "equals" -> proxy == first(arguments);
      case "hashCode" -> System.identityHashCode(proxy);
      case "toString" -> "fake " + method.getDeclaringClass().getSimpleName();
      default -> zero(method.getReturnType());
    };
  }

  private static @Nullable Object zero(Class<?> type) {
    if (type == boolean.class) {
      return false;
    }
    if (type == int.class) {
      return 0;
    }
    return type == long.class ? 0L : null;
  }

  @Override
  public Connection getConnection(String user, String password) throws SQLException {
    return getConnection();
  }

  @Override
  public @Nullable PrintWriter getLogWriter() {
    return null;
  }

  @Override
  public void setLogWriter(PrintWriter out) {}

  @Override
  public void setLoginTimeout(int seconds) {}

  @Override
  public int getLoginTimeout() {
    return 1;
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException();
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    throw new SQLException("not a wrapper");
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return false;
  }
}

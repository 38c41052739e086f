package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Proves how connections and statements end: once, for good, and clearly for who comes after. */
class ClosedConnectionTest {

  private static final Set<String> ALLOWED =
      Set.of(
          "close",
          "isClosed",
          "abort",
          "isValid",
          "beginRequest",
          "endRequest",
          "setShardingKey",
          "setShardingKeyIfValid");

  private final FakeDatabase database = new FakeDatabase();
  private final PoolGroup group =
      PoolGroup.named("orders").primary(FakeDatabase.pooled(database)).build();

  @AfterEach
  void close() {
    group.close();
  }

  private Connection used() throws SQLException {
    Connection connection = group.dataSource().getConnection();
    connection.createStatement().execute("SELECT 1");
    return connection;
  }

  private int active() {
    return group.nodes().get(0).active();
  }

  @Test
  void everyMethod_afterClose_fails08003() throws Exception {
    Connection connection = used();
    connection.close();
    List<String> wrong = new ArrayList<>();
    for (Method method : Connection.class.getMethods()) {
      if (!ALLOWED.contains(method.getName())
          && !method.getName().startsWith("enquote")
          && !method.getName().equals("isSimpleIdentifier")) {
        wrong.addAll(notRefused(connection, method));
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(connection.isClosed()).isTrue();
    assertThat(connection.isValid(1)).isFalse();
  }

  private static List<String> notRefused(Connection connection, Method method) throws Exception {
    Object[] arguments = new Object[method.getParameterCount()];
    for (int i = 0; i < arguments.length; i++) {
      Class<?> type = method.getParameterTypes()[i];
      arguments[i] = type == int.class ? (Object) 1 : type == boolean.class ? true : null;
    }
    try {
      method.invoke(connection, arguments);
      return List.of(method + " did nothing about it");
    } catch (InvocationTargetException failure) {
      boolean refused =
          failure.getCause() instanceof SQLException e
              && "08003".equals(e.getSQLState())
              && String.valueOf(e.getMessage()).contains("this connection is closed");
      return refused ? List.of() : List.of(method + ": " + failure.getCause());
    }
  }

  @Test
  void statement_afterItsConnection_isClosedAndBorrowsNothing() throws SQLException {
    Connection connection = group.dataSource().getConnection();
    Statement never = connection.createStatement();
    Statement used = connection.createStatement();
    PreparedStatement prepared = connection.prepareStatement("SELECT 1");
    used.execute("SELECT 1");
    connection.close();
    for (Statement statement : List.of(never, used, prepared)) {
      assertThat(statement.isClosed()).isTrue();
      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(() -> statement.execute("SELECT 1"))
          .satisfies(failure -> assertThat(failure.getSQLState()).isEqualTo("08003"));
      assertThatCode(statement::close).doesNotThrowAnyException();
    }
    assertThat(active()).isZero();
  }

  @Test
  void statement_afterItsOwnClose_isRefused() throws SQLException {
    try (Connection connection = group.dataSource().getConnection()) {
      Statement statement = connection.createStatement();
      statement.close();
      assertThat(statement.isClosed()).isTrue();
      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(() -> statement.executeQuery("SELECT 1"))
          .withMessageContaining("this statement is closed");
      assertThatExceptionOfType(SQLException.class).isThrownBy(() -> statement.setMaxRows(1));
    }
  }

  @Test
  void close_twice_givesBackOnce() throws SQLException {
    Connection connection = used();
    assertThat(active()).isEqualTo(1);
    connection.close();
    connection.close();
    assertThat(active()).isZero();
    assertThat(database.calls("close")).noneMatch(call -> call.contains("physical"));
  }

  @Test
  void close_openTransaction_isRolledBack() throws SQLException {
    Connection connection = group.dataSource().getConnection();
    connection.setAutoCommit(false);
    connection.createStatement().execute("UPDATE");
    connection.close();
    assertThat(database.calls).containsSubsequence("execute[UPDATE]", "rollback[]");
  }

  @Test
  void abort_byAnotherThread_closesAndReplacesThePooledConnection() throws Exception {
    Connection connection = used();
    Thread other =
        new Thread(
            () -> {
              try {
                connection.abort(Runnable::run);
              } catch (SQLException failure) {
                throw new AssertionError(failure);
              }
            });
    other.start();
    other.join();
    assertThat(connection.isClosed()).isTrue();
    connection.close();
    assertThat(active()).isZero();
    assertThat(database.calls("abort")).hasSize(1);
    try (Connection next = used()) {
      assertThat(next.isValid(1)).isTrue();
    }
  }

  @Test
  void commit_withAutocommitOn_isRefused() throws SQLException {
    try (Connection connection = group.dataSource().getConnection()) {
      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(connection::commit)
          .withMessageContaining("cannot commit while autocommit is on");
      assertThatExceptionOfType(SQLException.class).isThrownBy(connection::rollback);
    }
  }

  @Test
  void arguments_outOfRange_areRefused() throws SQLException {
    try (Connection connection = group.dataSource().getConnection()) {
      assertThatExceptionOfType(SQLException.class).isThrownBy(() -> connection.isValid(-1));
      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(() -> connection.setNetworkTimeout(Runnable::run, -1));
    }
  }

  @Test
  void unwrap_toTheLogicalOne_borrowsNothing() throws SQLException {
    try (Connection connection = group.dataSource().getConnection()) {
      assertThat(connection.isWrapperFor(LogicalConnection.class)).isTrue();
      assertThat(connection.unwrap(Connection.class)).isSameAs(connection);
      assertThat(active()).isZero();
    }
  }
}

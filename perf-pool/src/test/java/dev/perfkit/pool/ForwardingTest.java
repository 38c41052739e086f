package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Proves that no method is forgotten and none is crossed: each one of the JDBC interfaces reaches
 * the same method of the pooled object, with the same arguments, and returns its answer.
 */
class ForwardingTest {

  private final FakeDatabase database = new FakeDatabase();

  /** What the last call on the target was. */
  private @Nullable String reached;

  @Test
  void resultSet_everyMethod_reachesTheSameMethod() throws Exception {
    LogicalResultSet rows = new LogicalResultSet(statement(), target(ResultSet.class));
    assertForwards(rows, ResultSet.class, Set.of("getStatement", "unwrap", "isWrapperFor"));
  }

  @Test
  void callableStatement_everyMethod_reachesTheSameMethod() throws Exception {
    CallableStatement target = target(CallableStatement.class);
    LogicalCallableStatement call = new LogicalCallableStatement(connection(), "", c -> target);
    call.open();
    Set<String> own = Set.of("getConnection", "unwrap", "isWrapperFor", "isClosed", "close");
    assertForwards(call, CallableStatement.class, own);
    assertForwards(call, PreparedStatement.class, own);
    assertForwards(call, Statement.class, own);
  }

  @Test
  void wrappers_everyMethodOfTheJdk_isTheirOwn() {
    assertOwn(
        LogicalConnection.class,
        Connection.class,
        "beginRequest",
        "endRequest",
        "setShardingKey",
        "setShardingKeyIfValid");
    assertOwn(LogicalCallableStatement.class, CallableStatement.class);
    assertOwn(LogicalResultSet.class, ResultSet.class);
  }

  private static void assertOwn(Class<?> wrapper, Class<?> type, String... known) {
    Set<String> inherited = new TreeSet<>();
    for (Method method : wrapper.getMethods()) {
      if (method.getDeclaringClass().isInterface() && !Modifier.isStatic(method.getModifiers())) {
        inherited.add(method.getName());
      }
    }
    inherited.removeAll(Set.of(known));
    // Statement's quoting methods are defaults that newer JDKs add to Connection as well.
    assertThat(inherited)
        .as(type.getSimpleName())
        .allMatch(name -> name.startsWith("enquote") || name.equals("isSimpleIdentifier"));
  }

  private void assertForwards(Object wrapper, Class<?> type, Set<String> own) throws Exception {
    List<String> wrong = new ArrayList<>();
    int checked = 0;
    for (Method method : type.getDeclaredMethods()) {
      if (Modifier.isStatic(method.getModifiers())
          || method.isSynthetic()
          || own.contains(method.getName())) {
        continue;
      }
      checked++;
      Object[] arguments = arguments(method.getParameterTypes());
      reached = null;
      try {
        method.invoke(wrapper, arguments);
      } catch (InvocationTargetException failure) {
        if (!(failure.getCause() instanceof SQLFeatureNotSupportedException)) {
          wrong.add(method + " threw " + failure.getCause());
        }
      }
      String expected = describe(method, arguments);
      if (!expected.equals(reached)) {
        wrong.add(expected + " reached " + reached);
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(checked).isPositive();
  }

  private <T> T target(Class<T> type) {
    InvocationHandler handler =
        (proxy, method, arguments) -> {
          // After an execution it is asked for warnings, too.
          if (method.getDeclaringClass() != Object.class && reached == null) {
            Object[] values = arguments == null ? new Object[0] : arguments;
            reached = describe(method, values);
          }
          return answer(proxy, method, arguments);
        };
    return FakeDatabase.proxy(type, handler);
  }

  private static @Nullable Object answer(
      Object proxy, Method method, Object @Nullable [] arguments) {
    Class<?> type = method.getReturnType();
    if (type == short.class) {
      return (short) 0;
    }
    if (type == byte.class) {
      return (byte) 0;
    }
    if (type == float.class) {
      return 0f;
    }
    return type == double.class ? (Object) 0d : FakeDatabase.byDefault(proxy, method, arguments);
  }

  private static String describe(Method method, Object[] arguments) {
    return method.getName()
        + Arrays.toString(method.getParameterTypes())
        + Arrays.deepToString(arguments);
  }

  /** Distinct values, so that swapped arguments show. */
  private static Object[] arguments(Class<?>[] types) {
    Object[] values = new Object[types.length];
    for (int i = 0; i < types.length; i++) {
      values[i] = value(types[i], i + 1);
    }
    return values;
  }

  private static @Nullable Object value(Class<?> type, int n) {
    if (type == int.class) {
      return n;
    }
    if (type == long.class) {
      return (long) n;
    }
    if (type == short.class) {
      return (short) n;
    }
    if (type == byte.class) {
      return (byte) n;
    }
    if (type == float.class) {
      return (float) n;
    }
    if (type == double.class) {
      return (double) n;
    }
    if (type == boolean.class) {
      return true;
    }
    return type == String.class ? "s" + n : null;
  }

  private LogicalStatement statement() throws SQLException {
    return new LogicalStatement(connection(), Connection::createStatement);
  }

  private LogicalConnection connection() throws SQLException {
    if (group == null) {
      group = PoolGroup.named("forwarding").primary(FakeDatabase.pooled(database)).build();
    }
    return group.dataSource().getConnection().unwrap(LogicalConnection.class);
  }

  private @Nullable PoolGroup group;

  @org.junit.jupiter.api.AfterEach
  void close() {
    if (group != null) {
      group.close();
    }
  }
}

package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.h2.jdbc.JdbcConnection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What users of HikariCP rely on; a subclass says whose connections are tried. */
abstract class HikariBehaviour {

  static final Duration BOUND = Duration.ofSeconds(20);
  static final int SIZE = 2;

  private final HikariConfig config = new HikariConfig();
  private DataSource pool;

  /** Opens what is tried, over this configuration. */
  abstract DataSource open(HikariConfig config);

  /** Closes it. */
  abstract void shut();

  @BeforeEach
  void configure() throws SQLException {
    config.setJdbcUrl("jdbc:h2:mem:behaviour;DB_CLOSE_DELAY=-1");
    config.setUsername("sa");
    config.setPassword("");
    config.setMaximumPoolSize(SIZE);
    config.setMinimumIdle(0);
    config.setConnectionTimeout(1_000);
    config.setSchema("PUBLIC");
    config.setLeakDetectionThreshold(2_000);
    config.setConnectionInitSql("CREATE TABLE IF NOT EXISTS item (id INT PRIMARY KEY)");
    pool = open(config);
    run("DELETE FROM item");
  }

  @AfterEach
  void close() {
    shut();
  }

  private void run(String sql) throws SQLException {
    try (Connection connection = pool.getConnection()) {
      Servers.run(connection, sql);
    }
  }

  private String one(String sql) throws SQLException {
    try (Connection connection = pool.getConnection()) {
      return Servers.one(connection, sql);
    }
  }

  private static JdbcConnection session(Connection connection) throws SQLException {
    Servers.one(connection, "SELECT 1");
    return connection.unwrap(JdbcConnection.class);
  }

  private List<Connection> takeAll() throws SQLException {
    List<Connection> all = new ArrayList<>();
    for (int i = 0; i < SIZE; i++) {
      Connection connection = pool.getConnection();
      Servers.one(connection, "SELECT 1");
      all.add(connection);
    }
    return all;
  }

  private static void giveBack(List<Connection> connections) throws SQLException {
    for (Connection connection : connections) {
      connection.close();
    }
  }

  @Test
  void connectionState_changedByOneUser_isResetForTheNext() throws SQLException {
    int isolation;
    String schema;
    Object physical;
    try (Connection connection = pool.getConnection()) {
      isolation = connection.getTransactionIsolation();
      schema = connection.getSchema();
      physical = session(connection);
    }
    try (Connection connection = pool.getConnection()) {
      connection.setAutoCommit(false);
      connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
      connection.setSchema("INFORMATION_SCHEMA");
      assertThat(session(connection)).isSameAs(physical);
    }
    try (Connection connection = pool.getConnection()) {
      assertThat(session(connection)).isSameAs(physical);
      assertThat(connection.getAutoCommit()).isTrue();
      assertThat(connection.isReadOnly()).isFalse();
      assertThat(connection.getTransactionIsolation()).isEqualTo(isolation);
      assertThat(connection.getSchema()).isEqualTo(schema);
    }
  }

  @Test
  void openTransaction_ofAConnectionThatIsClosed_isRolledBack() throws SQLException {
    try (Connection connection = pool.getConnection()) {
      connection.setAutoCommit(false);
      Servers.run(connection, "INSERT INTO item VALUES (1)");
    }
    assertThat(one("SELECT COUNT(*) FROM item")).isEqualTo("0");
  }

  @Test
  void openStatementsAndRows_ofAConnectionThatIsClosed_areClosed() throws SQLException {
    Connection connection = pool.getConnection();
    Statement statement = connection.createStatement();
    PreparedStatement prepared = connection.prepareStatement("SELECT 1");
    ResultSet rows = prepared.executeQuery();
    statement.execute("SELECT 1");
    connection.close();
    assertThat(statement.isClosed()).isTrue();
    assertThat(prepared.isClosed()).isTrue();
    assertThatExceptionOfType(SQLException.class).isThrownBy(rows::next);
    assertThatExceptionOfType(SQLException.class).isThrownBy(prepared::executeQuery);
    assertThatExceptionOfType(SQLException.class).isThrownBy(connection::createStatement);
    assertThat(connection.isClosed()).isTrue();
    assertThat(connection.isValid(1)).isFalse();
  }

  @Test
  void close_calledTwice_givesBackOnce() throws SQLException {
    List<Connection> all = takeAll();
    all.get(0).close();
    all.get(0).close();
    Connection again = pool.getConnection();
    Servers.one(again, "SELECT 1");
    all.get(0).close();
    assertThat(Servers.one(again, "SELECT 2")).isEqualTo("2");
    again.close();
    giveBack(all);
  }

  @Test
  void exhaustedPool_afterTheTimeout_failsWithTheCounts() throws SQLException {
    List<Connection> all = takeAll();
    assertThatExceptionOfType(SQLTransientConnectionException.class)
        .isThrownBy(() -> one("SELECT 1"))
        .withStackTraceContaining("active=2, idle=0")
        .withStackTraceContaining("request timed out after");
    giveBack(all);
    assertThat(one("SELECT 3")).isEqualTo("3");
  }

  @Test
  void interrupt_whileWaitingForAConnection_endsTheWaitAndIsKept() throws Exception {
    shut();
    config.setConnectionTimeout(TimeUnit.MINUTES.toMillis(1));
    pool = open(config);
    List<Connection> all = takeAll();
    CompletableFuture<Thread> started = new CompletableFuture<>();
    CompletableFuture<Boolean> waiting =
        CompletableFuture.supplyAsync(
            () -> {
              started.complete(Thread.currentThread());
              assertThatExceptionOfType(SQLException.class)
                  .isThrownBy(() -> one("SELECT 1"))
                  .withMessageContaining("nterrupted");
              return Thread.interrupted();
            });
    Thread thread = started.get(20, TimeUnit.SECONDS);
    await().atMost(BOUND).until(() -> thread.getState() == Thread.State.TIMED_WAITING);
    thread.interrupt();
    assertThat(waiting.get(20, TimeUnit.SECONDS)).isTrue();
    giveBack(all);
    assertThat(one("SELECT 4")).isEqualTo("4");
  }

  @Test
  void leak_overTheThreshold_isLoggedWithWhoBorrowed() throws SQLException {
    PrintStream before = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try (Connection leaked = pool.getConnection()) {
      Servers.one(leaked, "SELECT 1");
      await()
          .atMost(BOUND)
          .untilAsserted(
              () ->
                  assertThat(log.toString(StandardCharsets.UTF_8))
                      .contains("Connection leak detection triggered")
                      .contains("HikariBehaviour.leak_overTheThreshold_isLoggedWithWhoBorrowed"));
    } finally {
      System.setErr(before);
    }
  }

  @Test
  void shutdown_withAConnectionOut_lendsNoMoreAndLetsItCome() throws SQLException {
    Connection out = pool.getConnection();
    Servers.one(out, "SELECT 1");
    shut();
    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> one("SELECT 1"))
        .withMessageContaining("close");
    out.close();
    assertThat(out.isClosed()).isTrue();
    shut();
  }
}

package dev.perfkit.crypto.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perfkit.testkit.postgres.PostgresFixture;
import dev.perfkit.testkit.postgres.PostgresServer;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** Proves that the store in a real PostgreSQL does what every store must do, and fails as told. */
class JdbcCoordinationIT extends CoordinationContract {

  private static final PostgresFixture POSTGRES = PostgresFixture.builder().start();

  private final PGSimpleDataSource source = source(POSTGRES.primary());
  private final JdbcCoordination store = JdbcCoordination.of(source);

  @AfterAll
  static void stop() {
    POSTGRES.close();
  }

  @BeforeEach
  void clear() throws IOException, SQLException {
    store.createTables().createTables();
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("TRUNCATE perfkit_crypto_record, perfkit_crypto_member");
    }
  }

  @Override
  Coordination store() {
    return store;
  }

  /** The clock is the server's: all a test can do is wait until it shows. */
  @Override
  void pass(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    Awaitility.await().until(() -> System.nanoTime() - end > 0);
  }

  @Test
  void anyCall_databaseAway_isAnIoException() {
    PGSimpleDataSource nowhere = new PGSimpleDataSource();
    nowhere.setURL("jdbc:postgresql://127.0.0.1:1/none");
    JdbcCoordination away = JdbcCoordination.of(nowhere);
    assertAway(() -> away.read("r"));
    assertAway(() -> away.compareAndSet("r", 0, new byte[1]));
    assertAway(() -> away.announce("g", "m", "", Duration.ofSeconds(1)));
    assertAway(() -> away.leave("g", "m"));
    assertAway(() -> away.members("g"));
    assertAway(away::createTables);
  }

  @Test
  void tables_statements_areThoseThatAreRun() {
    assertThat(JdbcCoordination.tables())
        .hasSize(2)
        .allMatch(sql -> sql.startsWith("CREATE TABLE IF NOT EXISTS perfkit_crypto_"));
  }

  private static void assertAway(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("database of the coordination store failed (SQL state 08001)");
  }

  private static PGSimpleDataSource source(PostgresServer server) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setURL(server.jdbcUrl());
    source.setUser(server.user());
    source.setPassword(server.password());
    return source;
  }
}

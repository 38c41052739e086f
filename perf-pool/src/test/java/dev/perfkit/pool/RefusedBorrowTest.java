package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariConfig;
import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/**
 * Proves what SQLSTATE tells of a borrow that every node refused: that there is no connection now,
 * or, where trying again is no help, why the server refused.
 */
class RefusedBorrowTest {

  private final FakeDatabase primary = new FakeDatabase();
  private final FakeDatabase replica = new FakeDatabase();
  private final FakeScheduler scheduler = FakeScheduler.on(FakeTimeSource.create());

  private PoolGroup group() {
    replica.inRecovery = true;
    return PoolGroup.named("orders")
        .primary(pooled(primary))
        .replica("r1", pooled(replica))
        .scheduler(scheduler)
        .executor(new OnCaller())
        .build();
  }

  private static HikariConfig pooled(FakeDatabase database) {
    HikariConfig config = FakeDatabase.pooled(database);
    config.setConnectionTimeout(250);
    return config;
  }

  private SQLException refused(String state) {
    SQLException refusal = new SQLException("FATAL: not now", state);
    primary.refusal = refusal;
    replica.refusal = refusal;
    return refusal;
  }

  private static SQLException failureAt(DataSource source) {
    return catchThrowableOfType(
        SQLTransientConnectionException.class,
        () -> {
          try (Connection connection = source.getConnection()) {
            connection.createStatement().execute("SELECT 1");
          }
        });
  }

  @Test
  void borrow_serversAreStarting_saysThatThereIsNoConnectionNow() {
    try (PoolGroup group = group()) {
      SQLException refusal = refused("57P03");
      SQLException read = failureAt(group.reader());
      SQLException write = failureAt(group.dataSource());
      assertThat(read.getSQLState()).isEqualTo("08001");
      assertThat(write.getSQLState()).isEqualTo("08001");
      assertThat((Throwable) read).hasRootCause(refusal);
    }
  }

  @Test
  void borrow_passwordIsWrong_saysSo() {
    try (PoolGroup group = group()) {
      SQLException refusal = refused("28P01");
      SQLException read = failureAt(group.reader());
      assertThat(read.getSQLState()).isEqualTo("28P01");
      assertThat((Throwable) read).hasRootCause(refusal);
    }
  }
}

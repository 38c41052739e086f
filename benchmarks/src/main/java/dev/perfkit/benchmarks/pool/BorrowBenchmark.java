package dev.perfkit.benchmarks.pool;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.perfkit.pool.PoolGroup;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Borrowing over a driver that does nothing.
 *
 * <p>{@code borrow} is getConnection and close alone: a pool group borrows nothing then. {@code
 * prepare} makes a statement as well, which makes it borrow; that is the comparison that counts.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class BorrowBenchmark {

  /** Who lends the connections. */
  @Param({"hikari", "perfkit", "perfkit-reader", "flexy"})
  public String pool = "";

  private DataSource dataSource = new StubDataSource();
  private AutoCloseable owner = () -> {};

  /** Opens the pool. */
  @Setup
  public void open() {
    switch (pool) {
      case "hikari", "flexy" -> openHikari();
      case "perfkit", "perfkit-reader" -> openGroup();
      default -> throw new IllegalArgumentException(pool);
    }
  }

  private void openHikari() {
    HikariDataSource hikari = new HikariDataSource(config());
    owner = hikari;
    dataSource = pool.equals("flexy") ? Peers.flexy(hikari) : hikari;
  }

  private void openGroup() {
    PoolGroup group = PoolGroup.named("bench").primary(config()).replica("r1", config()).build();
    owner = group;
    dataSource = pool.equals("perfkit") ? group.dataSource() : group.reader();
  }

  private static HikariConfig config() {
    HikariConfig config = new HikariConfig();
    config.setDataSource(new StubDataSource());
    config.setMinimumIdle(8);
    config.setMaximumPoolSize(8);
    return config;
  }

  /** Closes the pool. */
  @TearDown
  public void close() throws Exception {
    owner.close();
  }

  /** Measures getConnection and close. */
  @Benchmark
  public Connection borrow() throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      return connection;
    }
  }

  /** Measures getConnection, prepareStatement and both closes. */
  @Benchmark
  public PreparedStatement prepare() throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement("SELECT 1")) {
      return statement;
    }
  }
}

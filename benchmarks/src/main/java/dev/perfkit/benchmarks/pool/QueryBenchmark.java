package dev.perfkit.benchmarks.pool;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.perfkit.pool.PoolGroup;
import dev.perfkit.testkit.postgres.PostgresFixture;
import dev.perfkit.testkit.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
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

/** One query on a real PostgreSQL server: getConnection, {@code SELECT 1}, close. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class QueryBenchmark {

  /** Who lends the connections. */
  @Param({"hikari", "perfkit", "perfkit-reader", "flexy", "aws"})
  public String pool = "";

  private PostgresFixture servers = PostgresFixture.startWithStandby();
  private DataSource dataSource = new StubDataSource();
  private AutoCloseable owner = () -> {};

  /** Opens the pool. */
  @Setup
  public void open() {
    switch (pool) {
      case "hikari", "aws", "flexy" -> openHikari();
      case "perfkit", "perfkit-reader" -> openGroup();
      default -> throw new IllegalArgumentException(pool);
    }
  }

  private void openHikari() {
    HikariConfig config = config(servers.primary());
    if (pool.equals("aws")) {
      config.setJdbcUrl(config.getJdbcUrl().replace("jdbc:", "jdbc:aws-wrapper:"));
      config.addDataSourceProperty("wrapperPlugins", "readWriteSplitting,failover,efm2");
      config.addDataSourceProperty("wrapperDialect", "pg");
    }
    HikariDataSource hikari = new HikariDataSource(config);
    owner = hikari;
    dataSource = pool.equals("flexy") ? Peers.flexy(hikari) : hikari;
  }

  private void openGroup() {
    HikariConfig config = config(servers.primary());
    PoolGroup group =
        PoolGroup.named("bench").primary(config).replica("r1", config(servers.standby())).build();
    owner = group;
    dataSource = pool.equals("perfkit") ? group.dataSource() : group.reader();
  }

  private static HikariConfig config(PostgresServer server) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(server.jdbcUrl());
    config.setUsername(server.user());
    config.setPassword(server.password());
    config.setMinimumIdle(4);
    config.setMaximumPoolSize(4);
    return config;
  }

  /** Closes the pool and ends the server. */
  @TearDown
  public void close() throws Exception {
    owner.close();
    servers.close();
  }

  /** Measures one query with a connection of its own. */
  @Benchmark
  public int query() throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement("SELECT 1");
        ResultSet rows = statement.executeQuery()) {
      rows.next();
      return rows.getInt(1);
    }
  }
}

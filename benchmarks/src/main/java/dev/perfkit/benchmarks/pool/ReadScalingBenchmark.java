package dev.perfkit.benchmarks.pool;

import com.zaxxer.hikari.HikariConfig;
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
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Queries that keep a processor of the server busy, on the primary alone and on two replicas: a
 * group scales reads as far as its servers have processors of their own, so on one machine the
 * ratio is limited by that machine's.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 3)
@Threads(8)
@Fork(1)
public class ReadScalingBenchmark {

  private static final String BUSY = "SELECT sum(sqrt(n)) FROM generate_series(1, 20000) AS g(n)";

  /** Which nodes are read from. */
  @Param({"primary", "replicas"})
  public String nodes = "";

  private PostgresFixture servers = PostgresFixture.builder().standbys(2).start();
  private DataSource dataSource = new StubDataSource();
  private AutoCloseable owner = () -> {};

  /** Opens the pools. */
  @Setup
  public void open() {
    PoolGroup group =
        PoolGroup.named("bench")
            .primary(config(servers.primary()))
            .replica("r1", config(servers.standbys().get(0)))
            .replica("r2", config(servers.standbys().get(1)))
            .build();
    owner = group;
    dataSource =
        switch (nodes) {
          case "primary" -> group.dataSource();
          case "replicas" -> group.reader();
          default -> throw new IllegalArgumentException(nodes);
        };
  }

  private static HikariConfig config(PostgresServer server) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(server.jdbcUrl());
    config.setUsername(server.user());
    config.setPassword(server.password());
    config.setMinimumIdle(8);
    config.setMaximumPoolSize(8);
    return config;
  }

  /** Closes the pools and ends the servers. */
  @TearDown
  public void close() throws Exception {
    owner.close();
    servers.close();
  }

  /** Measures one query with a connection of its own. */
  @Benchmark
  public double query() throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(BUSY);
        ResultSet rows = statement.executeQuery()) {
      rows.next();
      return rows.getDouble(1);
    }
  }
}

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
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * 32 threads on 8 connections of a driver that does nothing, each held for a while of work: how
 * long the unluckiest wait, which is the p99.99 of the sampled times.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 2)
@Threads(32)
@Fork(2)
public class ContentionBenchmark {

  private static final int CONNECTIONS = 8;
  private static final int WORK = 2_000;

  /** Who lends the connections. */
  @Param({"hikari", "perfkit", "flexy"})
  public String pool = "";

  private DataSource dataSource = new StubDataSource();
  private AutoCloseable owner = () -> {};

  /** Opens the pool. */
  @Setup
  public void open() {
    switch (pool) {
      case "hikari", "flexy" -> openHikari();
      case "perfkit" -> openGroup();
      default -> throw new IllegalArgumentException(pool);
    }
  }

  private void openHikari() {
    HikariDataSource hikari = new HikariDataSource(config());
    owner = hikari;
    dataSource = pool.equals("flexy") ? Peers.flexy(hikari) : hikari;
  }

  private void openGroup() {
    PoolGroup group = PoolGroup.named("bench").primary(config()).build();
    owner = group;
    dataSource = group.dataSource();
  }

  private static HikariConfig config() {
    HikariConfig config = new HikariConfig();
    config.setDataSource(new StubDataSource());
    config.setMinimumIdle(CONNECTIONS);
    config.setMaximumPoolSize(CONNECTIONS);
    return config;
  }

  /** Closes the pool. */
  @TearDown
  public void close() throws Exception {
    owner.close();
  }

  /** Measures a connection got, used and given back. */
  @Benchmark
  public PreparedStatement use() throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement("SELECT 1")) {
      Blackhole.consumeCPU(WORK);
      return statement;
    }
  }
}

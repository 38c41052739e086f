package dev.perfkit.examples.auth;

import com.google.crypto.tink.KeysetHandle;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.perfkit.crypto.Keyset;
import dev.perfkit.crypto.kms.KeyManagement;
import dev.perfkit.crypto.kms.TinkKeyManagement;
import dev.perfkit.testkit.postgres.PostgresFixture;
import dev.perfkit.testkit.postgres.PostgresServer;
import dev.perfkit.testkit.redis.RedisFixture;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What the service needs around it, all on this machine and gone after close: PostgreSQL with a
 * streaming standby and the sample data, Redis, the keys.
 */
final class Backend implements AutoCloseable {

  /** Connections of a pool, the same with and without modules. */
  static final int CONNECTIONS = 16;

  private final PostgresFixture postgres;
  private final RedisFixture redis;
  private final KeysetHandle keyset;
  private final KeyManagement keyManagement;
  private final Tokens tokens;
  private final int users;

  private Backend(
      PostgresFixture postgres, RedisFixture redis, KeysetHandle keyset, Tokens tokens, int users) {
    this.postgres = postgres;
    this.redis = redis;
    this.keyset = keyset;
    this.keyManagement = standIn();
    this.tokens = tokens;
    this.users = users;
  }

  /** Starts the servers and loads the data; stops what was started if anything fails. */
  static Backend start(int users) {
    PostgresFixture postgres =
        PostgresFixture.builder()
            .standby(true)
            .setting("shared_preload_libraries", "pg_stat_statements")
            .setting("pg_stat_statements.track_utility", "off")
            .start();
    try {
      RedisFixture redis = RedisFixture.start();
      try {
        Backend backend =
            new Backend(postgres, redis, Keyset.generate().toTink(), Tokens.withNewKey(), users);
        backend.fill();
        return backend;
      } catch (RuntimeException | Error failure) {
        redis.close();
        throw failure;
      }
    } catch (RuntimeException | Error failure) {
      postgres.close();
      throw failure;
    }
  }

  /** Makes the standby take writes, as an operator does when the primary is gone. */
  void promoteStandby() {
    postgres.promote(postgres.standby());
  }

  /** Leaves it to the caller to close this at exit, after the clients. */
  void removeShutdownHooks() {
    redis.removeShutdownHook();
    postgres.removeShutdownHook();
  }

  PostgresServer primary() {
    return postgres.primary();
  }

  PostgresServer standby() {
    return postgres.standby();
  }

  RedisFixture redis() {
    return redis;
  }

  KeysetHandle keyset() {
    return keyset;
  }

  /** Returns what wraps the keys that the processes share. */
  KeyManagement keyManagement() {
    return keyManagement;
  }

  /** Stands in for a key-management service, where its key would never leave its place. */
  private static KeyManagement standIn() {
    try {
      return TinkKeyManagement.ofKeyset(Keyset.generate().toTink());
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("a fresh keyset is one of AEAD keys", impossible);
    }
  }

  Tokens tokens() {
    return tokens;
  }

  int users() {
    return users;
  }

  /** Returns how a pool reaches a server. */
  static HikariConfig poolOf(PostgresServer server) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(server.jdbcUrl());
    config.setUsername(server.user());
    config.setPassword(server.password());
    config.setMaximumPoolSize(CONNECTIONS);
    return config;
  }

  /** Returns how many statements both servers have run, by their own count. */
  long queries() throws SQLException {
    return queries(primary()) + (standby().isRunning() ? queries(standby()) : 0);
  }

  @Override
  public void close() {
    redis.close();
    postgres.close();
  }

  private static long queries(PostgresServer server) throws SQLException {
    try (HikariDataSource source = single(server);
        Connection connection = source.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT coalesce(sum(calls), 0) FROM pg_stat_statements")) {
      row.next();
      return row.getLong(1);
    }
  }

  private void fill() {
    try (HikariDataSource source = single(primary(), 3)) {
      script(source, "/schema.sql");
      CellCipher cipher = new TinkCells(keyset);
      CompletableFuture<Void> all =
          CompletableFuture.allOf(
              inBackground(() -> ReferenceData.load(source)),
              inBackground(() -> ReferenceData.loadTimeZones(source)),
              inBackground(() -> SampleUsers.load(source, users, cipher)),
              inBackground(() -> SampleUsers.loadRoles(source, users)));
      all.join();
      script(source, "/indexes.sql");
      awaitStandby(source);
    } catch (SQLException | GeneralSecurityException | CompletionException failure) {
      throw new IllegalStateException("cannot load the sample data", failure);
    }
  }

  @FunctionalInterface
  private interface Filling {
    long rows() throws SQLException, IOException;
  }

  private static CompletableFuture<Void> inBackground(Filling filling) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            filling.rows();
          } catch (SQLException | IOException failure) {
            throw new CompletionException(failure);
          }
        });
  }

  private static void script(HikariDataSource source, String resource) throws SQLException {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(Resources.text(resource));
    }
  }

  /** Waits until the standby has applied all that was loaded. */
  private static void awaitStandby(HikariDataSource source) throws SQLException {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      do {
        try (ResultSet row =
            statement.executeQuery(
                "SELECT count(*) FROM pg_stat_replication"
                    + " WHERE replay_lsn >= pg_current_wal_lsn()")) {
          row.next();
          if (row.getInt(1) > 0) {
            return;
          }
        }
        LockSupport.parkNanos(20_000_000);
      } while (System.nanoTime() - giveUp < 0);
      throw new IllegalStateException("the standby did not catch up within 60 s");
    }
  }

  private static HikariDataSource single(PostgresServer server) {
    return single(server, 1);
  }

  private static HikariDataSource single(PostgresServer server, int connections) {
    HikariConfig config = poolOf(server);
    config.setMaximumPoolSize(connections);
    return new HikariDataSource(config);
  }
}

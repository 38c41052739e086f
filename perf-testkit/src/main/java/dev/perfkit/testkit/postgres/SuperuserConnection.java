package dev.perfkit.testkit.postgres;

import dev.perfkit.testkit.internal.ClassPath;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;
import org.postgresql.Driver;

/** Connects for what the fixture itself has to say to a server. */
final class SuperuserConnection {

  private static final String TIMEOUT_SECONDS = "20";

  private SuperuserConnection() {}

  /** Checks that the driver is there. */
  static void requireDriver() {
    ClassPath.require(
        "org.postgresql.Driver", "PostgresFixture with a standby", "org.postgresql:postgresql");
  }

  /** Connects without {@code DriverManager}, which the test may have taken over. */
  static Connection to(PostgresServer server) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", server.user());
    properties.setProperty("password", server.password());
    properties.setProperty("connectTimeout", TIMEOUT_SECONDS);
    properties.setProperty("socketTimeout", TIMEOUT_SECONDS);
    properties.setProperty("ApplicationName", "perf-testkit");
    Connection connection = new Driver().connect(server.jdbcUrl(), properties);
    if (connection == null) {
      throw new SQLException("the PostgreSQL driver does not know " + server.jdbcUrl());
    }
    return connection;
  }
}

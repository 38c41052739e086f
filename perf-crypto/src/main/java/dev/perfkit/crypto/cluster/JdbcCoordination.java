package dev.perfkit.crypto.cluster;

import dev.perfkit.spi.Beta;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * A {@link Coordination} in two tables of PostgreSQL 9.5 or newer. Leases are measured by the clock
 * of the server. Each call is one statement on a connection of its own, of at most {@value
 * #TIMEOUT_SECONDS} seconds beside what the data source takes to connect.
 *
 * <p>The data source must lead to the server that takes writes; a replica may be behind, and a
 * decision on an old record could then promote a key too early.
 */
@Beta
public final class JdbcCoordination implements Coordination {

  /** How long a statement may take. */
  public static final int TIMEOUT_SECONDS = 5;

  /** The statements that create the tables; each may be run again. */
  private static final List<String> TABLES =
      List.of(
          """
          CREATE TABLE IF NOT EXISTS perfkit_crypto_record (
            name    VARCHAR(200) PRIMARY KEY,
            version BIGINT       NOT NULL,
            value   BYTEA        NOT NULL
          )\
          """,
          """
          CREATE TABLE IF NOT EXISTS perfkit_crypto_member (
            group_name VARCHAR(200)  NOT NULL,
            member     VARCHAR(200)  NOT NULL,
            note       VARCHAR(4000) NOT NULL,
            expires    TIMESTAMPTZ   NOT NULL,
            PRIMARY KEY (group_name, member)
          )\
          """);

  private static final String READ =
      "SELECT version, value FROM perfkit_crypto_record WHERE name = ?";
  private static final String INSERT =
      "INSERT INTO perfkit_crypto_record (name, version, value) VALUES (?, 1, ?)"
          + " ON CONFLICT (name) DO NOTHING";
  private static final String UPDATE =
      "UPDATE perfkit_crypto_record SET version = version + 1, value = ?"
          + " WHERE name = ? AND version = ?";
  private static final String ANNOUNCE =
      "INSERT INTO perfkit_crypto_member (group_name, member, note, expires)"
          + " VALUES (?, ?, ?, clock_timestamp() + ? * INTERVAL '1 millisecond')"
          + " ON CONFLICT (group_name, member)"
          + " DO UPDATE SET note = EXCLUDED.note, expires = EXCLUDED.expires";
  private static final String LEAVE =
      "DELETE FROM perfkit_crypto_member WHERE group_name = ? AND member = ?";
  private static final String MEMBERS =
      "SELECT member, note FROM perfkit_crypto_member"
          + " WHERE group_name = ? AND expires > clock_timestamp() ORDER BY member COLLATE \"C\"";
  private static final String SWEEP =
      "DELETE FROM perfkit_crypto_member"
          + " WHERE group_name = ? AND expires < clock_timestamp() - INTERVAL '1 day'";

  private final DataSource dataSource;

  private JdbcCoordination(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  /** Returns the store of a database; its tables must exist. */
  public static JdbcCoordination of(DataSource dataSource) {
    return new JdbcCoordination(Objects.requireNonNull(dataSource, "dataSource"));
  }

  /** Returns the statements that create the tables, for a migration tool. */
  public static List<String> tables() {
    return TABLES;
  }

  /**
   * Creates the tables that are not there.
   *
   * @return this
   * @throws IOException if the database refuses or is away
   */
  public JdbcCoordination createTables() throws IOException {
    for (String table : TABLES) {
      run(table, PreparedStatement::execute);
    }
    return this;
  }

  @Override
  public Optional<StoredRecord> read(String name) throws IOException {
    Limits.name("name", name);
    return run(
        READ,
        statement -> {
          statement.setString(1, name);
          try (ResultSet rows = statement.executeQuery()) {
            return rows.next()
                ? Optional.of(StoredRecord.of(rows.getLong(1), rows.getBytes(2)))
                : Optional.empty();
          }
        });
  }

  @Override
  public boolean compareAndSet(String name, long expectedVersion, byte[] value) throws IOException {
    Limits.name("name", name);
    Limits.value(expectedVersion, value);
    return expectedVersion == 0 ? insert(name, value) : update(name, expectedVersion, value);
  }

  @Override
  public void announce(String group, String member, String note, Duration lease)
      throws IOException {
    Limits.name("group", group);
    Limits.name("member", member);
    Limits.note(note, lease);
    run(
        ANNOUNCE,
        statement -> {
          statement.setString(1, group);
          statement.setString(2, member);
          statement.setString(3, note);
          statement.setLong(4, Math.max(1, lease.toMillis()));
          return statement.executeUpdate();
        });
    run(SWEEP, statement -> update(statement, group));
  }

  @Override
  public void leave(String group, String member) throws IOException {
    Limits.name("group", group);
    run(LEAVE, statement -> update(statement, group, member));
  }

  @Override
  public List<Member> members(String group) throws IOException {
    Limits.name("group", group);
    return run(
        MEMBERS,
        statement -> {
          statement.setString(1, group);
          List<Member> members = new ArrayList<>();
          try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
              members.add(new Member(rows.getString(1), rows.getString(2)));
            }
          }
          return members;
        });
  }

  @Override
  public String toString() {
    return "JdbcCoordination";
  }

  private boolean insert(String name, byte[] value) throws IOException {
    return run(
        INSERT,
        statement -> {
          statement.setString(1, name);
          statement.setBytes(2, value);
          return statement.executeUpdate() == 1;
        });
  }

  private boolean update(String name, long version, byte[] value) throws IOException {
    return run(
        UPDATE,
        statement -> {
          statement.setBytes(1, value);
          statement.setString(2, name);
          statement.setLong(3, version);
          return statement.executeUpdate() == 1;
        });
  }

  private static int update(PreparedStatement statement, String... values) throws SQLException {
    for (int i = 0; i < values.length; i++) {
      statement.setString(i + 1, values[i]);
    }
    return statement.executeUpdate();
  }

  private <T> T run(String sql, Work<T> work) throws IOException {
    try (Connection connection = dataSource.getConnection()) {
      boolean autoCommit = connection.getAutoCommit();
      if (!autoCommit) {
        connection.setAutoCommit(true);
      }
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        statement.setQueryTimeout(TIMEOUT_SECONDS);
        return work.run(statement);
      } finally {
        if (!autoCommit) {
          connection.setAutoCommit(false);
        }
      }
    } catch (SQLException failure) {
      throw new IOException(
          "the database of the coordination store failed (SQL state " + failure.getSQLState() + ")",
          failure);
    }
  }

  private interface Work<T> {
    T run(PreparedStatement statement) throws SQLException;
  }
}

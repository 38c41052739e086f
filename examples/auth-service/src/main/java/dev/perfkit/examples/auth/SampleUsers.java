package dev.perfkit.examples.auth;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Made-up users, numbered from 1, with encrypted e-mail and phone. Only the first few have a
 * password: hashing one takes a fifth of a second on purpose.
 */
final class SampleUsers {

  static final int WITH_PASSWORD = 8;

  private SampleUsers() {}

  /** Everybody may read users; some may change them; the first one also what the roles permit. */
  static long loadRoles(DataSource database, int count) throws SQLException, IOException {
    try (Connection connection = database.getConnection()) {
      return permissions(connection) + roles(connection, count);
    }
  }

  static String login(long id) {
    return "user-" + id;
  }

  static String password(long id) {
    return "correct horse " + id;
  }

  private static long permissions(Connection connection) throws SQLException, IOException {
    try (CopyTable table = CopyTable.into(connection, "role_permission")) {
      table.row("member", Permissions.READ_USERS);
      table.row("support", Permissions.CHANGE_USERS);
      table.row("admin", Permissions.CHANGE_ROLES);
      return table.rows();
    }
  }

  private static long roles(Connection connection, int count) throws SQLException, IOException {
    try (CopyTable table = CopyTable.into(connection, "user_role")) {
      for (int id = 1; id <= count; id++) {
        table.row(id, "member");
        if (id % 100 == 2) {
          table.row(id, "support");
        }
      }
      table.row(1, "admin");
      return table.rows();
    }
  }

  /** Fills the table {@code users}; returns the number of rows. */
  static long load(DataSource database, int count, CellCipher cipher)
      throws SQLException, IOException {
    List<String> hashes =
        IntStream.rangeClosed(1, WITH_PASSWORD)
            .parallel()
            .mapToObj(id -> Passwords.hash(password(id).toCharArray()))
            .toList();
    List<String> countries = ReferenceData.countries();
    try (Connection connection = database.getConnection();
        CopyTable table = CopyTable.into(connection, "users")) {
      for (int id = 1; id <= count; id++) {
        @Nullable String hash = id <= WITH_PASSWORD ? hashes.get(id - 1) : null;
        table.row(
            id,
            login(id),
            hash,
            "User number " + id,
            countries.get(id % countries.size()),
            cipher.seal("user-" + id + "@example.org", Cell.email(id)),
            cipher.seal("+49 30 " + (1_000_000 + id), Cell.phone(id)),
            0);
      }
      return table.rows();
    }
  }
}

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

  static String login(long id) {
    return "user-" + id;
  }

  static String password(long id) {
    return "correct horse " + id;
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
            cipher.seal("+49 30 " + (1_000_000 + id), Cell.phone(id)));
      }
      return table.rows();
    }
  }
}

package dev.perfkit.examples.auth;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Reads and writes users; e-mail and phone pass through the stack's cipher. */
final class UserStore {

  /** What a login needs to know. */
  record Credentials(long userId, @Nullable String passwordHash, int generation) {}

  private static final String BY_ID =
      "SELECT login, display_name, country, email, phone FROM users WHERE id = ?";
  private static final String BY_LOGIN =
      "SELECT id, password_hash, token_generation FROM users WHERE login = ?";
  private static final String UPDATE = "UPDATE users SET display_name = ?, phone = ? WHERE id = ?";

  private final Stack stack;

  UserStore(Stack stack) {
    this.stack = stack;
  }

  /** Returns a user, from a cache where there is one. */
  Optional<User> byId(long id) throws SQLException {
    return Optional.ofNullable(stack.user(id, () -> load(id)));
  }

  /** Asks the primary: a token of a generation that was just revoked would be of no use. */
  Optional<Credentials> byLogin(String login) throws SQLException {
    try (Connection connection = stack.writer().getConnection();
        PreparedStatement query = connection.prepareStatement(BY_LOGIN)) {
      query.setString(1, login);
      try (ResultSet row = query.executeQuery()) {
        return row.next()
            ? Optional.of(new Credentials(row.getLong(1), row.getString(2), row.getInt(3)))
            : Optional.empty();
      }
    }
  }

  /** Changes a user; returns whether there is such a user. */
  boolean update(long id, String displayName, String phone) throws SQLException {
    AtomicInteger changed = new AtomicInteger();
    byte[] sealed = stack.cipher().seal(phone, Cell.phone(id));
    stack.changeUser(id, () -> changed.set(write(id, displayName, sealed)));
    return changed.get() == 1;
  }

  private int write(long id, String displayName, byte[] phone) throws SQLException {
    try (Connection connection = stack.writer().getConnection();
        PreparedStatement update = connection.prepareStatement(UPDATE)) {
      update.setString(1, displayName);
      update.setBytes(2, phone);
      update.setLong(3, id);
      return update.executeUpdate();
    }
  }

  private @Nullable User load(long id) throws SQLException {
    try (Connection connection = stack.reader().getConnection();
        PreparedStatement query = connection.prepareStatement(BY_ID)) {
      query.setLong(1, id);
      try (ResultSet row = query.executeQuery()) {
        if (!row.next()) {
          return null;
        }
        return new User(
            id,
            row.getString(1),
            row.getString(2),
            row.getString(3),
            stack.cipher().open(row.getBytes(4), Cell.email(id)),
            stack.cipher().open(row.getBytes(5), Cell.phone(id)));
      }
    }
  }
}

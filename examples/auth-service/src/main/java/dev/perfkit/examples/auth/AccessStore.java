package dev.perfkit.examples.auth;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Who may come in, and what they may do. */
final class AccessStore {

  private static final String GENERATION = "SELECT token_generation FROM users WHERE id = ?";
  private static final String NEXT_GENERATION =
      "UPDATE users SET token_generation = token_generation + 1 WHERE id = ?";
  private static final String PERMISSIONS =
      """
      SELECT u.role, p.permission
      FROM user_role u
      LEFT JOIN role_permission p ON p.role = u.role
      WHERE u.user_id = ?""";
  private static final String TAKE_ALL = "DELETE FROM role_permission WHERE role = ?";
  private static final String GIVE = "INSERT INTO role_permission (role, permission) VALUES (?, ?)";

  private final Stack stack;
  private final Tokens tokens;

  AccessStore(Stack stack, Tokens tokens) {
    this.stack = stack;
    this.tokens = tokens;
  }

  /**
   * Returns whose token it is, or null if it was revoked.
   *
   * @throws com.auth0.jwt.exceptions.JWTVerificationException if it is not ours, or expired
   */
  @Nullable Caller caller(String token) throws SQLException {
    return stack.caller(token, () -> check(token));
  }

  /** Revokes all tokens that a user was given so far. */
  void revoke(long userId) throws SQLException {
    stack.revokeTokens(userId, () -> nextGeneration(userId));
  }

  private void nextGeneration(long userId) throws SQLException {
    try (Connection connection = stack.writer().getConnection();
        PreparedStatement update = connection.prepareStatement(NEXT_GENERATION)) {
      update.setLong(1, userId);
      update.executeUpdate();
    }
  }

  /** Returns what a user may do. */
  Permissions permissions(long userId) throws SQLException {
    return stack.permissions(userId, () -> load(userId));
  }

  /** Gives a role these permissions and no others, for all who have it. */
  void changeRole(String role, Collection<String> permissions) throws SQLException {
    stack.changeRole(role, () -> replace(role, permissions));
  }

  private void replace(String role, Collection<String> permissions) throws SQLException {
    try (Connection connection = stack.writer().getConnection()) {
      connection.setAutoCommit(false);
      try (PreparedStatement delete = connection.prepareStatement(TAKE_ALL)) {
        delete.setString(1, role);
        delete.executeUpdate();
      }
      try (PreparedStatement insert = connection.prepareStatement(GIVE)) {
        for (String permission : permissions) {
          insert.setString(1, role);
          insert.setString(2, permission);
          insert.addBatch();
        }
        insert.executeBatch();
      }
      connection.commit();
    }
  }

  private @Nullable Caller check(String token) throws SQLException {
    Tokens.Verified verified = tokens.verify(token);
    try (Connection connection = stack.reader().getConnection();
        PreparedStatement query = connection.prepareStatement(GENERATION)) {
      query.setLong(1, verified.userId());
      try (ResultSet row = query.executeQuery()) {
        return row.next() && row.getInt(1) == verified.generation() ? Caller.of(verified) : null;
      }
    }
  }

  private Permissions load(long userId) throws SQLException {
    Set<String> roles = new TreeSet<>();
    Set<String> names = new TreeSet<>();
    try (Connection connection = stack.reader().getConnection();
        PreparedStatement query = connection.prepareStatement(PERMISSIONS)) {
      query.setLong(1, userId);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          roles.add(rows.getString(1));
          String name = rows.getString(2);
          if (name != null) {
            names.add(name);
          }
        }
      }
    }
    return new Permissions(roles, names);
  }
}

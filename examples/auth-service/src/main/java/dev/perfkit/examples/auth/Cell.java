package dev.perfkit.examples.auth;

import dev.perfkit.crypto.CipherContext;

/** Which encrypted value of the table {@code users} is meant. */
record Cell(String column, long row) {

  private static final CipherContext TABLE = CipherContext.ofTable("users").tenant("example");

  static Cell email(long userId) {
    return new Cell("email", userId);
  }

  static Cell phone(long userId) {
    return new Cell("phone", userId);
  }

  /** Returns what a ciphertext is bound to, so that it is worth nothing in another cell. */
  CipherContext context() {
    return TABLE.column(column).row(row);
  }
}

package dev.perfkit.pool;

import java.sql.SQLException;

/** Asks a node what it is. One thread at a time asks; any thread may abort. */
interface RoleProbe {

  /** Asks, and waits for the answer. */
  Answer ask() throws SQLException;

  /** Makes a question under way fail soon, if that is possible. */
  void abort();

  /** Asks over a new connection from the next question on. */
  void renew();

  /** Frees what the probe holds. */
  void close();
}

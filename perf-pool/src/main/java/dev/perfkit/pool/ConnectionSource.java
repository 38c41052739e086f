package dev.perfkit.pool;

import java.sql.Connection;
import java.sql.SQLException;

/** Opens connections outside of any pool. */
@FunctionalInterface
interface ConnectionSource {

  Connection open() throws SQLException;
}

package dev.perfkit.pool;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** How to make a statement on a pooled connection; may be asked again on another one. */
@FunctionalInterface
interface StatementSource<S extends Statement> {

  S on(Connection connection) throws SQLException;
}

package dev.perfkit.pool;

import java.io.InputStream;
import java.io.Reader;
import java.sql.Array;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.PreparedStatement;
import java.sql.Ref;
import java.sql.RowId;
import java.sql.SQLException;
import java.sql.SQLXML;
import java.sql.Struct;

/** A parameter that was set, and can be set again on another statement. */
@FunctionalInterface
interface Binding {

  void on(PreparedStatement statement) throws SQLException;

  /** Returns whether a value is plain data: neither read once nor tied to a connection. */
  static boolean holdsNoResource(Object value) {
    return !(value instanceof InputStream
        || value instanceof Reader
        || value instanceof Array
        || value instanceof Blob
        || value instanceof Clob
        || value instanceof Ref
        || value instanceof RowId
        || value instanceof SQLXML
        || value instanceof Struct);
  }
}

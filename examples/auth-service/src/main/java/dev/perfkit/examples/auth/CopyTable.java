package dev.perfkit.examples.auth;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.PGCopyOutputStream;

/** Writes rows into a table with PostgreSQL's COPY, in its text format. */
final class CopyTable implements AutoCloseable {

  private final Writer out;
  private long rows;

  private CopyTable(Writer out) {
    this.out = out;
  }

  /** Begins a COPY; the columns are those of the table, in order. */
  static CopyTable into(Connection connection, String table) throws SQLException {
    PGCopyOutputStream copy =
        new PGCopyOutputStream(
            connection.unwrap(PGConnection.class), "COPY " + table + " FROM STDIN", 1 << 16);
    return new CopyTable(
        new BufferedWriter(new OutputStreamWriter(copy, StandardCharsets.UTF_8), 1 << 16));
  }

  /** Writes one row; a value is null, a {@code byte[]}, or what its toString says. */
  void row(@Nullable Object... values) throws IOException {
    for (int i = 0; i < values.length; i++) {
      if (i > 0) {
        out.write('\t');
      }
      out.write(field(values[i]));
    }
    out.write('\n');
    rows++;
  }

  /** Returns how many rows were written. */
  long rows() {
    return rows;
  }

  /** Ends the COPY; the rows are in the table afterwards. */
  @Override
  public void close() throws IOException {
    out.close();
  }

  private static String field(@Nullable Object value) {
    if (value == null) {
      return "\\N";
    }
    if (value instanceof byte[] bytes) {
      return "\\\\x" + HexFormat.of().formatHex(bytes);
    }
    return value
        .toString()
        .replace("\\", "\\\\")
        .replace("\t", "\\t")
        .replace("\n", "\\n")
        .replace("\r", "\\r");
  }
}

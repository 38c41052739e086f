package dev.perfkit.crypto;

import dev.perfkit.spi.Telemetry;
import dev.perfkit.spi.TimeSource;
import dev.perfkit.spi.support.Options;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The columns that are being migrated: until a date, what was never encrypted there is read as it
 * is. Whatever begins like a ciphertext is one, and fails as one.
 */
final class PlaintextColumns {

  private final Map<CipherContext, Column> columns = new HashMap<>();
  private final TimeSource time;

  PlaintextColumns(
      Map<CipherContext, Instant> until, Telemetry telemetry, String cipher, TimeSource time) {
    this.time = time;
    until.forEach(
        (column, end) ->
            columns.put(
                column,
                new Column(
                    end.toEpochMilli(),
                    Meters.plaintextReads(telemetry, cipher, column.columnName()))));
  }

  /** Adds a column to options, unless it is none or was added before. */
  static void add(Map<CipherContext, Instant> options, CipherContext column, Instant until) {
    Objects.requireNonNull(until, "until");
    boolean whole = column.isColumn() && column.equals(column.tableAndColumn());
    Options.require(whole, "column", "be a table and a column", column);
    boolean first = options.putIfAbsent(column, until) == null;
    Options.require(first, "column", "be given once", column);
  }

  /** Returns whether plaintext is expected in this place now, and counts it. */
  boolean accept(CipherContext where) {
    if (columns.isEmpty()) {
      return false;
    }
    Column column = columns.get(where.tableAndColumn());
    if (column == null || time.currentTimeMillis() >= column.endMillis) {
      return false;
    }
    column.reads.increment();
    return true;
  }

  /** Returns whether any column is, or was, migrated. */
  boolean isEmpty() {
    return columns.isEmpty();
  }

  private record Column(long endMillis, Telemetry.Counter reads) {}
}

package dev.perfkit.crypto.jdbc;

import dev.perfkit.crypto.CipherContext;
import dev.perfkit.crypto.FieldCipher;
import dev.perfkit.crypto.FieldRecord;
import dev.perfkit.spi.Beta;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A column whose values are ciphertexts: sets them as parameters and reads them from results.
 *
 * <pre>{@code
 * EncryptedColumn email = EncryptedColumn.of(cipher, CipherContext.ofTable("users").column("email"));
 *
 * email.row(id).setString(insert, 2, "ada@example.org");
 * String address = email.row(id).getString(rows, "email");
 * }</pre>
 *
 * <p>Columns are of a type for bytes ({@code bytea}, {@code VARBINARY}). SQL's NULL stays NULL, so
 * whether a value is there can be seen. Name the row wherever there is one: without it, whoever
 * writes to the store can move a value to another row.
 *
 * <p>Immutable, and safe for use by any number of threads; each method returns another column.
 * Failures of the cipher are its exceptions, such as {@link dev.perfkit.crypto.DecryptException}.
 */
@Beta
public final class EncryptedColumn {

  private final FieldCipher cipher;
  private final CipherContext where;

  private EncryptedColumn(FieldCipher cipher, CipherContext where) {
    this.cipher = cipher;
    this.where = where;
  }

  /** Returns a column of which the context names table and column. */
  public static EncryptedColumn of(FieldCipher cipher, CipherContext column) {
    return new EncryptedColumn(
        Objects.requireNonNull(cipher, "cipher"), Objects.requireNonNull(column, "column"));
  }

  /** Returns the column of a tenant, as {@link CipherContext#tenant}. */
  public EncryptedColumn tenant(String tenant) {
    return new EncryptedColumn(cipher, where.tenant(tenant));
  }

  /** Returns the column in a row, as {@link CipherContext#row(long)}. */
  public EncryptedColumn row(long id) {
    return new EncryptedColumn(cipher, where.row(id));
  }

  /** Returns the column in a row, as {@link CipherContext#row(String)}. */
  public EncryptedColumn row(String id) {
    return new EncryptedColumn(cipher, where.row(id));
  }

  /** Returns the column in a row, as {@link CipherContext#row(UUID)}. */
  public EncryptedColumn row(UUID id) {
    return new EncryptedColumn(cipher, where.row(id));
  }

  /**
   * Encrypts a text and sets it.
   *
   * @param index of the parameter, from 1
   * @throws SQLException as {@link PreparedStatement#setBytes}
   */
  public void setString(PreparedStatement statement, int index, @Nullable String value)
      throws SQLException {
    set(statement, index, value == null ? null : cipher.encrypt(value, where));
  }

  /** As {@link #setString}, of bytes. */
  public void setBytes(PreparedStatement statement, int index, byte @Nullable [] value)
      throws SQLException {
    set(statement, index, value == null ? null : cipher.encrypt(value, where));
  }

  /** As {@link #setString}, of a record. */
  public void setRecord(PreparedStatement statement, int index, @Nullable FieldRecord value)
      throws SQLException {
    set(statement, index, value == null ? null : cipher.encryptRecord(value, where));
  }

  /**
   * Reads a text and decrypts it.
   *
   * @param label of the column in the result
   * @return null for SQL's NULL
   * @throws SQLException as {@link ResultSet#getBytes(String)}
   */
  public @Nullable String getString(ResultSet rows, String label) throws SQLException {
    byte[] sealed = rows.getBytes(label);
    return sealed == null ? null : cipher.decryptToString(sealed, where);
  }

  /** As {@link #getString}, of bytes. */
  public byte @Nullable [] getBytes(ResultSet rows, String label) throws SQLException {
    byte[] sealed = rows.getBytes(label);
    return sealed == null ? null : cipher.decrypt(sealed, where);
  }

  /** As {@link #getString}, of a record. */
  public @Nullable FieldRecord getRecord(ResultSet rows, String label) throws SQLException {
    byte[] sealed = rows.getBytes(label);
    return sealed == null ? null : cipher.decryptRecord(sealed, where);
  }

  /** Returns whose it is, and which parts the place has. */
  @Override
  public String toString() {
    return "EncryptedColumn[" + cipher.name() + ", " + where + "]";
  }

  private static void set(PreparedStatement statement, int index, byte @Nullable [] sealed)
      throws SQLException {
    if (sealed == null) {
      statement.setNull(index, Types.VARBINARY);
    } else {
      statement.setBytes(index, sealed);
    }
  }
}

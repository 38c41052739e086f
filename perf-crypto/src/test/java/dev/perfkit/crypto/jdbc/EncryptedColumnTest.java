package dev.perfkit.crypto.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perfkit.crypto.CipherContext;
import dev.perfkit.crypto.DecryptException;
import dev.perfkit.crypto.FieldCipher;
import dev.perfkit.crypto.FieldRecord;
import dev.perfkit.crypto.Keyset;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Proves that a real database keeps ciphertexts that are read in their own row only. */
class EncryptedColumnTest {

  private static final CipherContext EMAIL = CipherContext.ofTable("users").column("email");

  private final FieldCipher cipher = FieldCipher.named("pii").keyset(Keyset.generate()).build();
  private final EncryptedColumn email = EncryptedColumn.of(cipher, EMAIL);
  private final Connection database;

  EncryptedColumnTest() throws SQLException {
    database = DriverManager.getConnection("jdbc:h2:mem:");
  }

  @BeforeEach
  void createTable() throws SQLException {
    execute("CREATE TABLE users (id BIGINT PRIMARY KEY, email VARBINARY(500))");
  }

  @AfterEach
  void close() throws SQLException {
    database.close();
    cipher.close();
  }

  @Test
  void setString_thenGetString_givesItBackInItsRow() throws SQLException {
    insert(1, "ada@example.org");
    insert(2, null);
    try (ResultSet rows = select(1)) {
      assertThat(email.row(1).getString(rows, "email")).isEqualTo("ada@example.org");
      assertThat(new String(rows.getBytes("email"), StandardCharsets.ISO_8859_1))
          .doesNotContain("example.org");
      assertThat(cipher.decryptToString(rows.getBytes("email"), EMAIL.row(1)))
          .isEqualTo("ada@example.org");
    }
    try (ResultSet rows = select(2)) {
      assertThat(email.row(2).getString(rows, "email")).isNull();
      assertThat(email.row(2).getBytes(rows, "email")).isNull();
      assertThat(email.row(2).getRecord(rows, "email")).isNull();
      assertThat(rows.getBytes("email")).isNull();
    }
  }

  @Test
  void getString_valueMovedToAnotherRow_isNotAuthentic() throws SQLException {
    insert(1, "ada@example.org");
    insert(2, "grace@example.org");
    execute("UPDATE users SET email = (SELECT email FROM users WHERE id = 1) WHERE id = 2");
    try (ResultSet rows = select(2)) {
      assertThatThrownBy(() -> email.row(2).getString(rows, "email"))
          .isInstanceOf(DecryptException.class);
      assertThatThrownBy(() -> email.tenant("acme").row(1).getString(rows, "email"))
          .isInstanceOf(DecryptException.class);
    }
  }

  @Test
  void rows_ofEveryTypeOfId_areApart() throws SQLException {
    UUID uuid = UUID.fromString("01234567-89ab-cdef-0123-456789abcdef");
    FieldRecord person = FieldRecord.builder().text("email", "ada@example.org").build();
    try (PreparedStatement insert = insert()) {
      insert.setLong(1, 1);
      email.row("1").setBytes(insert, 2, new byte[] {1, 2});
      insert.executeUpdate();
      insert.setLong(1, 2);
      email.row(uuid).setRecord(insert, 2, person);
      insert.executeUpdate();
      insert.setLong(1, 3);
      email.setRecord(insert, 2, null);
      insert.executeUpdate();
      insert.setLong(1, 4);
      email.setBytes(insert, 2, null);
      insert.executeUpdate();
    }
    try (ResultSet rows = select(1)) {
      assertThat(email.row("1").getBytes(rows, "email")).containsExactly(1, 2);
      assertThatThrownBy(() -> email.row(1).getBytes(rows, "email"))
          .isInstanceOf(DecryptException.class);
    }
    try (ResultSet rows = select(2)) {
      assertThat(email.row(uuid).getRecord(rows, "email")).isEqualTo(person);
    }
    assertThat(email.row("secret").toString())
        .isEqualTo("EncryptedColumn[pii, CipherContext[table, column, row]]");
  }

  private void insert(long id, @Nullable String address) throws SQLException {
    try (PreparedStatement insert = insert()) {
      insert.setLong(1, id);
      email.row(id).setString(insert, 2, address);
      insert.executeUpdate();
    }
  }

  private PreparedStatement insert() throws SQLException {
    return database.prepareStatement("INSERT INTO users (id, email) VALUES (?, ?)");
  }

  private ResultSet select(long id) throws SQLException {
    PreparedStatement select = database.prepareStatement("SELECT email FROM users WHERE id = ?");
    select.closeOnCompletion();
    select.setLong(1, id);
    ResultSet rows = select.executeQuery();
    assertThat(rows.next()).isTrue();
    return rows;
  }

  private void execute(String sql) throws SQLException {
    try (PreparedStatement statement = database.prepareStatement(sql)) {
      statement.executeUpdate();
    }
  }
}

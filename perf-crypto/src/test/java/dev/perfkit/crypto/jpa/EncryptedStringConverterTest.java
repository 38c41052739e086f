package dev.perfkit.crypto.jpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.perfkit.crypto.CipherContext;
import dev.perfkit.crypto.DecryptException;
import dev.perfkit.crypto.FieldCipher;
import dev.perfkit.crypto.Keyset;
import jakarta.persistence.Column;
import jakarta.persistence.Convert;
import jakarta.persistence.Converter;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.hibernate.SessionFactory;
import org.hibernate.cfg.Configuration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Proves with Hibernate and a real database that an attribute is kept encrypted and read back, and
 * that its binding is what the documentation says: the column, not the row.
 */
class EncryptedStringConverterTest {

  private static final CipherContext EMAIL = CipherContext.ofTable("users").column("email");
  private static final FieldCipher CIPHER =
      FieldCipher.named("pii").keyset(Keyset.generate()).build();

  /** What a host writes for its column. */
  @Converter
  public static final class EmailConverter implements EncryptedStringConverter {
    @Override
    public FieldCipher cipher() {
      return CIPHER;
    }

    @Override
    public CipherContext column() {
      return EMAIL;
    }
  }

  /** An entity with such a column. */
  @Entity(name = "User")
  @Table(name = "users")
  public static class User {
    @Id long id;

    @Convert(converter = EmailConverter.class)
    @Column(name = "email", length = 500)
    @Nullable String email;
  }

  private final SessionFactory sessions =
      new Configuration()
          .addAnnotatedClass(User.class)
          .setProperty("hibernate.connection.url", "jdbc:h2:mem:jpa;DB_CLOSE_DELAY=-1")
          .setProperty("hibernate.hbm2ddl.auto", "create-drop")
          .buildSessionFactory();

  @AfterEach
  void close() {
    sessions.close();
  }

  @Test
  void attribute_persisted_isEncryptedInTheColumn() {
    persist(1, "ada@example.org");
    persist(2, null);
    assertThat(find(1)).isEqualTo("ada@example.org");
    assertThat(find(2)).isNull();
    byte[] stored = stored(1);
    assertThat(CIPHER.decryptToString(stored, EMAIL)).isEqualTo("ada@example.org");
    assertThatThrownBy(() -> CIPHER.decrypt(stored, EMAIL.row(1)))
        .isInstanceOf(DecryptException.class);
  }

  @Test
  void attribute_inAnotherRow_isReadInAnotherColumn_isNot() {
    persist(1, "ada@example.org");
    persist(2, "grace@example.org");
    update("UPDATE users SET email = (SELECT email FROM users WHERE id = 1) WHERE id = 2");
    assertThat(find(2)).isEqualTo("ada@example.org");
    byte[] other = CIPHER.encrypt("x", CipherContext.ofTable("users").column("phone"));
    sessions.inTransaction(
        session ->
            session
                .createNativeMutationQuery("UPDATE users SET email = ? WHERE id = 2")
                .setParameter(1, other)
                .executeUpdate());
    assertThatThrownBy(() -> find(2)).hasRootCauseInstanceOf(DecryptException.class);
  }

  private void persist(long id, @Nullable String email) {
    User user = new User();
    user.id = id;
    user.email = email;
    sessions.inTransaction(session -> session.persist(user));
  }

  private @Nullable String find(long id) {
    return sessions.fromTransaction(session -> session.find(User.class, id).email);
  }

  private byte[] stored(long id) {
    return sessions.fromTransaction(
        session ->
            session
                .createNativeQuery("SELECT email FROM users WHERE id = ?", byte[].class)
                .setParameter(1, id)
                .getSingleResult());
  }

  private void update(String sql) {
    sessions.inTransaction(session -> session.createNativeMutationQuery(sql).executeUpdate());
  }
}

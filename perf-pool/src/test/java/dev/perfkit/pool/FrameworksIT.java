package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.perfkit.testkit.postgres.PostgresFixture;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import java.sql.SQLException;
import java.util.List;
import org.hibernate.FlushMode;
import org.hibernate.SessionFactory;
import org.hibernate.cfg.AvailableSettings;
import org.hibernate.cfg.Configuration;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Proves that frameworks use a group's {@code DataSource} as they use any other, without a line for
 * it: Hibernate makes its tables, writes, reads, rolls back and batches; Jdbi runs transactions,
 * read-only ones on the replica.
 */
class FrameworksIT {

  private static PostgresFixture servers;
  private static PoolGroup group;

  /** A row. */
  @Entity(name = "Book")
  static class Book {

    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private long id;

    @SuppressWarnings("UnusedVariable") // Hibernate reads it.
    private String title = "";

    static Book of(String title) {
      Book book = new Book();
      book.title = title;
      return book;
    }
  }

  @BeforeAll
  static void start() {
    servers = PostgresFixture.startWithStandby();
    group =
        PoolGroup.named("orders")
            .primary(Servers.pooled(servers.primary(), 4))
            .replica("r1", Servers.pooled(servers.standby(), 4))
            .probeTimeout(PoolGroupIT.PATIENCE)
            .build();
  }

  @AfterAll
  static void stop() {
    group.close();
    servers.close();
  }

  private static SessionFactory hibernate() {
    Configuration configuration = new Configuration().addAnnotatedClass(Book.class);
    configuration
        .getProperties()
        .put(AvailableSettings.JAKARTA_NON_JTA_DATASOURCE, group.dataSource());
    configuration.setProperty(AvailableSettings.HBM2DDL_AUTO, "create");
    configuration.setProperty(AvailableSettings.STATEMENT_BATCH_SIZE, "10");
    return configuration.buildSessionFactory();
  }

  @Test
  void hibernate_inASession_readsItsWritesFromReplicasToo() {
    try (SessionFactory hibernate = hibernate();
        Session session = group.openSession()) {
      Book book = Book.of("one");
      hibernate.inTransaction(orm -> orm.persist(book));
      assertThat(book.id).isPositive();
      hibernate.inTransaction(
          orm -> {
            for (int i = 0; i < 25; i++) {
              orm.persist(Book.of("many"));
            }
          });
      List<String> titles =
          hibernate.fromSession(
              orm -> {
                orm.setDefaultReadOnly(true);
                orm.setHibernateFlushMode(FlushMode.MANUAL);
                orm.doWork(connection -> connection.setReadOnly(true));
                return orm.createQuery("select b.title from Book b", String.class).getResultList();
              });
      assertThat(titles).hasSize(26).contains("one");
      assertThat(session.token().floor()).isNotNull();
    }
  }

  @Test
  void hibernate_transactionRolledBack_leavesNothing() {
    try (SessionFactory hibernate = hibernate()) {
      assertThatExceptionOfType(IllegalStateException.class)
          .isThrownBy(
              () ->
                  hibernate.inTransaction(
                      orm -> {
                        orm.persist(Book.of("never"));
                        orm.flush();
                        throw new IllegalStateException("no");
                      }));
      long found =
          hibernate.fromTransaction(
              orm -> orm.createQuery("select count(*) from Book", Long.class).getSingleResult());
      assertThat(found).isZero();
    }
    assertThat(group.nodes()).allSatisfy(node -> assertThat(node.active()).isZero());
  }

  @Test
  void jdbi_transactions_writeToThePrimaryAndReadFromTheReplica() {
    Jdbi jdbi = Jdbi.create(group.dataSource());
    try (Session session = group.openSession()) {
      jdbi.useHandle(handle -> handle.execute("CREATE TABLE IF NOT EXISTS song (name text)"));
      jdbi.useTransaction(
          TransactionIsolationLevel.SERIALIZABLE,
          handle -> {
            handle.execute("INSERT INTO song VALUES (?)", "first");
            handle
                .prepareBatch("INSERT INTO song VALUES (:name)")
                .bind("name", "second")
                .add()
                .bind("name", "third")
                .add()
                .execute();
          });
      int songs =
          jdbi.withHandle(
              handle ->
                  handle
                      .setReadOnly(true)
                      .inTransaction(
                          reading ->
                              reading
                                  .createQuery("SELECT count(*) FROM song")
                                  .mapTo(int.class)
                                  .one()));
      assertThat(songs).isEqualTo(3);
      assertThat(session.token().floor()).isNotNull();
    }
    Jdbi reading = Jdbi.create(group.reader());
    String recovering =
        reading.withHandle(
            handle -> handle.createQuery("SELECT pg_is_in_recovery()").mapTo(String.class).one());
    assertThat(recovering).isEqualTo("t");
  }

  @Test
  void jdbi_failingStatement_givesTheConnectionBack() {
    Jdbi jdbi = Jdbi.create(group.dataSource());
    assertThatExceptionOfType(RuntimeException.class)
        .isThrownBy(() -> jdbi.useHandle(handle -> handle.execute("SELECT nonsense")))
        .withRootCauseInstanceOf(SQLException.class);
    assertThat(group.nodes()).allSatisfy(node -> assertThat(node.active()).isZero());
  }
}

package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.perfkit.pool.History.Row;
import dev.perfkit.pool.History.Told;
import dev.perfkit.testkit.postgres.PostgresFixture;
import dev.perfkit.testkit.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Proves that clients who do what the SQLSTATE tells them lose nothing and double nothing while
 * primaries are killed under load, one after the other, and their synchronous standby is promoted;
 * and that nothing is written on an older timeline, moves within a transaction, or is changed by a
 * session that only reads. The number of kills is 3, or that of {@code -Dperfkit.pool.kills}.
 */
@Timeout(3_600)
class KilledPrimariesIT {

  private static final int KILLS = Integer.getInteger("perfkit.pool.kills", 3);
  private static final int WRITERS = 4;
  private static final Duration BOUND = Duration.ofMinutes(2);
  private static final String TIMELINE =
      "('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::bigint";
  private static final String NODE = "inet_server_port()";

  private final History history = new History();
  private final AtomicBoolean running = new AtomicBoolean(true);
  private final AtomicLong ids = new AtomicLong();
  private final AtomicLong reads = new AtomicLong();
  private final List<Long> afterKill = new ArrayList<>();
  private final List<Long> afterPromotion = new ArrayList<>();

  @Test
  void writes_whilePrimariesAreKilled_areNeitherLostNorDoubled() throws Exception {
    ExecutorService clients = Executors.newCachedThreadPool();
    try (PostgresFixture servers =
            PostgresFixture.builder().standby(true).synchronous(true).start();
        PoolGroup group =
            PoolGroup.named("killed")
                .primary(FailoverIT.pooled(servers.primary()))
                .replica("r1", FailoverIT.pooled(servers.standby()))
                .build()) {
      createTable(group);
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        boolean autoCommit = i % 2 == 0;
        all.add(clients.submit(() -> writeUntilStopped(group, autoCommit)));
      }
      all.add(clients.submit(() -> readUntilStopped(group)));
      for (int kill = 1; kill <= KILLS; kill++) {
        killAndPromote(servers);
      }
      running.set(false);
      for (Future<?> client : all) {
        client.get(60, TimeUnit.SECONDS);
      }
      check(rows(group), servers);
    } finally {
      running.set(false);
      clients.shutdownNow();
    }
  }

  private void createTable(PoolGroup group) throws SQLException {
    try (Connection connection = group.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      // No unique key: what is written twice is to be seen twice.
      statement.execute(
          "CREATE TABLE payment (id bigint, attempt int, timeline bigint, at_begin text,"
              + " at_end text)");
      statement.execute("CREATE INDEX payment_id ON payment (id)");
    }
  }

  private void killAndPromote(PostgresFixture servers) {
    awaitProgress(100);
    PostgresServer former = servers.primary();
    long killed = System.nanoTime();
    former.kill();
    int before = history.finished();
    servers.promote(servers.standby());
    long promoted = System.nanoTime();
    await()
        .atMost(BOUND)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> history.finished() > before + WRITERS);
    long written = System.nanoTime();
    afterKill.add(TimeUnit.NANOSECONDS.toMillis(written - killed));
    afterPromotion.add(TimeUnit.NANOSECONDS.toMillis(written - promoted));
    servers.reattach(former);
  }

  private void awaitProgress(int ids) {
    int before = history.finished();
    await().atMost(BOUND).until(() -> history.finished() > before + ids);
  }

  private void writeUntilStopped(PoolGroup group, boolean autoCommit) {
    while (running.get()) {
      pay(group, ids.incrementAndGet(), autoCommit);
    }
  }

  /** Does what a client should: tries again after 08S02, looks first after 08007. */
  private void pay(PoolGroup group, long id, boolean autoCommit) {
    for (int attempt = 1; ; attempt++) {
      Told told = attempt(group, id, attempt, autoCommit);
      if (told == Told.OK || (told == Told.UNKNOWN && isStored(group, id))) {
        history.finished(id);
        return;
      }
    }
  }

  private Told attempt(PoolGroup group, long id, int attempt, boolean autoCommit) {
    long timeline = group.roster().timeline();
    Told told = Told.REFUSED;
    try (Connection connection = group.dataSource().getConnection()) {
      connection.setAutoCommit(autoCommit);
      told = told(connection, id, attempt, autoCommit);
    } catch (SQLException closing) {
      assertThat(closing.getSQLState()).as("the outcome stands").startsWith("08");
    }
    history.told(id, attempt, told, timeline);
    return told;
  }

  private static Told told(Connection connection, long id, int attempt, boolean autoCommit) {
    try {
      insert(connection, id, attempt, autoCommit);
      return Told.OK;
    } catch (SQLException failure) {
      return told(failure);
    }
  }

  private static void insert(Connection connection, long id, int attempt, boolean autoCommit)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      String begin = autoCommit ? "" : PoolGroupIT.one(connection, "SELECT " + NODE);
      statement.executeUpdate(
          "INSERT INTO payment VALUES ("
              + id
              + ", "
              + attempt
              + ", "
              + TIMELINE
              + ", "
              + (autoCommit ? NODE : "'" + begin + "'")
              + ", "
              + NODE
              + ")");
    }
    if (!autoCommit) {
      connection.commit();
    }
  }

  private static Told told(SQLException failure) {
    return switch (String.valueOf(failure.getSQLState())) {
      case "08S02" -> Told.NOTHING;
      case "08007" -> Told.UNKNOWN;
      default -> Told.REFUSED;
    };
  }

  private boolean isStored(PoolGroup group, long id) {
    while (true) {
      try (Connection connection = group.dataSource().getConnection()) {
        return !PoolGroupIT.one(connection, "SELECT count(*) FROM payment WHERE id = " + id)
            .equals("0");
      } catch (SQLException later) {
        assertThat(later.getSQLState()).startsWith("08");
      }
    }
  }

  /** Reads, and tries to write where that must fail on every node. */
  private void readUntilStopped(PoolGroup group) {
    while (running.get()) {
      try (Connection connection = group.reader().getConnection();
          Statement statement = connection.createStatement()) {
        PoolGroupIT.one(connection, "SELECT count(*) FROM pg_class");
        reads.incrementAndGet();
        statement.executeUpdate("INSERT INTO payment VALUES (-1, 1, 1, '', '')");
        history.readOnlyWrites.incrementAndGet();
      } catch (SQLException refused) {
        assertThat(refused.getSQLState()).matches("25006|08.*");
      }
    }
  }

  private static List<Row> rows(PoolGroup group) throws SQLException {
    List<Row> rows = new ArrayList<>();
    try (Connection connection = group.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("SELECT * FROM payment")) {
      while (result.next()) {
        rows.add(
            new Row(
                result.getLong(1),
                result.getInt(2),
                result.getLong(3),
                result.getString(4),
                result.getString(5)));
      }
    }
    return rows;
  }

  private void check(List<Row> rows, PostgresFixture servers) {
    System.out.printf(
        "%d kills: %d ids finished, %d rows; told ok %d, 08S02 %d, 08007 %d, no connection %d;"
            + " %d reads; writes again after the kill: median %d ms, most %d ms; after the"
            + " promotion: median %d ms, most %d ms%n",
        KILLS,
        history.finished(),
        rows.size(),
        history.count(Told.OK),
        history.count(Told.NOTHING),
        history.count(Told.UNKNOWN),
        history.count(Told.REFUSED),
        reads.get(),
        median(afterKill),
        Collections.max(afterKill),
        median(afterPromotion),
        Collections.max(afterPromotion));
    assertThat(history.lostOrDoubled(rows)).as("J1").isEmpty();
    assertThat(history.belowTheTimeline(rows)).as("J4").isEmpty();
    assertThat(rows).extracting(Row::timeline).contains(KILLS + 1L);
    assertThat(History.movedInTransaction(rows)).as("J5").isEmpty();
    assertThat(rows).as("J6").noneMatch(row -> row.id() < 0);
    assertThat(history.readOnlyWrites).as("J6").hasValue(0);
    assertThat(servers.standbys()).hasSize(1);
  }

  private static long median(List<Long> values) {
    return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
  }
}

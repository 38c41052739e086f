package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import dev.perfkit.testkit.RecordingTelemetry;
import dev.perfkit.testkit.postgres.PostgresFixture;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Proves, on a real primary and a standby whose replay is paused at will, where the reads of a
 * session go: never to a replica that lacks what the session wrote, however it was committed.
 */
@SuppressWarnings("try") // A session does its work by being open.
class SessionIT {

  private static final Duration BOUND = Duration.ofSeconds(20);

  private static PostgresFixture servers;

  private final RecordingTelemetry telemetry = RecordingTelemetry.create();
  private PoolGroup group;

  @BeforeAll
  static void start() throws SQLException {
    servers = PostgresFixture.startWithStandby();
    Servers.run(servers.primary(), "CREATE TABLE item (id serial PRIMARY KEY, name text)");
    Servers.run(
        servers.primary(),
        "CREATE PROCEDURE add_item(n text) LANGUAGE sql AS 'INSERT INTO item (name) VALUES (n)'");
    Servers.run(
        servers.primary(),
        "CREATE FUNCTION added_item(n text) RETURNS int LANGUAGE sql AS"
            + " 'INSERT INTO item (name) VALUES (n) RETURNING id'");
  }

  @AfterAll
  static void stop() {
    servers.close();
  }

  @BeforeEach
  void open() throws SQLException {
    resume();
    group = group("orders", ReplicaReads.defaults());
    awaitReplica();
  }

  @AfterEach
  void close() throws SQLException {
    group.close();
    resume();
  }

  private PoolGroup group(String name, ReplicaReads reads) {
    return PoolGroup.named(name)
        .primary(Servers.pooled(servers.primary(), 4))
        .replica("r1", Servers.pooled(servers.standby(), 4))
        .replicaReads(reads)
        .probeTimeout(PoolGroupIT.PATIENCE)
        .telemetry(telemetry)
        .build();
  }

  private static void pause() throws SQLException {
    Servers.run(servers.standby(), "SELECT pg_wal_replay_pause()");
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () ->
                "paused"
                    .equals(
                        Servers.one(servers.standby(), "SELECT pg_get_wal_replay_pause_state()")));
  }

  private static void resume() throws SQLException {
    Servers.run(servers.standby(), "SELECT pg_wal_replay_resume()");
  }

  /** Waits until the replica has everything, and the group knows it. */
  private void awaitReplica() {
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              try (Session session = group.openSession()) {
                write(group.dataSource(), "warm");
                return onReplica(group.reader());
              }
            });
  }

  private static void write(DataSource dataSource, String name) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement =
            connection.prepareStatement("INSERT INTO item (name) VALUES (?)")) {
      statement.setString(1, name);
      statement.executeUpdate();
    }
  }

  private static boolean onReplica(DataSource reader) throws SQLException {
    try (Connection connection = reader.getConnection()) {
      return "t".equals(Servers.one(connection, "SELECT pg_is_in_recovery()"));
    }
  }

  private static int count(DataSource reader, String name) throws SQLException {
    try (Connection connection = reader.getConnection();
        PreparedStatement statement =
            connection.prepareStatement("SELECT count(*) FROM item WHERE name = ?")) {
      statement.setString(1, name);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getInt(1);
      }
    }
  }

  @Test
  void session_overTwoRequests_readsItsWrites() throws SQLException {
    PoolGroup db = group;
    String cookie = "";
    // region: session
    try (Session session = db.openSession(cookie)) { // "" for a new visitor
      try (Connection connection = db.dataSource().getConnection();
          Statement statement = connection.createStatement()) {
        statement.executeUpdate("INSERT INTO item (name) VALUES ('chair')");
      }
      try (Connection connection = db.reader().getConnection();
          Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery("SELECT FROM item WHERE name = 'chair'")) {
        assertThat(rows.next()).isTrue(); // from a replica that has it, else from the primary
      }
      cookie = session.token().toString(); // for the next request, here or elsewhere
    }
    // endregion: session
    assertThat(SessionToken.parse(cookie).floor()).isNotNull();
    pause();
    write(db.dataSource(), "table");
    try (Session next = db.openSession(cookie)) {
      assertThat(count(db.reader(), "chair")).isEqualTo(1);
      assertThat(onReplica(db.reader())).isTrue();
    }
  }

  @Test
  void read_replicaLacksTheWrite_goesToThePrimaryAndBackLater() throws SQLException {
    pause();
    try (Session session = group.openSession()) {
      assertThat(onReplica(group.reader())).isTrue();
      write(group.dataSource(), "paused");
      assertThat(count(group.reader(), "paused")).isEqualTo(1);
      assertThat(onReplica(group.reader())).isFalse();
      resume();
      await().atMost(Duration.ofSeconds(20)).until(() -> onReplica(session.reader()));
      assertThat(count(group.reader(), "paused")).isEqualTo(1);
    }
    assertThat(telemetry.count("pool.session.reads", "where", "primary")).isPositive();
  }

  @Test
  void read_outsideOfAnySession_staysOnTheReplica() throws SQLException {
    pause();
    try (Session session = group.openSession()) {
      write(group.dataSource(), "inside");
    }
    assertThat(onReplica(group.reader())).isTrue();
    assertThat(count(group.reader(), "inside")).isZero();
  }

  @Test
  void wait_replicaCatchesUpInTime_readsThere() throws Exception {
    try (PoolGroup patient =
        group("patient", ReplicaReads.builder().replayWait(Duration.ofSeconds(20)).build())) {
      pause();
      try (Session session = patient.openSession()) {
        write(patient.dataSource(), "awaited");
        CompletableFuture<Boolean> read =
            CompletableFuture.supplyAsync(
                () -> {
                  try {
                    return onReplica(session.reader());
                  } catch (SQLException failure) {
                    throw new IllegalStateException(failure);
                  }
                });
        resume();
        assertThat(read.get(30, TimeUnit.SECONDS)).isTrue();
        assertThat(count(patient.reader(), "awaited")).isEqualTo(1);
      }
    }
  }

  @Test
  void primary_mode_readsThereAfterAWriteOnly() throws SQLException {
    try (PoolGroup strict =
            group("strict", ReplicaReads.builder().readYourWrites(ReadYourWrites.PRIMARY).build());
        Session session = strict.openSession()) {
      assertThat(onReplica(strict.reader())).isTrue();
      write(strict.dataSource(), "strict");
      assertThat(onReplica(strict.reader())).isFalse();
    }
  }

  @Test
  void fast_mode_doesNotWait() throws SQLException {
    ReplicaReads fast =
        ReplicaReads.builder()
            .readYourWrites(ReadYourWrites.FAST)
            .replayWait(Duration.ofSeconds(30))
            .build();
    try (PoolGroup quick = group("quick", fast);
        Session session = quick.openSession()) {
      pause();
      write(quick.dataSource(), "fast");
      assertThat(count(quick.reader(), "fast")).isEqualTo(1);
      assertThat(telemetry.durations("pool.session.waits", "pool", "quick")).isEmpty();
    }
  }

  @Test
  void none_mode_asksNothingAndKeepsNothing() throws SQLException {
    try (PoolGroup loose =
            group("loose", ReplicaReads.builder().readYourWrites(ReadYourWrites.NONE).build());
        Session session = loose.openSession()) {
      pause();
      write(loose.dataSource(), "loose");
      assertThat(onReplica(loose.reader())).isTrue();
      assertThat(session.token()).hasToString("1.n");
      assertThat(telemetry.count("pool.session.captures", "pool", "loose")).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource
  void write_committedInAnyWay_isSeenByTheNextRead(CommitWay way) throws SQLException {
    int before = count(group.dataSource(), "way");
    pause();
    try (Session session = group.openSession()) {
      assertThat(onReplica(group.reader())).isTrue();
      try (Connection connection = group.dataSource().getConnection()) {
        way.write(connection);
        // While the writer is open, too.
        assertThat(count(group.reader(), "way")).isEqualTo(before + 1);
      }
      assertThat(session.token().floor()).isNotNull();
      assertThat(count(group.reader(), "way")).isEqualTo(before + 1);
      assertThat(onReplica(group.reader())).isFalse();
    }
  }

  @Test
  void commit_positionCaptured_beginsNoTransaction() throws SQLException {
    try (Session session = group.openSession();
        Connection connection = group.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      Servers.run(connection, "INSERT INTO item (name) VALUES ('idle')");
      String pid = Servers.one(connection, "SELECT pg_backend_pid()");
      connection.commit();
      assertThat(session.token().floor()).isNotNull();
      assertThat(
              Servers.one(
                  servers.primary(), "SELECT state FROM pg_stat_activity WHERE pid = " + pid))
          .isEqualTo("idle");
      assertThat(connection.getAutoCommit()).isFalse();
      Servers.run(connection, "INSERT INTO item (name) VALUES ('undone')");
      connection.rollback();
    }
    assertThat(count(group.dataSource(), "undone")).isZero();
  }

  @Test
  void commit_connectionLostBeforeItsPosition_readsFromThePrimaryUntilTheNextToken()
      throws SQLException {
    try (Session session = group.openSession()) {
      try (Connection connection = group.dataSource().getConnection()) {
        Servers.run(connection, "INSERT INTO item (name) VALUES ('lost')");
        String pid = Servers.one(connection, "SELECT pg_backend_pid()");
        Servers.one(servers.primary(), "SELECT pg_terminate_backend(" + pid + ", 5000)");
      }
      assertThat(session.token()).hasToString("1.p");
      await()
          .atMost(Duration.ofSeconds(20))
          .ignoreExceptions()
          .until(() -> count(session.reader(), "lost") == 1);
      assertThat(onReplica(group.reader())).isFalse();
      write(group.dataSource(), "next");
      assertThat(session.token().floor()).isNotNull();
      await().atMost(Duration.ofSeconds(20)).until(() -> onReplica(session.reader()));
    }
    assertThat(telemetry.count("pool.session.captures", "outcome", "failed")).isEqualTo(1);
  }

  @Test
  void token_beyondThePrimary_isCountedReplacedAndNotWaitedFor() throws SQLException {
    SessionToken honest;
    try (Session session = group.openSession()) {
      write(group.dataSource(), "honest");
      honest = session.token();
    }
    Floor floor = floor(honest);
    SessionToken forged =
        SessionToken.of(new Floor(floor.system(), floor.timeline(), Long.MAX_VALUE - 9_999, 0));
    try (PoolGroup patient =
            group("patient", ReplicaReads.builder().replayWait(Duration.ofSeconds(30)).build());
        Session session = patient.openSession(forged.toString())) {
      long before = System.nanoTime();
      assertThat(count(patient.reader(), "honest")).isEqualTo(1);
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(20));
      assertThat(session.token()).isNotEqualTo(forged);
      assertThat(floor(session.token()).lsn()).isGreaterThanOrEqualTo(floor.lsn());
    }
    assertThat(telemetry.count("pool.session.tokens.rejected", "reason", "beyond_primary"))
        .isEqualTo(1);
  }

  @Test
  void token_ofAnotherSystemOrNone_isCountedAndReplaced() throws SQLException {
    pause();
    write(group.dataSource(), "any");
    for (String wrong : new String[] {"no token", "9.later", "1.123.1.1"}) {
      try (Session session = group.openSession(wrong)) {
        assertThat(count(group.reader(), "any")).isPositive();
        await()
            .atMost(Duration.ofSeconds(20))
            .until(
                () -> {
                  onReplica(session.reader());
                  return session.token().floor() != null;
                });
        // What was written before it came is seen.
        assertThat(onReplica(group.reader())).isFalse();
      }
    }
    assertThat(telemetry.count("pool.session.tokens.rejected", "reason", "malformed")).isEqualTo(2);
    assertThat(telemetry.count("pool.session.tokens.rejected", "reason", "other_system"))
        .isEqualTo(1);
  }

  @Test
  void token_ofALaterTimeline_readsFromThePrimary() throws SQLException {
    WalPosition here = position();
    SessionToken later = SessionToken.of(new Floor(here.system(), here.timeline() + 1, 1, 0));
    try (Session session = group.openSession(later)) {
      assertThat(onReplica(group.reader())).isFalse();
      assertThat(session.token()).isEqualTo(later);
    }
  }

  private static Floor floor(SessionToken token) {
    return Objects.requireNonNull(token.floor());
  }

  private static WalPosition position() throws SQLException {
    try (Connection connection =
        DriverManager.getConnection(
            servers.primary().jdbcUrl(), servers.primary().user(), servers.primary().password())) {
      return Objects.requireNonNull(
          new WalQuery(ServerProbe.postgres()).position(connection, 0, 0));
    }
  }

  @Test
  void fallbacks_overTheLimit_waitForTheReplicaAndThenFailClearly() throws Exception {
    ReplicaReads few = ReplicaReads.builder().fallbacksPerSecond(1).build();
    try (PoolGroup limited =
            PoolGroup.named("limited")
                .primary(pooledBriefly())
                .replica("r1", Servers.pooled(servers.standby(), 4))
                .replicaReads(few)
                .probeTimeout(PoolGroupIT.PATIENCE)
                .telemetry(telemetry)
                .build();
        Session session = limited.openSession()) {
      pause();
      await().atMost(BOUND).until(() -> hasWritten(session.dataSource()));
      List<Integer> counts = new CopyOnWriteArrayList<>();
      await()
          .atMost(BOUND)
          .pollInterval(Duration.ofMillis(1))
          .untilAsserted(
              () ->
                  assertThatExceptionOfType(SQLTransientConnectionException.class)
                      .isThrownBy(() -> counts.add(count(session.reader(), "limited")))
                      .withMessageContaining("fallbacksPerSecond"));
      resume();
      await().atMost(BOUND).ignoreExceptions().until(() -> onReplica(session.reader()));
      await()
          .atMost(BOUND)
          .ignoreExceptionsInstanceOf(SQLTransientConnectionException.class)
          .until(() -> counts.add(count(session.reader(), "limited")));
      assertThat(counts).containsOnly(1);
    }
  }

  /** Nothing was written by a write that got no connection in its short time. */
  private static boolean hasWritten(DataSource limited) throws SQLException {
    try {
      write(limited, "limited");
      return true;
    } catch (SQLTransientConnectionException late) {
      return false;
    }
  }

  private static HikariConfig pooledBriefly() {
    HikariConfig config = Servers.pooled(servers.primary(), 4);
    config.setConnectionTimeout(300);
    return config;
  }

  @Test
  void session_closedOrOnAnotherThread_isSeenAsDocumented() throws Exception {
    pause();
    Session outer = group.openSession();
    write(group.dataSource(), "scoped");
    boolean elsewhere = CompletableFuture.supplyAsync(() -> read(group.reader())).get();
    boolean called =
        CompletableFuture.supplyAsync(
                () -> {
                  try {
                    return outer.call(() -> onReplica(group.reader()));
                  } catch (Exception failure) {
                    throw new IllegalStateException(failure);
                  }
                })
            .get();
    assertThat(elsewhere).isTrue();
    assertThat(called).isFalse();
    try (Session inner = group.openSession()) {
      assertThat(onReplica(group.reader())).isTrue();
    }
    assertThat(onReplica(group.reader())).isFalse();
    CompletableFuture.runAsync(outer::close).get();
    assertThat(onReplica(group.reader())).isTrue();
    assertThat(onReplica(outer.reader())).isFalse();
  }

  private static boolean read(DataSource reader) {
    try {
      return onReplica(reader);
    } catch (SQLException failure) {
      throw new IllegalStateException(failure);
    }
  }

  @Test
  void parse_garbage_isTyped() {
    assertThatExceptionOfType(InvalidTokenException.class)
        .isThrownBy(() -> group.openSession(SessionToken.parse("garbage")));
  }
}

package dev.perfkit.pool;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Clients that write and read in sessions over two groups, as two processes would, and compare what
 * they see with what they know: a read shows at least the session's last acknowledged write, and at
 * least what an earlier read of the session showed.
 *
 * <p>Each client has a row of its own. A write whose outcome is not known ends the session, and
 * with it what is known of the row. Half of the sessions are carried on by their token.
 */
final class SessionCheck {

  private static final int STEPS = 12;

  final Queue<String> violations = new ConcurrentLinkedQueue<>();
  final AtomicLong writes = new AtomicLong();
  final AtomicLong failedWrites = new AtomicLong();
  final AtomicLong replicaReads = new AtomicLong();
  final AtomicLong primaryReads = new AtomicLong();
  final AtomicLong failedReads = new AtomicLong();

  /** Of all checks: a row that another one has written to would seem to go back. */
  private static final AtomicInteger NEXT_ID = new AtomicInteger();

  private final List<PoolGroup> groups;
  private volatile boolean stopped;

  SessionCheck(PoolGroup... groups) {
    this.groups = List.of(groups);
  }

  static void createTable(Connection primary) throws SQLException {
    Servers.run(primary, "CREATE TABLE checked (id int PRIMARY KEY, version int NOT NULL)");
    Servers.run(primary, "INSERT INTO checked SELECT n, 0 FROM generate_series(0, 99) n");
  }

  /** Starts so many clients, which run until {@link #stop}. */
  List<Thread> start(int clients) {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      Client client = new Client(NEXT_ID.getAndIncrement());
      Thread thread = new Thread(client, "check-" + i);
      thread.setDaemon(true);
      thread.start();
      threads.add(thread);
    }
    return threads;
  }

  void stop(List<Thread> threads) throws InterruptedException {
    stopped = true;
    for (Thread thread : threads) {
      thread.join(Duration.ofMinutes(1).toMillis());
    }
  }

  @Override
  public String toString() {
    return writes
        + " writes, "
        + failedWrites
        + " failed; reads: "
        + replicaReads
        + " of replicas, "
        + primaryReads
        + " of the primary, "
        + failedReads
        + " failed; "
        + violations.size()
        + " violations";
  }

  /** What one session did, for the report of a violation. */
  private final class Client implements Runnable {

    private final int id;
    private final Random random;
    private final List<String> story = new ArrayList<>();
    private int written;
    private int seen;
    private int version;

    Client(int id) {
      this.id = id;
      this.random = new Random(id);
    }

    @Override
    public void run() {
      String token = "";
      while (!stopped) {
        token = session(token);
      }
    }

    private String session(String token) {
      PoolGroup group = groups.get(random.nextInt(groups.size()));
      story.clear();
      story.add("token '" + token + "'");
      if (token.isEmpty()) {
        written = 0;
      }
      seen = written;
      try (Session session = group.openSession(token)) {
        boolean known = true;
        for (int i = 0; known && i < STEPS && !stopped; i++) {
          known = random.nextInt(4) == 0 ? write(group) : read(group);
        }
        return known && random.nextBoolean() ? session.token().toString() : "";
      }
    }

    /** Returns whether its outcome is known. */
    private boolean write(PoolGroup group) {
      int next = ++version;
      try (Connection connection = group.dataSource().getConnection()) {
        boolean transaction = random.nextBoolean();
        connection.setAutoCommit(!transaction);
        Servers.run(connection, "UPDATE checked SET version = " + next + " WHERE id = " + id);
        if (transaction) {
          connection.commit();
        }
        written = next;
        seen = next;
        writes.incrementAndGet();
        story.add("wrote " + next + " on " + connection);
        return true;
      } catch (SQLException failure) {
        failedWrites.incrementAndGet();
        return false;
      }
    }

    private boolean read(PoolGroup group) {
      try (Connection connection = group.reader().getConnection();
          PreparedStatement statement =
              connection.prepareStatement(
                  "SELECT version, pg_is_in_recovery() FROM checked WHERE id = ?")) {
        statement.setInt(1, id);
        try (ResultSet rows = statement.executeQuery()) {
          rows.next();
          check(rows.getInt(1), connection);
          (rows.getBoolean(2) ? replicaReads : primaryReads).incrementAndGet();
        }
      } catch (SQLException failure) {
        story.add("failed: " + failure.getMessage());
        failedReads.incrementAndGet();
      }
      return true;
    }

    private void check(int found, @Nullable Connection where) {
      story.add("read " + found + " on " + where);
      if (found < seen) {
        violations.add(
            (found < written ? "own write missed" : "earlier read unseen") + ": " + story);
      }
      seen = Math.max(seen, found);
    }
  }
}

package dev.perfkit.cache;

import static org.awaitility.Awaitility.await;

import dev.perfkit.testkit.jvm.Jvm;
import dev.perfkit.testkit.jvm.JvmFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;

/**
 * Three processes of one cache that work at random on one source, while something goes wrong again
 * and again. Afterwards every tier must agree with the source.
 */
final class Processes implements AutoCloseable {

  static final int COUNT = 3;

  private final JvmFixture jvms = JvmFixture.create();
  private final Path folder;
  private final String kind;
  private final IntFunction<List<String>> uris;
  private final Duration room;
  private final Board board;
  private final Path violations;
  private final List<Jvm> nodes = new ArrayList<>();
  private final int[] lives = new int[Board.NODES];
  private final Thread replaying = new Thread(this::replay, "replay");
  private volatile boolean replayPaused;
  private volatile boolean closed;
  private long worst;
  private long loads;

  /**
   * @param kind what {@link CheckedNode} takes; {@code naive} and {@code untold} have to be caught
   * @param uris where each node finds Redis
   * @param room beyond the staleness bound; if there is any, nodes need not see their own writes at
   *     once either
   */
  Processes(Path folder, String kind, IntFunction<List<String>> uris, Duration room) {
    this.folder = folder;
    this.kind = kind;
    this.uris = uris;
    this.room = room;
    this.board = new Board(folder.resolve("board"));
    this.violations = folder.resolve("violations");
    for (int key = 0; key < Board.KEYS; key++) {
      board.source(key, 1);
    }
    for (int node = 0; node < COUNT; node++) {
      nodes.add(start(node));
    }
    replaying.setDaemon(true);
    replaying.start();
  }

  /** The copy of the source follows it, but for pauses. */
  private void replay() {
    while (!closed) {
      if (!replayPaused) {
        board.replay();
      }
      pause(Duration.ofMillis(1));
    }
  }

  void pauseReplay(boolean paused) {
    replayPaused = paused;
  }

  private Jvm start(int node) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                folder.resolve("board").toString(),
                violations.toString(),
                Integer.toString(node),
                Integer.toString(lives[node]),
                Long.toString(room.toMillis()),
                Boolean.toString(room.isZero()),
                kind));
    arguments.addAll(uris.apply(node));
    return jvms.start(CheckedNode.class, arguments.toArray(String[]::new));
  }

  Jvm node(int node) {
    return nodes.get(node);
  }

  /** Kills a process with whatever it does, and starts another in its place. */
  void killAndStart(int node) {
    nodes.get(node).kill();
    board.unlockAll(CheckedNode.owner(node, lives[node]));
    lives[node]++;
    Jvm next = start(node);
    nodes.set(node, next);
    String unused = next.ask("work");
  }

  /** Something that goes wrong, and is over when it returns. */
  interface Fault {
    void strike() throws Exception;
  }

  /** What came of it. */
  record Result(long operations, long loads, Duration worstStaleness, List<String> violations) {}

  /** Works until so many operations were done and the fault has struck so often. */
  Result run(long atLeast, int leastStrikes, Fault fault) throws Exception {
    long before = board.operations();
    nodes.forEach(node -> node.ask("work"));
    for (int strikes = 0;
        strikes < leastStrikes || board.operations() - before < atLeast;
        strikes++) {
      fault.strike();
      pause(Duration.ofMillis(50 + ThreadLocalRandom.current().nextInt(150)));
    }
    nodes.forEach(node -> node.ask("rest"));
    long done = board.operations() - before;
    checkAfterwards();
    worst = 0;
    loads = 0;
    nodes.forEach(this::takeReport);
    return new Result(done, loads, Duration.ofNanos(worst), violations());
  }

  private void takeReport(Jvm node) {
    String[] report = node.ask("report").split(" ", -1);
    loads += Long.parseLong(report[0]);
    worst = Math.max(worst, Long.parseLong(report[1]));
  }

  /** Healed, and a bound later, every tier is empty or agrees with the source. */
  private void checkAfterwards() throws IOException {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> nodes.stream().allMatch(node -> node.ask("up").equals("true")));
    pause(Subject.TRUST.plus(room));
    List<String> where = uris.apply(Board.NODES - 1);
    Subject.Truth nobody = new Nobody();
    try (Subject empty =
        kind.equals("naive")
            ? new NaiveSubject(where.get(0), nobody)
            : Subject.tiered(where, Duration.ofSeconds(5), nobody)) {
      for (int key = 0; key < Board.KEYS; key++) {
        for (Jvm node : nodes) {
          check(key, node.ask("memory " + key), "the memory of node " + nodes.indexOf(node));
        }
        int one = key;
        await().atMost(Duration.ofSeconds(20)).until(() -> empty.answers(one));
        check(key, String.valueOf(empty.peek(key)), "Redis"); // as it has nothing in memory
      }
    }
  }

  /** Who only looks needs no source. */
  private static final class Nobody implements Subject.Truth {

    @Override
    public long load(int key, List<String> freshness) {
      throw new IllegalStateException("nobody loads here");
    }

    @Override
    public void store(int key, long version) {
      throw new IllegalStateException("nobody writes here");
    }
  }

  /** A write whose writer was killed in its midst may be seen or not, but none before it. */
  private void check(int key, String got, String where) throws IOException {
    if (got.equals("null")) {
      return;
    }
    long version = Long.parseLong(got);
    if (version < board.newestDelivered(key) || version > board.source(key)) {
      Files.writeString(
          violations,
          "afterwards " + where + " has " + got + " of key " + key + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    }
  }

  private List<String> violations() throws IOException {
    if (!Files.exists(violations)) {
      return List.of();
    }
    List<String> lines = Files.readAllLines(violations);
    Files.delete(violations);
    return lines;
  }

  static void pause(Duration time) {
    LockSupport.parkNanos(time.toNanos());
  }

  @Override
  public void close() {
    closed = true;
    jvms.close();
  }
}

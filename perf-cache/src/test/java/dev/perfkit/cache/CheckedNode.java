package dev.perfkit.cache;

import dev.perfkit.testkit.jvm.JvmProgram;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One process of the checker: reads and writes at random, and checks every read against the board.
 *
 * <p>Arguments: the board's file, the file of violations, number and life of the node, milliseconds
 * beyond the staleness bound that are allowed, whether its own writes must be seen at once, what it
 * is, addresses of Redis.
 *
 * <p>It is {@code naive} or {@code tiered}; or {@code copies}, which is tiered and loads from a
 * copy of the source that lags, unless a token says that this will not do; or {@code untold}, which
 * ignores tokens.
 */
@SuppressWarnings("NullAway.Init") // start() comes before all else
final class CheckedNode implements JvmProgram, Subject.Truth {

  private static final int THREADS = 2;

  /** The waits for another thread and another node, timeouts, a freeze, and room. */
  private static final long LONGEST = Duration.ofSeconds(10).toNanos();

  private final AtomicLongArray own = new AtomicLongArray(Board.KEYS);
  private final List<Set<Long>> loading = new ArrayList<>();
  private final Queue<Waiting> undelivered = new ConcurrentLinkedQueue<>();
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicLong loads = new AtomicLong();
  private final AtomicLong worst = new AtomicLong();
  private Board board;
  private Path violations;
  private Subject subject;
  private int number;
  private long owner;
  private long bound;
  private boolean ownAtOnce;
  private boolean copies;
  private boolean told;
  private volatile boolean resting;

  /** A write that Redis may not have yet. */
  private record Waiting(int key, int slot, long version) {}

  @Override
  public void start(List<String> arguments) {
    for (int key = 0; key < Board.KEYS; key++) {
      loading.add(ConcurrentHashMap.newKeySet());
    }
    board = new Board(Path.of(arguments.get(0)));
    violations = Path.of(arguments.get(1));
    number = Integer.parseInt(arguments.get(2));
    owner = owner(number, Integer.parseInt(arguments.get(3)));
    bound = Subject.TRUST.plusMillis(Long.parseLong(arguments.get(4))).toNanos();
    ownAtOnce = Boolean.parseBoolean(arguments.get(5));
    List<String> uris = arguments.subList(7, arguments.size());
    String kind = arguments.get(6);
    told = kind.equals("copies");
    copies = told || kind.equals("untold");
    Duration timeout = copies ? Duration.ofSeconds(2) : Duration.ofMillis(100);
    subject =
        kind.equals("naive")
            ? new NaiveSubject(uris.get(0), this)
            : Subject.tiered(uris, timeout, this);
  }

  static long owner(int number, int life) {
    return 1 + number + 100L * life;
  }

  @Override
  public String answer(String command) throws Exception {
    String[] words = command.split(" ", -1);
    return switch (words[0]) {
      case "work" -> work();
      case "rest" -> rest();
      case "up" -> Boolean.toString(subject.isUp() && subject.isSettled() && settle());
      case "memory" -> String.valueOf(subject.memory(Integer.parseInt(words[1])));
      case "report" -> loads.getAndSet(0) + " " + worst.getAndSet(0);
      default -> throw new IllegalArgumentException(command);
    };
  }

  private String work() {
    resting = false;
    for (int i = 0; i < THREADS; i++) {
      Thread thread = new Thread(this::operate, "node-" + number + "-" + i);
      threads.add(thread);
      thread.start();
    }
    return "";
  }

  private String rest() throws InterruptedException {
    resting = true;
    for (Thread thread : threads) {
      thread.join();
    }
    threads.clear();
    return "";
  }

  private void operate() {
    while (!resting) {
      int key = random(Board.KEYS);
      long start = System.nanoTime();
      try {
        if (random(4) > 0 || !board.tryLock(key, owner)) {
          read(key);
        } else {
          write(key);
        }
      } catch (RuntimeException failed) {
        report("failed: " + failed);
      }
      if (System.nanoTime() - start > LONGEST) {
        report("took " + (System.nanoTime() - start) / 1_000_000 + " ms");
      }
      settle();
      board.count(number);
    }
  }

  /** A read may join a load that began before it. */
  private void read(int key) {
    long start = loading.get(key).stream().mapToLong(since -> since).min().orElse(Long.MAX_VALUE);
    start = Math.min(start, System.nanoTime());
    long mine = ownAtOnce ? own.get(key) : 0;
    long least = Math.max(mine, board.newestAt(key, start - bound));
    Long got = random(5) == 0 ? subject.peek(key) : subject.get(key);
    if (got == null) {
      return;
    }
    long stale = board.staleNanos(key, got, start);
    worst.accumulateAndGet(stale, Math::max);
    if (got < least) {
      report("read " + got + " of key " + key + " instead of " + least + ", " + stale + " ns old");
    }
  }

  private void write(int key) {
    try {
      long version = board.source(key) + 1;
      int how = random(20);
      if (copies) {
        board.source(key, version);
        String freshness = Long.toString(board.log(key, version));
        remove(key, how, freshness);
      } else if (how < 8) {
        subject.put(key, version);
      } else {
        board.source(key, version);
        remove(key, how, null);
      }
      own.accumulateAndGet(key, version, Math::max);
      undelivered.add(new Waiting(key, board.acknowledged(key, version), version));
    } finally {
      board.unlock(key, owner);
    }
  }

  private void remove(int key, int how, @Nullable String freshness) {
    if (how < 15) {
      subject.remove(key, freshness);
    } else if (how < 19 || copies) {
      subject.removeTagOf(key, freshness);
    } else {
      subject.clear();
    }
  }

  /** Who has nothing waiting for Redis now has delivered all that it wrote before. */
  private boolean settle() {
    List<Waiting> before = new ArrayList<>(undelivered);
    if (before.isEmpty() || !subject.isSettled()) {
      return before.isEmpty();
    }
    long now = System.nanoTime();
    for (Waiting each : before) {
      board.delivered(each.key(), each.slot(), each.version(), now);
      undelivered.remove(each);
    }
    return true;
  }

  @Override
  public long load(int key, List<String> freshness) {
    loads.incrementAndGet();
    long least = freshness.stream().mapToLong(Long::parseLong).max().orElse(0);
    long start = System.nanoTime();
    loading.get(key).add(start);
    try {
      dawdle();
      boolean fromTheCopy = copies && (!told || least <= board.replayed());
      long version = fromTheCopy ? board.copy(key) : board.source(key);
      dawdle();
      return version;
    } finally {
      loading.get(key).remove(start);
    }
  }

  @Override
  public void store(int key, long version) {
    dawdle();
    board.source(key, version);
    dawdle();
  }

  private static void dawdle() {
    int micros = random(1500);
    if (micros > 500) {
      LockSupport.parkNanos(micros * 1000L);
    }
  }

  private static int random(int bound) {
    return ThreadLocalRandom.current().nextInt(bound);
  }

  private void report(String what) {
    try {
      String line = "node " + number + " " + what + "\n";
      Files.writeString(violations, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}

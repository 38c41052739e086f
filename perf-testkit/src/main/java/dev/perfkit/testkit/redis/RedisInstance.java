package dev.perfkit.testkit.redis;

import dev.perfkit.testkit.internal.FixtureFolder;
import dev.perfkit.testkit.internal.Ports;
import dev.perfkit.testkit.internal.ServerProcess;
import dev.perfkit.testkit.internal.Waiting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The process of a fixture, which comes and goes on one port. */
final class RedisInstance {

  private static final Duration STOP_WAIT = Duration.ofSeconds(10);

  private final ReentrantLock lock = new ReentrantLock();
  private final FixtureFolder folder;
  private final Path home;
  private final Path program;
  private final Duration startTimeout;
  private final List<String> options;
  private volatile int port;
  private volatile @Nullable ServerProcess process;
  private volatile boolean closed;

  /**
   * @param home the part of the fixture's folder that is its own
   * @param options further ones
   */
  RedisInstance(
      FixtureFolder folder, Path home, Path program, Duration startTimeout, List<String> options) {
    this.folder = folder;
    this.home = home;
    this.program = program;
    this.startTimeout = startTimeout;
    this.options = options;
  }

  int port() {
    return port;
  }

  long pid() {
    ServerProcess current = process;
    if (current == null) {
      throw new IllegalStateException("redis on port " + port + " was never started");
    }
    return current.pid();
  }

  boolean isRunning() {
    ServerProcess current = process;
    return current != null && current.isAlive();
  }

  void stop() {
    lock.lock();
    try {
      ServerProcess current = process;
      if (current != null && current.isAlive()) {
        thaw();
        current.terminate();
        if (!current.awaitEnd(STOP_WAIT)) {
          current.kill(home);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  void kill() {
    lock.lock();
    try {
      ServerProcess current = process;
      if (current != null && current.isAlive()) {
        current.kill(home);
      }
    } finally {
      lock.unlock();
    }
  }

  void freeze() {
    lock.lock();
    try {
      ServerProcess current = process;
      if (current == null) {
        throw new IllegalStateException("redis on port " + port + " was never started");
      }
      current.freeze(home);
    } finally {
      lock.unlock();
    }
  }

  void thaw() {
    lock.lock();
    try {
      ServerProcess current = process;
      if (current != null) {
        current.thaw(home);
      }
    } finally {
      lock.unlock();
    }
  }

  void restart() {
    lock.lock();
    try {
      if (closed) {
        throw new IllegalStateException(
            "redis on port " + port + " cannot restart: its fixture is closed");
      }
      stop();
      if (!launch(port)) {
        throw new IllegalStateException(
            "redis cannot restart: another process took port " + port + " while it was down");
      }
    } finally {
      lock.unlock();
    }
  }

  /** Kills it for good; a start under way gives up. */
  void close() {
    closed = true;
    kill();
  }

  void launchOnFreePort() {
    for (int attempt = 1; attempt <= Ports.ATTEMPTS; attempt++) {
      if (launch(Ports.free())) {
        return;
      }
    }
    throw new IllegalStateException(
        "redis found its port taken in " + Ports.ATTEMPTS + " attempts with different ports");
  }

  /** Returns false if another process has the port, or one that the server needs besides. */
  boolean launch(int onPort) {
    port = onPort;
    ServerProcess started = ServerProcess.start(folder, logName(), command(onPort));
    process = started;
    boolean decided =
        Waiting.until(
            startTimeout,
            () -> closed || !started.isAlive() || RedisProbe.answers(onPort, started.pid()));
    if (decided && started.isAlive() && !closed) {
      return true;
    }
    String report = started.report();
    started.kill(home);
    if (!closed && (!Ports.isFree(onPort) || report.contains("Address already in use"))) {
      return false;
    }
    throw new IllegalStateException(
        "redis on port "
            + onPort
            + " did not start (startTimeout is "
            + startTimeout
            + "): it "
            + report);
  }

  private String logName() {
    return folder.path().relativize(home.resolve("redis.log")).toString();
  }

  private List<String> command(int onPort) {
    List<String> command =
        new ArrayList<>(
            List.of(
                program.toString(),
                "--port",
                Integer.toString(onPort),
                "--bind",
                Ports.LOOPBACK,
                "--save",
                "",
                "--appendonly",
                "no",
                "--daemonize",
                "no",
                "--dir",
                home.toString()));
    command.addAll(options);
    return command;
  }
}

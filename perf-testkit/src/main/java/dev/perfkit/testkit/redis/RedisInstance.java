package dev.perfkit.testkit.redis;

import dev.perfkit.testkit.internal.FixtureFolder;
import dev.perfkit.testkit.internal.Ports;
import dev.perfkit.testkit.internal.ServerProcess;
import dev.perfkit.testkit.internal.Waiting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The process of a fixture, which comes and goes on one port. */
final class RedisInstance {

  private static final Duration STOP_WAIT = Duration.ofSeconds(10);

  private final ReentrantLock lock = new ReentrantLock();
  private final FixtureFolder folder;
  private final Path program;
  private final Duration startTimeout;
  private volatile int port;
  private volatile @Nullable ServerProcess process;
  private volatile boolean closed;

  RedisInstance(FixtureFolder folder, Path program, Duration startTimeout) {
    this.folder = folder;
    this.program = program;
    this.startTimeout = startTimeout;
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
          current.kill(folder.path());
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
        current.kill(folder.path());
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
      current.freeze(folder.path());
    } finally {
      lock.unlock();
    }
  }

  void thaw() {
    lock.lock();
    try {
      ServerProcess current = process;
      if (current != null) {
        current.thaw(folder.path());
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
      port = Ports.free();
      if (launch(port)) {
        return;
      }
    }
    throw new IllegalStateException(
        "redis found its port taken in " + Ports.ATTEMPTS + " attempts with different ports");
  }

  /** Returns false if another process has the port. */
  private boolean launch(int onPort) {
    ServerProcess started = ServerProcess.start(folder, "redis.log", command(onPort));
    process = started;
    boolean decided =
        Waiting.until(
            startTimeout,
            () -> closed || !started.isAlive() || RedisProbe.answers(onPort, started.pid()));
    if (decided && started.isAlive() && !closed) {
      return true;
    }
    String report = started.report();
    started.kill(folder.path());
    if (!closed && !Ports.isFree(onPort)) {
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

  private List<String> command(int onPort) {
    return List.of(
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
        folder.path().toString());
  }
}

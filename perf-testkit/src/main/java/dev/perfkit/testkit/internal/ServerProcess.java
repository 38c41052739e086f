package dev.perfkit.testkit.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One run of a program in a fixture's folder: a server, or a tool that is waited for. Its output
 * goes to a log file, so no thread is needed to read it. Its environment is empty but for the path,
 * a home in the fixture's folder, and the C locale.
 */
public final class ServerProcess {

  private static final int TAIL_LINES = 20;

  private final FixtureFolder folder;
  private final Process process;
  private final Path log;

  private ServerProcess(FixtureFolder folder, Process process, Path log) {
    this.folder = folder;
    this.process = process;
    this.log = log;
  }

  /**
   * Starts a program.
   *
   * @param folder the fixture it belongs to
   * @param logName the name of its log file, which is started anew
   * @param command the program and its arguments
   */
  public static ServerProcess start(FixtureFolder folder, String logName, List<String> command) {
    Path log = folder.path().resolve(logName);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.path().toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    environment(builder.environment(), folder.path());
    try {
      return new ServerProcess(folder, recorded(builder.start(), folder), log);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** A process that cannot be recorded could outlive its fixture. */
  private static Process recorded(Process process, FixtureFolder folder) {
    try {
      folder.record(process.toHandle());
      return process;
    } catch (RuntimeException failed) {
      process.destroyForcibly();
      throw failed;
    }
  }

  private static void environment(Map<String, String> environment, Path home) {
    String path = environment.getOrDefault("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
    environment.clear();
    environment.put("PATH", path);
    environment.put("HOME", home.toString());
    environment.put("LC_ALL", "C");
    environment.put("TZ", "UTC");
  }

  /** Returns the process id. */
  public long pid() {
    return process.pid();
  }

  /** Returns whether it runs. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** Waits until it ends; false if it still runs after that time. */
  public boolean awaitEnd(Duration atMost) {
    return Waiting.until(atMost, () -> !process.isAlive());
  }

  /** Returns how it ended. */
  public int exitCode() {
    return process.exitValue();
  }

  /** Asks it to end, as SIGTERM does. */
  public void terminate() {
    process.destroy();
  }

  /**
   * Ends it with SIGKILL, and with it all of its children and what runs the fixture's program in
   * the given part of the folder. Returns when all are gone.
   */
  public void kill(Path part) {
    folder.killProcesses(part, process.toHandle());
    try {
      process.destroyForcibly().waitFor(1, TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Stops it with SIGSTOP where it is, and with it all of its children and what runs the fixture's
   * program in the given part of the folder. Returns when all are stopped.
   *
   * @throws IllegalStateException if it has ended, or they do not stop
   */
  public void freeze(Path part) {
    if (!isAlive()) {
      throw new IllegalStateException("cannot freeze a process that does not run: it " + report());
    }
    folder.freezeProcesses(part, process.toHandle());
  }

  /** Ends a {@link #freeze}; does nothing if there was none. */
  public void thaw(Path part) {
    if (isAlive()) {
      folder.thawProcesses(part, process.toHandle());
    }
  }

  /** Returns how it ended, if it has, and the last lines it wrote. */
  public String report() {
    String state = isAlive() ? "is running" : "ended with exit code " + exitCode();
    String tail = tail();
    return tail.isEmpty() ? state + " and wrote nothing" : state + "; it wrote last:\n" + tail;
  }

  private String tail() {
    try {
      List<String> lines =
          new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines().toList();
      return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
    } catch (IOException unreadable) {
      return "(" + log + " cannot be read)";
    }
  }
}

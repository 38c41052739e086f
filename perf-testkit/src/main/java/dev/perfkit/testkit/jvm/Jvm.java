package dev.perfkit.testkit.jvm;

import dev.perfkit.spi.Beta;
import dev.perfkit.testkit.internal.FixtureFolder;
import dev.perfkit.testkit.internal.Ports;
import dev.perfkit.testkit.internal.ServerProcess;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A JVM of a {@link JvmFixture}, with its program. Safe for use by several threads, which ask one
 * after the other. {@link System#nanoTime} of all JVMs of a Linux host is one clock.
 */
@Beta
public final class Jvm {

  /** How long an answer may take unless said otherwise: 30 s. */
  public static final Duration DEFAULT_ANSWER_TIMEOUT = Duration.ofSeconds(30);

  private static final String LOG = "jvm.log";

  private final FixtureFolder folder;
  private final List<String> command;
  private final List<String> arguments;
  private final Duration startTimeout;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile @Nullable ServerProcess process;
  private volatile @Nullable Conversation conversation;

  Jvm(FixtureFolder folder, List<String> command, List<String> arguments, Duration startTimeout) {
    this.folder = folder;
    this.command = command;
    this.arguments = arguments;
    this.startTimeout = startTimeout;
  }

  /** Returns the process id; of the last process when none runs. */
  public long pid() {
    return running().pid();
  }

  /** Returns whether the process is alive; it is while it is frozen. */
  public boolean isRunning() {
    return running().isAlive();
  }

  /**
   * Asks the program, and waits for its answer for 30 s.
   *
   * @throws IllegalStateException if it failed or did not answer; the message says why
   */
  public String ask(String question) {
    return ask(question, DEFAULT_ANSWER_TIMEOUT);
  }

  /**
   * Asks the program, and waits for its answer for so long. A late answer is thrown away.
   *
   * @throws IllegalStateException if it failed or did not answer; the message says why
   */
  public String ask(String question, Duration atMost) {
    lock.lock();
    try {
      Conversation open = conversation;
      if (open == null) {
        throw new IllegalStateException("JVM " + pid() + " was killed");
      }
      return textOf(open.ask(question, atMost), question);
    } catch (IOException noAnswer) {
      throw new IllegalStateException(
          "JVM " + pid() + " did not answer '" + question + "': it " + running().report(),
          noAnswer);
    } finally {
      lock.unlock();
    }
  }

  private String textOf(Conversation.Answer answer, String question) {
    if (answer.failed()) {
      throw new IllegalStateException(
          "'" + question + "' failed in JVM " + pid() + ": " + answer.text());
    }
    return answer.text();
  }

  /** Ends the process with SIGKILL; does nothing if it does not run. */
  public void kill() {
    ServerProcess current = running();
    if (current.isAlive()) {
      current.kill(folder.path());
    }
    hangUp();
  }

  /**
   * Stops the process with SIGSTOP where it is, with all its threads. Ended by {@link #thaw}; a
   * frozen one can be killed.
   *
   * @throws IllegalStateException if it does not run
   */
  public void freeze() {
    running().freeze(folder.path());
  }

  /** Lets a frozen process go on; does nothing if it is not frozen. */
  public void thaw() {
    running().thaw(folder.path());
  }

  /**
   * Starts the program anew, in another process; kills the present one first.
   *
   * @throws IllegalStateException if it does not start
   */
  public void restart() {
    lock.lock();
    try {
      kill();
      start();
    } finally {
      lock.unlock();
    }
  }

  /** Returns what the last process wrote last, and how it ended if it has. */
  public String report() {
    return running().report();
  }

  void start() {
    String word = UUID.randomUUID().toString();
    try (ServerSocket door = new ServerSocket()) {
      door.bind(new InetSocketAddress(Ports.loopback(), 0));
      ServerProcess started = ServerProcess.start(folder, LOG, line(door.getLocalPort(), word));
      process = started;
      Conversation opened = Conversation.accept(door, word, startTimeout, started::isAlive);
      conversation = opened;
      String unused = textOf(opened.await(0, startTimeout), "start");
    } catch (IOException failed) {
      ServerProcess started = process;
      throw new IllegalStateException(
          "the JVM did not start (startTimeout is "
              + startTimeout
              + ")"
              + (started == null ? "" : ": it " + started.report()),
          failed);
    }
  }

  private List<String> line(int port, String word) {
    List<String> line = new ArrayList<>(command);
    line.add("-D" + JvmMain.CONNECTION + "=" + port + " " + word);
    line.add(JvmMain.class.getName());
    line.addAll(arguments);
    return line;
  }

  void close() {
    if (process != null) {
      kill();
    }
    folder.close();
  }

  private void hangUp() {
    Conversation open = conversation;
    conversation = null;
    if (open != null) {
      open.close();
    }
  }

  private ServerProcess running() {
    ServerProcess current = process;
    if (current == null) {
      throw new IllegalStateException("the JVM was never started");
    }
    return current;
  }
}

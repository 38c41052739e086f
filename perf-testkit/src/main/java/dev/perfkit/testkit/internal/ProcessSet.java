package dev.perfkit.testkit.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * All processes of a server: those that were recorded, their descendants, and on Linux every
 * process that runs the server's program inside its folder. The last kind finds the children of a
 * parent that is gone, and a process that was started but not yet recorded.
 */
final class ProcessSet {

  private static final Path PROC = Path.of("/proc");

  private final Path folder;
  private final Path program;
  private final Set<ProcessIdentity> known = new LinkedHashSet<>();

  ProcessSet(Path folder, Path program, Collection<ProcessIdentity> recorded) {
    this.folder = realPath(folder);
    this.program = realPath(program);
    known.addAll(recorded);
  }

  /**
   * Sends SIGKILL to all of them until none is left.
   *
   * @return whether all are gone in time
   */
  boolean kill(Duration atMost) {
    return Waiting.until(
        atMost,
        () -> {
          Set<ProcessHandle> alive = alive();
          alive.forEach(ProcessHandle::destroyForcibly);
          return alive.isEmpty();
        });
  }

  /**
   * Sends SIGSTOP to all of them until each is stopped; a stopped one starts no other.
   *
   * @return whether all are stopped in time
   */
  boolean freeze(Duration atMost) {
    return Waiting.until(
        atMost,
        () -> {
          Set<ProcessHandle> moving = alive();
          moving.removeIf(Signals::isStopped);
          Signals.send("STOP", moving);
          return moving.isEmpty();
        });
  }

  /** Sends SIGCONT to all of them. */
  void thaw() {
    Signals.send("CONT", alive());
  }

  /** Returns those that run now. */
  Set<ProcessHandle> alive() {
    Set<ProcessHandle> found = new LinkedHashSet<>();
    for (ProcessIdentity identity : Set.copyOf(known)) {
      identity.live().ifPresent(process -> addWithDescendants(process, found));
    }
    ProcessHandle.allProcesses().filter(this::runsInFolder).forEach(found::add);
    found.forEach(process -> known.add(ProcessIdentity.of(process)));
    found.removeIf(ProcessSet::isGone);
    return found;
  }

  private static void addWithDescendants(ProcessHandle process, Set<ProcessHandle> to) {
    to.add(process);
    process.descendants().forEach(to::add);
  }

  private boolean runsInFolder(ProcessHandle process) {
    Path entry = PROC.resolve(Long.toString(process.pid()));
    return target(entry.resolve("cwd")).filter(cwd -> cwd.startsWith(folder)).isPresent()
        && target(entry.resolve("exe")).filter(program::equals).isPresent();
  }

  /** An ended process that its parent has not collected yet looks alive, but holds nothing. */
  static boolean isGone(ProcessHandle process) {
    if (!process.isAlive()) {
      return true;
    }
    try {
      String stat = Files.readString(PROC.resolve(process.pid() + "/stat"));
      return stat.startsWith(" Z ", stat.lastIndexOf(')') + 1);
    } catch (IOException noProcFileSystem) {
      return !process.isAlive();
    }
  }

  private static Optional<Path> target(Path link) {
    try {
      return Optional.of(Files.readSymbolicLink(link));
    } catch (IOException | UnsupportedOperationException notOurs) {
      return Optional.empty();
    }
  }

  private static Path realPath(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException missing) {
      return path.toAbsolutePath();
    }
  }
}

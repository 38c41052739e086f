package dev.perfkit.testkit.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of one running fixture, with the record of the processes that belong to it. Closing it
 * ends those that still run and deletes it; a shutdown hook does so when the JVM exits first,
 * unless it was removed, and the next fixture when the JVM was killed.
 */
public final class FixtureFolder implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(FixtureFolder.class);
  private static final Duration KILL_WAIT = Duration.ofSeconds(10);
  private static final String LOCK = "lock";

  private final Path path;
  private final FolderLock lock;
  private final OwnershipRecord record;
  private final ReentrantLock closing = new ReentrantLock();
  private final Thread shutdownHook;
  private boolean closed;

  private FixtureFolder(Path path, FolderLock lock, OwnershipRecord record) {
    this.path = path;
    this.lock = lock;
    this.record = record;
    this.shutdownHook = new Thread(this::close, "perf-testkit-" + path.getFileName() + "-exit");
  }

  static FixtureFolder create(Path parent, String kind, Path program) throws IOException {
    Path path = Folders.create(Files.createTempDirectory(parent, kind + "-"));
    FolderLock lock = FolderLock.tryAcquire(path.resolve(LOCK)).orElseThrow();
    FixtureFolder folder = new FixtureFolder(path, lock, OwnershipRecord.create(path, program));
    Runtime.getRuntime().addShutdownHook(folder.shutdownHook);
    return folder;
  }

  /** Returns where it is. */
  public Path path() {
    return path;
  }

  /** Notes that a process belongs to this fixture. */
  public void record(ProcessHandle process) {
    try {
      record.add(ProcessIdentity.of(process));
    } catch (IOException failed) {
      throw new UncheckedIOException("cannot record process " + process.pid(), failed);
    }
  }

  /** Ends all processes of this fixture that run the program in the given part of the folder. */
  void killProcesses(Path part, ProcessHandle process) {
    killOrWarn(processes(part, process), part);
  }

  /** Stops all processes of this fixture that run the program in the given part of the folder. */
  void freezeProcesses(Path part, ProcessHandle process) {
    ProcessSet processes = processes(part, process);
    if (!processes.freeze(KILL_WAIT)) {
      processes.thaw();
      throw new IllegalStateException(
          "processes " + processes.alive() + " did not stop within " + KILL_WAIT);
    }
  }

  /** Lets stopped processes go on. */
  void thawProcesses(Path part, ProcessHandle process) {
    processes(part, process).thaw();
  }

  private ProcessSet processes(Path part, ProcessHandle process) {
    return new ProcessSet(part, record.program(), List.of(ProcessIdentity.of(process)));
  }

  /** Ends what still runs and deletes the folder; bounded in time, and done once. */
  @Override
  public void close() {
    closing.lock();
    try {
      if (!closed) {
        closed = true;
        removeShutdownHook();
        clean(path, record, lock);
      }
    } finally {
      closing.unlock();
    }
  }

  /** Leaves the closing to the caller also when the JVM exits. */
  public void removeShutdownHook() {
    try {
      Runtime.getRuntime().removeShutdownHook(shutdownHook);
    } catch (IllegalStateException exiting) {
      LOG.debug("closing {} while the JVM exits", path);
    }
  }

  /** Cleans up a folder whose JVM is dead; does nothing if it lives. */
  static void reapIfAbandoned(Path path) {
    try {
      @Nullable OwnershipRecord record = OwnershipRecord.read(path).orElse(null);
      if (record != null && record.ownedByThisJvm()) {
        return;
      }
      if (!Files.exists(path.resolve(LOCK))) {
        Files.deleteIfExists(path);
        return;
      }
      Optional<FolderLock> lock = FolderLock.tryAcquire(path.resolve(LOCK));
      if (lock.isPresent()) {
        LOG.info("cleaning up {}, left behind by a JVM that died", path);
        clean(path, record, lock.get());
      }
    } catch (IOException failed) {
      LOG.warn("cannot clean up {}, left behind by a JVM that died", path, failed);
    }
  }

  private static void clean(Path path, @Nullable OwnershipRecord record, FolderLock lock) {
    try (lock) {
      if (record != null) {
        killOrWarn(new ProcessSet(path, record.program(), record.servers()), path);
        SharedMemory.release(path, record.servers());
      }
      deleteLockLast(path);
    } catch (IOException failed) {
      LOG.warn("cannot delete fixture folder {}", path, failed);
    }
  }

  /** As long as there is anything in the folder, its lock tells whether somebody cares for it. */
  private static void deleteLockLast(Path path) throws IOException {
    for (Path entry : Folders.list(path)) {
      if (!entry.endsWith(LOCK)) {
        Folders.delete(entry);
      }
    }
    Files.deleteIfExists(path.resolve(LOCK));
    Files.deleteIfExists(path);
  }

  private static void killOrWarn(ProcessSet processes, Path of) {
    if (!processes.kill(KILL_WAIT)) {
      LOG.warn("processes {} of {} survive SIGKILL", processes.alive(), of);
    }
  }
}

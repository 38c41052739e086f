package dev.perfkit.testkit.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The folder {@code perfkit-<user id>} under {@code java.io.tmpdir} that all fixtures of a user
 * share: unpacked binaries stay in {@code binaries}, each running fixture has a folder of its own
 * in {@code fixtures}.
 *
 * <p>One process at a time makes, reaps or unpacks here, under the lock of the folder. A fixture's
 * folder has a lock of its own, which its JVM holds as long as it lives; a folder whose lock is
 * free was left behind by a JVM that died.
 */
public final class FixtureHome {

  private static final Duration LOCK_WAIT = Duration.ofMinutes(2);

  /** Locks of files belong to the process, so threads of this JVM need one of their own. */
  private static final ReentrantLock WITHIN_JVM = new ReentrantLock();

  private final Path folder;

  private FixtureHome(Path folder) {
    this.folder = folder;
  }

  /**
   * Opens the home of this user, and creates it if it is missing.
   *
   * @throws IllegalStateException if this system is not supported, or the folder is not safe to use
   */
  public static FixtureHome open() {
    Platform.requireSupported();
    Path parent = Path.of(System.getProperty("java.io.tmpdir", "/tmp")).toAbsolutePath();
    try {
      return at(parent.resolve("perfkit-" + ownUserId(parent)));
    } catch (IOException failed) {
      throw new UncheckedIOException("java.io.tmpdir " + parent + " is not usable", failed);
    }
  }

  static FixtureHome at(Path folder) throws IOException {
    try {
      Files.createDirectory(folder);
    } catch (FileAlreadyExistsException fine) {
      // By an earlier run, or by another process right now; whose it is gets checked next.
    }
    requireSafe(folder);
    Folders.create(folder);
    Folders.create(folder.resolve("fixtures"));
    Folders.create(folder.resolve("binaries"));
    return new FixtureHome(folder);
  }

  /**
   * Ends and deletes what dead JVMs left behind, then makes the folder of a new fixture.
   *
   * @param kind the start of its name, such as {@code redis}
   * @param program the executable that the fixture will run
   */
  public FixtureFolder create(String kind, Path program) {
    return locked(
        () -> {
          reap();
          return FixtureFolder.create(folder.resolve("fixtures"), kind, program);
        });
  }

  /** Returns the folder of an unpacked artifact, unpacking it if no earlier run has. */
  public Path unpacked(PackedBinary binary) {
    return locked(() -> binary.unpackInto(folder.resolve("binaries")));
  }

  List<Path> fixtures() throws IOException {
    return Folders.list(folder.resolve("fixtures"));
  }

  private void reap() throws IOException {
    for (Path fixture : new ArrayList<>(fixtures())) {
      FixtureFolder.reapIfAbandoned(fixture);
    }
  }

  private <T> T locked(Callable<T> action) {
    WITHIN_JVM.lock();
    try {
      return holdingLockFile(action);
    } catch (RuntimeException failed) {
      throw failed;
    } catch (Exception failed) {
      throw new IllegalStateException("fixture folder " + folder + " is not usable", failed);
    } finally {
      WITHIN_JVM.unlock();
    }
  }

  private <T> T holdingLockFile(Callable<T> action) throws Exception {
    FolderLock lock = acquire();
    try {
      return action.call();
    } finally {
      lock.close();
    }
  }

  private FolderLock acquire() throws IOException {
    List<FolderLock> acquired = new ArrayList<>(1);
    List<IOException> failures = new ArrayList<>(1);
    Path file = folder.resolve("lock");
    boolean done = Waiting.until(LOCK_WAIT, () -> tryAcquire(file, acquired, failures));
    if (!failures.isEmpty()) {
      throw failures.get(0);
    }
    if (!done) {
      throw new IOException(
          file + " was held by another process for " + LOCK_WAIT.toSeconds() + " s; end it");
    }
    return acquired.get(0);
  }

  private static boolean tryAcquire(
      Path file, List<FolderLock> acquired, List<IOException> failures) {
    try {
      Optional<FolderLock> lock = FolderLock.tryAcquire(file);
      lock.ifPresent(acquired::add);
      return lock.isPresent();
    } catch (IOException failed) {
      failures.add(failed);
      return true;
    }
  }

  /** Programs in this folder are run, so nobody else may be able to put one there. */
  private static void requireSafe(Path folder) throws IOException {
    Set<PosixFilePermission> permissions =
        Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS);
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
        || permissions.contains(PosixFilePermission.GROUP_WRITE)
        || permissions.contains(PosixFilePermission.OTHERS_WRITE)
        || Folders.userId(folder) != ownUserId(folder.resolveSibling(""))) {
      throw new IllegalStateException(
          "fixture folder "
              + folder
              + " must be a folder, belong to this user and be writable by nobody else; delete it,"
              + " or choose another folder with -Djava.io.tmpdir");
    }
  }

  private static int ownUserId(Path parent) throws IOException {
    Path probe = Files.createTempFile(parent, "perfkit", ".probe");
    try {
      return Folders.userId(probe);
    } finally {
      Files.delete(probe);
    }
  }
}

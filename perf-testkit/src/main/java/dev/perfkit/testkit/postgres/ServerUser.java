package dev.perfkit.testkit.postgres;

import dev.perfkit.testkit.internal.FixtureFolder;
import dev.perfkit.testkit.internal.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The user that PostgreSQL runs as. It refuses to run as root, so a root JVM starts it through a
 * tool of the system that gives up root's rights: {@code setpriv} or {@code runuser}, which change
 * to an unprivileged user who then owns the data, or {@code unshare}, which keeps the user but
 * hides its rights. Which of them works depends on the container, so each is tried.
 */
final class ServerUser {

  /** The number of {@code nobody} wherever it matters; the name of its group differs. */
  private static final int NOBODY = 65_534;

  private static final Duration CHECK_WAIT = Duration.ofSeconds(20);

  private static final List<ServerUser> WAYS_DOWN_FROM_ROOT =
      List.of(
          new ServerUser(
              true, "setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups", "--"),
          new ServerUser(true, "runuser", "-u", "nobody", "--"),
          new ServerUser(false, "unshare", "--user", "--"));

  private final boolean ownsData;
  private final List<String> prefix;

  private ServerUser(boolean ownsData, String... prefix) {
    this.ownsData = ownsData;
    this.prefix = List.of(prefix);
  }

  /**
   * Finds out how to run the given programs.
   *
   * @throws IllegalStateException if they do not run here, with what was tried
   */
  static ServerUser choose(FixtureFolder folder, PostgresBinaries binaries) {
    List<String> failures = new ArrayList<>();
    for (ServerUser user : candidates(folder.path())) {
      String failure = user.check(folder, binaries);
      if (failure.isEmpty()) {
        return user;
      }
      failures.add(failure);
    }
    throw new IllegalStateException(
        "PostgreSQL does not run here; if java.io.tmpdir is not open to all users or forbids"
            + " programs (noexec), choose another folder with -Djava.io.tmpdir; if this is root in"
            + " a container without the tools below, run as an ordinary user. Tried:\n- "
            + String.join("\n- ", failures));
  }

  private static List<ServerUser> candidates(Path ownFile) {
    return isRoot(ownFile) ? WAYS_DOWN_FROM_ROOT : List.of(new ServerUser(false));
  }

  private static boolean isRoot(Path ownFile) {
    try {
      return Files.getAttribute(ownFile, "unix:uid", LinkOption.NOFOLLOW_LINKS).equals(0);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** Returns what is wrong, or an empty text. */
  private String check(FixtureFolder folder, PostgresBinaries binaries) {
    List<String> command =
        command("sh", "-c", "test $(id -u) != 0 && exec \"$0\" -V", binaries.postgres().toString());
    try {
      ServerProcess check = ServerProcess.start(folder, "version.log", command);
      boolean works = check.awaitEnd(CHECK_WAIT) && check.exitCode() == 0;
      return works ? "" : String.join(" ", command) + " " + check.report();
    } catch (UncheckedIOException failed) {
      return failed.toString();
    }
  }

  /** Returns a command line that runs a command as this user. */
  List<String> command(String... command) {
    List<String> line = new ArrayList<>(prefix);
    line.addAll(List.of(command));
    return line;
  }

  /** Makes a folder that only this user may enter. */
  void createPrivateFolder(Path folder) {
    try {
      Files.createDirectory(folder, attribute("rwx------"));
      own(folder);
    } catch (IOException failed) {
      throw new UncheckedIOException("cannot create " + folder, failed);
    }
  }

  /** Writes a file that only this user may read. */
  void writePrivateFile(Path file, String text) {
    try {
      Files.createFile(file, attribute("rw-------"));
      Files.writeString(file, text);
      own(file);
    } catch (IOException failed) {
      throw new UncheckedIOException("cannot write " + file, failed);
    }
  }

  /** Gives a file or folder, and all in it, to this user. */
  void own(Path tree) {
    if (!ownsData) {
      return;
    }
    try (Stream<Path> files = Files.walk(tree)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.setAttribute(file, "unix:uid", NOBODY, LinkOption.NOFOLLOW_LINKS);
        Files.setAttribute(file, "unix:gid", NOBODY, LinkOption.NOFOLLOW_LINKS);
      }
    } catch (IOException failed) {
      throw new UncheckedIOException("cannot give " + tree + " to user " + NOBODY, failed);
    }
  }

  private static FileAttribute<?> attribute(String permissions) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
  }
}

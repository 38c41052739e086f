package dev.perfkit.testkit.postgres;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Set;

/**
 * Makes the data folder of a standby from a running primary, as {@code pg_basebackup} would: it
 * opens a backup, copies the data folder, and ends the backup, whose label tells the standby where
 * to begin. A replication slot keeps what the standby has not received yet, also while it is down.
 */
final class StandbyCopy {

  /** Folders whose content belongs to a running server and not to its data. */
  private static final Set<String> EMPTIED =
      Set.of(
          "pg_wal",
          "pg_replslot",
          "pg_dynshmem",
          "pg_notify",
          "pg_serial",
          "pg_snapshots",
          "pg_stat_tmp",
          "pg_subtrans");

  /** What is the server's own; settings by {@code ALTER SYSTEM} are those of its role. */
  private static final Set<String> LEFT_OUT =
      Set.of("postmaster.pid", "postmaster.opts", "postgresql.auto.conf", "standby.signal");

  private static final String CONTROL_FILE = "global/pg_control";

  private final PostgresServer primary;
  private final Cluster cluster;

  StandbyCopy(PostgresServer primary, Cluster cluster) {
    this.primary = primary;
    this.cluster = cluster;
  }

  /** Returns the data folder of a new standby, ready to start. */
  Path create(String name) {
    Path data = cluster.createDataFolder(name);
    fill(data, name);
    return data;
  }

  /** Fills an empty data folder. */
  void fill(Path data, String name) {
    try (Connection connection = SuperuserConnection.to(primary)) {
      Replication.createSlot(connection, name);
      start(connection);
      copy(primary.data(), data);
      Files.writeString(data.resolve("backup_label"), stop(connection));
    } catch (SQLException failed) {
      throw new IllegalStateException(
          "cannot copy the data of " + primary + " for '" + name + "'", failed);
    } catch (IOException failed) {
      throw new UncheckedIOException("cannot copy " + primary.data() + " to " + data, failed);
    }
    follow(data, name);
    cluster.own(data);
  }

  private void follow(Path data, String name) {
    try {
      Files.createFile(data.resolve("standby.signal"));
    } catch (IOException failed) {
      throw new UncheckedIOException("cannot make a standby of " + data, failed);
    }
    cluster.append(
        data, Map.of("primary_conninfo", connectionInfo(primary, name), "primary_slot_name", name));
  }

  /** Returns how a standby of that name connects to its primary. */
  static String connectionInfo(PostgresServer primary, String name) {
    return "host="
        + primary.host()
        + " port="
        + primary.port()
        + " user="
        + primary.user()
        + " password="
        + primary.password()
        + " application_name="
        + name;
  }

  private static void start(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeQuery("SELECT pg_backup_start('perfkit', true)").close();
    }
  }

  /** Returns the content of the backup label. */
  private static String stop(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("SELECT labelfile FROM pg_backup_stop(false)")) {
      result.next();
      return result.getString(1);
    }
  }

  /** The control file last, because it names the newest state of all others. */
  private static void copy(Path from, Path to) throws IOException {
    Files.walkFileTree(from, new Copier(from, to));
    Files.copy(from.resolve(CONTROL_FILE), to.resolve(CONTROL_FILE));
  }

  private static final class Copier extends SimpleFileVisitor<Path> {

    private final Path from;
    private final Path to;

    Copier(Path from, Path to) {
      this.from = from;
      this.to = to;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
        throws IOException {
      Path name = from.relativize(folder);
      if (!folder.equals(from)) {
        Files.createDirectory(to.resolve(name), privateToOwner());
      }
      return EMPTIED.contains(name.toString())
          ? FileVisitResult.SKIP_SUBTREE
          : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Path name = from.relativize(file);
      if (!isLeftOut(name)) {
        try {
          Files.copy(file, to.resolve(name));
        } catch (NoSuchFileException goneMeanwhile) {
          // The log since the backup began says so, too.
        }
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
      if (failure instanceof NoSuchFileException) {
        return FileVisitResult.CONTINUE;
      }
      throw failure;
    }

    private static boolean isLeftOut(Path name) {
      return LEFT_OUT.contains(name.toString())
          || name.endsWith(CONTROL_FILE)
          || name.getFileName().toString().startsWith("pgsql_tmp");
    }

    private static FileAttribute<?> privateToOwner() {
      return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    }
  }
}

package dev.perfkit.testkit.postgres;

import dev.perfkit.testkit.internal.FixtureFolder;
import dev.perfkit.testkit.internal.Ports;
import dev.perfkit.testkit.internal.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What the servers of one fixture share: programs, folder, user, password, settings. */
final class Cluster {

  static final String USER = "postgres";

  private static final Duration INITDB_WAIT = Duration.ofMinutes(2);
  private static final Duration SIGNAL_WAIT = Duration.ofSeconds(3);
  private static final int PASSWORD_BYTES = 16;

  /** Small, quick and quiet; every one of them may be overridden. */
  private static final Map<String, String> TEST_SETTINGS =
      Map.of(
          "max_connections", "50",
          "shared_buffers", "16MB",
          "fsync", "off",
          "wal_retrieve_retry_interval", "100ms",
          "log_timezone", "UTC");

  /** What the fixture itself relies on. */
  private static final Map<String, String> FIXED_SETTINGS =
      Map.of(
          "listen_addresses", Ports.LOOPBACK,
          "unix_socket_directories", "",
          "dynamic_shared_memory_type", "mmap",
          "hot_standby", "on",
          "logging_collector", "off");

  /** What the fixture chooses for each server. */
  private static final Set<String> OWN_SETTINGS =
      Set.of("port", "data_directory", "primary_conninfo", "primary_slot_name");

  private final FixtureFolder folder;
  private final PostgresBinaries binaries;
  private final ServerUser serverUser;
  private final Duration startTimeout;
  private final String password = newPassword();
  private volatile boolean closed;

  Cluster(FixtureFolder folder, PostgresBinaries binaries, Duration startTimeout) {
    this.folder = folder;
    this.binaries = binaries;
    this.serverUser = ServerUser.choose(folder, binaries);
    this.startTimeout = startTimeout;
  }

  static boolean isFixed(String setting) {
    String name = setting.toLowerCase(Locale.ROOT);
    return FIXED_SETTINGS.containsKey(name) || OWN_SETTINGS.contains(name);
  }

  String password() {
    return password;
  }

  Duration startTimeout() {
    return startTimeout;
  }

  Path dataFolder(String server) {
    return folder.path().resolve(server);
  }

  /** Makes the data folder of a server without data. */
  Path createDataFolder(String server) {
    Path data = dataFolder(server);
    serverUser.createPrivateFolder(data);
    return data;
  }

  /** Makes the data folder of a new primary. */
  Path initialize(String server, Map<String, String> settings) {
    Path data = createDataFolder(server);
    Path passwordFile = folder.path().resolve("initial-password");
    serverUser.writePrivateFile(passwordFile, password);
    initdb(data, passwordFile);
    append(data, TEST_SETTINGS);
    append(data, settings);
    append(data, FIXED_SETTINGS);
    return data;
  }

  private void initdb(Path data, Path passwordFile) {
    run(
        "initdb",
        binaries.initdb().toString(),
        "--pgdata=" + data,
        "--username=" + USER,
        "--pwfile=" + passwordFile,
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        "--set=dynamic_shared_memory_type=mmap",
        "--no-instructions",
        "--no-sync");
  }

  /** Adds settings to a server's configuration; a later one wins. */
  void append(Path data, Map<String, String> settings) {
    StringBuilder text = new StringBuilder();
    settings.forEach(
        (name, value) ->
            text.append(name).append(" = '").append(value.replace("'", "''")).append("'\n"));
    try {
      Files.writeString(data.resolve("postgresql.conf"), text, StandardOpenOption.APPEND);
    } catch (IOException failed) {
      throw new UncheckedIOException("cannot configure " + data, failed);
    }
  }

  /** Gives what was written into a data folder to the user the server runs as. */
  void own(Path data) {
    serverUser.own(data);
  }

  ServerProcess launch(String server, Path data, int port) {
    return ServerProcess.start(
        folder,
        server + ".log",
        serverUser.command(
            binaries.postgres().toString(), "-D", data.toString(), "-p", Integer.toString(port)));
  }

  /** Sends a signal; that nobody is there to receive it any more is fine. */
  void signal(String signal, long pid) {
    tool("signal", "sh", "-c", "kill -" + signal + " " + pid).awaitEnd(SIGNAL_WAIT);
  }

  void record(long pid) {
    ProcessHandle.of(pid).ifPresent(folder::record);
  }

  void requireOpen(String server) {
    if (closed) {
      throw new IllegalStateException(
          "postgres '" + server + "' cannot restart: its fixture is closed");
    }
  }

  boolean isClosed() {
    return closed;
  }

  /** From now on no server starts; one that is starting gives up. */
  void refuseStarts() {
    closed = true;
  }

  void removeShutdownHook() {
    folder.removeShutdownHook();
  }

  void close() {
    folder.close();
  }

  private ServerProcess tool(String name, String... command) {
    return ServerProcess.start(folder, name + ".log", serverUser.command(command));
  }

  private void run(String name, String... command) {
    ServerProcess tool = tool(name, command);
    if (!tool.awaitEnd(INITDB_WAIT) || tool.exitCode() != 0) {
      throw new IllegalStateException(name + " failed: it " + tool.report());
    }
  }

  private static String newPassword() {
    byte[] bytes = new byte[PASSWORD_BYTES];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}

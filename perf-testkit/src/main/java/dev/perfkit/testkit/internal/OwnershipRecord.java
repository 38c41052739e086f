package dev.perfkit.testkit.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The file {@code owner} in a fixture's folder: which JVM owns it, which program it runs, and which
 * processes it started, each with the instant it started.
 *
 * <pre>
 * jvm 4711 1790000000000
 * program /tmp/perfkit-1000/binaries/redis-1f2e3d4c/redis-server
 * server 4712 1790000000130
 * </pre>
 *
 * <p>A JVM that dies may leave a last line without its end, which is ignored.
 */
final class OwnershipRecord {

  private static final String FILE = "owner";

  private final Path file;
  private final ProcessIdentity jvm;
  private final Path program;
  private final List<ProcessIdentity> servers = new CopyOnWriteArrayList<>();

  private OwnershipRecord(Path file, ProcessIdentity jvm, Path program) {
    this.file = file;
    this.jvm = jvm;
    this.program = program;
  }

  static OwnershipRecord create(Path folder, Path program) throws IOException {
    ProcessIdentity jvm = ProcessIdentity.ofThisJvm();
    Path file = folder.resolve(FILE);
    Files.writeString(file, line("jvm", jvm) + "program " + program.toAbsolutePath() + "\n");
    return new OwnershipRecord(file, jvm, program);
  }

  /** Returns the record of a folder; empty if it has none, or one that was cut off too early. */
  static Optional<OwnershipRecord> read(Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    String text;
    try {
      text = Files.readString(file);
    } catch (NoSuchFileException none) {
      return Optional.empty();
    }
    List<String> lines = text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
    if (lines.size() < 2) {
      return Optional.empty();
    }
    return Optional.of(parse(file, lines));
  }

  private static OwnershipRecord parse(Path file, List<String> lines) throws IOException {
    try {
      return parseWhole(file, lines);
    } catch (IllegalArgumentException | IndexOutOfBoundsException damaged) {
      throw new IOException(file + " is damaged; end its servers and delete its folder", damaged);
    }
  }

  private static OwnershipRecord parseWhole(Path file, List<String> lines) {
    Path program = Path.of(lines.get(1).substring("program ".length()));
    OwnershipRecord record = new OwnershipRecord(file, identity(lines.get(0)), program);
    lines.stream().skip(2).map(OwnershipRecord::identity).forEach(record.servers::add);
    return record;
  }

  void add(ProcessIdentity server) throws IOException {
    Files.writeString(file, line("server", server), StandardOpenOption.APPEND);
    servers.add(server);
  }

  List<ProcessIdentity> servers() {
    return List.copyOf(servers);
  }

  Path program() {
    return program;
  }

  boolean ownedByThisJvm() {
    return jvm.equals(ProcessIdentity.ofThisJvm());
  }

  private static String line(String role, ProcessIdentity process) {
    return role + " " + process.pid() + " " + process.startMillis() + "\n";
  }

  private static ProcessIdentity identity(String line) {
    List<String> words = List.of(line.split(" ", -1));
    return new ProcessIdentity(Long.parseLong(words.get(1)), Long.parseLong(words.get(2)));
  }
}

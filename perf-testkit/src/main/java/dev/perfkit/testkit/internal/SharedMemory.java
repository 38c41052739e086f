package dev.perfkit.testkit.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The System V shared memory that a killed PostgreSQL leaves in the system: some bytes that nobody
 * frees before the next boot, of which a system allows only so many. Its key is the file number of
 * the server's data folder.
 *
 * <p>Segments can be listed on Linux only. A segment is removed when its key is that of a folder of
 * the fixture, its creator is one of the fixture's processes, and no process uses it.
 */
final class SharedMemory {

  private static final Logger LOG = LoggerFactory.getLogger(SharedMemory.class);
  private static final Path SEGMENTS = Path.of("/proc/sysvipc/shm");
  private static final int TOOL_SECONDS = 5;

  private SharedMemory() {}

  /** One line of the system's list: key, id, mode, size, creator, last user, number of users. */
  private record Segment(long key, String id, long creator, long users) {

    static Segment parse(String line) {
      String[] words = line.strip().split("\\s+", -1);
      return new Segment(
          Integer.toUnsignedLong(Integer.parseInt(words[0])),
          words[1],
          Long.parseLong(words[4]),
          Long.parseLong(words[6]));
    }
  }

  /** Removes what the ended servers of a fixture left; the folders must still be there. */
  static void release(Path fixture, Collection<ProcessIdentity> servers) {
    if (!Files.isReadable(SEGMENTS)) {
      return;
    }
    try {
      Set<Long> keys = fileNumbers(fixture);
      Set<Long> pids = new HashSet<>();
      servers.forEach(server -> pids.add(server.pid()));
      Files.readAllLines(SEGMENTS).stream()
          .skip(1)
          .map(Segment::parse)
          .filter(segment -> segment.users() == 0 && keys.contains(segment.key()))
          .filter(segment -> pids.contains(segment.creator()))
          .forEach(SharedMemory::remove);
    } catch (IOException | RuntimeException failed) {
      LOG.debug("cannot look for shared memory of {}", fixture, failed);
    }
  }

  private static Set<Long> fileNumbers(Path fixture) throws IOException {
    Set<Long> numbers = new HashSet<>();
    for (Path entry : Folders.list(fixture)) {
      if (Files.isDirectory(entry)) {
        numbers.add((Long) Files.getAttribute(entry, "unix:ino") & 0xFFFF_FFFFL);
      }
    }
    return numbers;
  }

  private static void remove(Segment segment) {
    List<String> command = List.of("ipcrm", "-m", segment.id());
    try {
      Process tool =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!tool.waitFor(TOOL_SECONDS, TimeUnit.SECONDS)) {
        tool.destroyForcibly();
      }
    } catch (IOException noSuchTool) {
      LOG.debug("shared memory segment {} stays", segment.id(), noSuchTool);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}

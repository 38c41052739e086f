package dev.perfkit.testkit.internal;

import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What tests look at to see that fixtures leave nothing behind. */
public final class Leftovers {

  private Leftovers() {}

  /** Returns whether a process is gone, or only waits to be collected by its parent. */
  public static boolean isGone(long pid) {
    return ProcessHandle.of(pid).map(ProcessSet::isGone).orElse(true);
  }

  /** Returns the folder of the fixture that started a process, if it is there. */
  public static Optional<Path> fixtureOf(long pid) throws IOException {
    for (Path fixture : FixtureHome.open().fixtures()) {
      if (recordedPids(fixture).contains(pid)) {
        return Optional.of(fixture);
      }
    }
    return Optional.empty();
  }

  /** Returns the folders of the fixtures that this JVM runs. */
  public static List<Path> fixturesOfThisJvm() throws IOException {
    List<Path> own = new ArrayList<>();
    for (Path fixture : FixtureHome.open().fixtures()) {
      if (OwnershipRecord.read(fixture).filter(OwnershipRecord::ownedByThisJvm).isPresent()) {
        own.add(fixture);
      }
    }
    return own;
  }

  /** Returns the ids of the shared memory segments that were made for a folder. */
  public static List<String> sharedMemoryOf(Path folder) throws IOException {
    Path list = Path.of("/proc/sysvipc/shm");
    if (!Files.exists(list) || !Files.exists(folder)) {
      return List.of();
    }
    long key = (Long) Files.getAttribute(folder, "unix:ino") & 0xFFFF_FFFFL;
    try (Stream<String> lines = Files.lines(list)) {
      return lines
          .map(line -> line.strip().split("\\s+", -1))
          .filter(words -> words[0].equals(Integer.toString((int) key)))
          .map(words -> words[1])
          .toList();
    }
  }

  /** Returns whether a shared memory segment exists. */
  public static boolean sharedMemoryExists(String id) throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/sysvipc/shm"))) {
      return lines.anyMatch(line -> line.strip().split("\\s+", -1)[1].equals(id));
    }
  }

  /** Loads a class as if the jars with some text in their names were not on the class path. */
  @SuppressWarnings("BanClassLoader") // the jars are those of this very class path
  public static Class<?> loadWithout(Class<?> type, String jarName) throws Exception {
    List<URL> urls = new ArrayList<>();
    for (String entry : classPath()) {
      if (!new File(entry).getName().contains(jarName)) {
        urls.add(new File(entry).toURI().toURL());
      }
    }
    ClassLoader loader =
        new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    return Class.forName(type.getName(), true, loader);
  }

  static List<String> classPath() {
    return List.of(System.getProperty("java.class.path").split(File.pathSeparator, -1));
  }

  private static List<Long> recordedPids(Path fixture) throws IOException {
    return OwnershipRecord.read(fixture).stream()
        .flatMap(record -> record.servers().stream())
        .map(ProcessIdentity::pid)
        .toList();
  }
}

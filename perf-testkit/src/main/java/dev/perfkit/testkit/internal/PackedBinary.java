package dev.perfkit.testkit.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * A server's program as it is packed in an artifact, unpacked once and kept for later runs.
 *
 * <p>The folder it is unpacked into gets its name when it is complete. A marker holds the number of
 * its files, because systems delete files of a temporary folder that nobody used for some days.
 */
public final class PackedBinary {

  private static final String MARKER = "complete";

  private final String name;
  private final Unpacker unpacker;

  private PackedBinary(String name, Unpacker unpacker) {
    this.name = name;
    this.unpacker = unpacker;
  }

  /** Writes the packed files into an empty folder. */
  @FunctionalInterface
  public interface Unpacker {
    /** Writes them. */
    void unpackInto(Path folder) throws IOException;
  }

  /**
   * Returns a packed program.
   *
   * @param name the name of its folder; another version must have another name
   * @param unpacker how to unpack it
   */
  public static PackedBinary of(String name, Unpacker unpacker) {
    return new PackedBinary(name, unpacker);
  }

  /** Returns the unpacked folder; the caller holds the lock of the home. */
  Path unpackInto(Path parent) throws IOException {
    Path folder = parent.resolve(name);
    if (isComplete(folder)) {
      return folder;
    }
    deleteIfPresent(folder);
    Path unfinished = parent.resolve(name + ".unfinished");
    deleteIfPresent(unfinished);
    Folders.create(unfinished);
    unpacker.unpackInto(unfinished);
    Files.writeString(unfinished.resolve(MARKER), Long.toString(files(unfinished)));
    Folders.publish(unfinished, folder);
    return folder;
  }

  private static boolean isComplete(Path folder) throws IOException {
    Path marker = folder.resolve(MARKER);
    return Files.isRegularFile(marker)
        && Files.readString(marker).equals(Long.toString(files(folder)));
  }

  private static long files(Path folder) throws IOException {
    try (Stream<Path> found = Files.walk(folder)) {
      return found.filter(file -> !Files.isDirectory(file) && !file.endsWith(MARKER)).count();
    }
  }

  private static void deleteIfPresent(Path folder) throws IOException {
    if (Files.exists(folder)) {
      Folders.delete(folder);
    }
  }
}

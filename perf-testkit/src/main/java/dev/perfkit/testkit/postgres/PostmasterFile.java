package dev.perfkit.testkit.postgres;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What a server says about itself in {@code postmaster.pid}: line 1 is its process id, line 7 the
 * key and id of its shared memory, line 8 its state.
 */
record PostmasterFile(long pid, String sharedMemory, String state) {

  /** No file, or one that is not complete yet. */
  static final PostmasterFile NONE = new PostmasterFile(-1, "", "");

  private static final int LINES = 8;

  static PostmasterFile readFrom(Path data) {
    try {
      List<String> lines = Files.readAllLines(file(data));
      return lines.size() < LINES ? NONE : parse(lines);
    } catch (IOException notYet) {
      return NONE;
    }
  }

  /** Deletes what a killed server left, so that it is not taken for the next one's. */
  static void deleteFrom(Path data) {
    try {
      Files.deleteIfExists(file(data));
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  boolean isReady() {
    return state.equals("ready");
  }

  private static PostmasterFile parse(List<String> lines) {
    return new PostmasterFile(
        Long.parseLong(lines.get(0).strip()), lines.get(6).strip(), lines.get(7).strip());
  }

  private static Path file(Path data) {
    return data.resolve("postmaster.pid");
  }
}

package dev.perfkit.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Proves that a process which is killed between any two steps of a write leaves a key file that
 * opens, with the old keys or with the new ones, and that no one else could read in between.
 */
class KeyFileKillTest {

  private static final char[] PASSWORD = "correct horse".toCharArray();
  private static final KeysetFileFormat FORMAT = new KeysetFileFormat(1_000, 1_000);

  private final Path folder;
  private final List<Path> copies = new ArrayList<>();

  KeyFileKillTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void replace_killedAfterAnyStep_leavesTheOldOrTheNewKeys() throws Exception {
    Path live = Files.createDirectory(folder.resolve("live"));
    AtomicFile file = new AtomicFile(live.resolve("keys"), "test", () -> copy(live));
    Keyset old = Keyset.generate();
    Keyset next = old.withNewKey();
    write(file, old, 1);
    assertThat(copies).hasSize(6);
    // Of a first write there is nothing, or all of it.
    assertThat(copies.subList(0, 4)).noneMatch(copy -> Files.exists(copy.resolve("keys")));
    assertThat(readIn(copies.get(4)).holdsAllOf(old)).isTrue();
    copies.clear();
    write(file, next, 2);
    int withNewKeys = 0;
    for (Path copy : copies) {
      Keyset read = readIn(copy);
      assertThat(read.holdsAllOf(old)).isTrue();
      withNewKeys += read.holdsAllOf(next) ? 1 : 0;
      // What a killed writer left behind is in nobody's way.
      Keyset later = read.withNewKey();
      keyFile(copy).replace(later, PASSWORD);
      assertThat(readIn(copy).holdsAllOf(later)).isTrue();
    }
    assertThat(copies).hasSize(6);
    assertThat(withNewKeys).isEqualTo(2);
  }

  private static void write(AtomicFile file, Keyset keyset, long generation)
      throws GeneralSecurityException {
    byte[] bytes = FORMAT.write(keyset, generation, PASSWORD);
    file.locked(
        () -> {
          file.replace(bytes);
          return generation;
        });
  }

  private static Keyset readIn(Path copy) {
    return keyFile(copy).read(PASSWORD);
  }

  private static KeysetFile keyFile(Path copy) {
    return KeysetFile.atWithWeakIterationsForTests(copy.resolve("keys"), 1_000);
  }

  /** Keeps the disk as a kill at this moment would leave it. */
  private void copy(Path live) {
    try (Stream<Path> files = Files.list(live)) {
      Path copy = Files.createTempDirectory(folder, "killed");
      copies.add(copy);
      for (Path file : files.toList()) {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
            .isEqualTo("rw-------");
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}

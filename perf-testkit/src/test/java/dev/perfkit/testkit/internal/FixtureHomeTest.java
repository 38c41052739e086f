package dev.perfkit.testkit.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Proves that the folder of all fixtures is refused when others could put programs there, that
 * programs are unpacked once and again when damaged, and which folders of fixtures are cleaned up.
 */
@Timeout(60)
class FixtureHomeTest {

  private static final Path PROGRAM = Path.of("/no/such/program");

  private Path parent;
  private Path folder;
  private FixtureHome home;

  @BeforeEach
  void open(@TempDir Path temporary) throws IOException {
    parent = temporary;
    folder = parent.resolve("home");
    home = FixtureHome.at(folder);
  }

  @Test
  void at_writableByOthers_isRefused() throws IOException {
    for (String permissions : List.of("rwxrwxr-x", "rwxr-xrwx")) {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(permissions));
      assertThatIllegalStateException()
          .isThrownBy(() -> FixtureHome.at(folder))
          .withMessageContaining(folder + " must be a folder, belong to this user")
          .withMessageContaining("-Djava.io.tmpdir");
    }
  }

  @Test
  void at_linkOrFile_isRefused() throws IOException {
    Path link = Files.createSymbolicLink(parent.resolve("link"), folder);
    assertThatIllegalStateException().isThrownBy(() -> FixtureHome.at(link));
    Path file = Files.createFile(parent.resolve("file"));
    assertThatIllegalStateException().isThrownBy(() -> FixtureHome.at(file));
  }

  @Test
  void unpacked_secondTime_isNotUnpackedAgain() throws IOException {
    List<Path> unpacked = new ArrayList<>();
    PackedBinary binary = binary(unpacked);
    Path first = home.unpacked(binary);
    assertThat(home.unpacked(binary)).isEqualTo(first);
    assertThat(unpacked).hasSize(1);
    assertThat(first.resolve("bin/program")).hasContent("run");
  }

  @Test
  void unpacked_fileMissing_isUnpackedAgain() throws IOException {
    List<Path> unpacked = new ArrayList<>();
    PackedBinary binary = binary(unpacked);
    Path program = home.unpacked(binary).resolve("bin/program");
    Files.delete(program);
    home.unpacked(binary);
    assertThat(unpacked).hasSize(2);
    assertThat(program).hasContent("run");
  }

  @Test
  void unpacked_failsHalfway_isNotTakenForComplete() throws IOException {
    PackedBinary broken =
        PackedBinary.of(
            "server-1",
            to -> {
              Files.writeString(to.resolve("half"), "half");
              throw new IOException("disk full");
            });
    assertThatIllegalStateException()
        .isThrownBy(() -> home.unpacked(broken))
        .withMessageContaining(folder + " is not usable")
        .havingCause()
        .withMessage("disk full");
    Path folder = home.unpacked(binary(new ArrayList<>()));
    assertThat(folder.resolve("half")).doesNotExist();
    assertThat(folder.resolve("bin/program")).exists();
  }

  @Test
  void create_ownFixtureOpen_isLeftAloneUntilClosed() throws IOException {
    FixtureFolder first = home.create("redis", PROGRAM);
    FixtureFolder second = home.create("redis", PROGRAM);
    assertThat(home.fixtures()).containsExactlyInAnyOrder(first.path(), second.path());
    first.close();
    first.close();
    assertThat(home.fixtures()).containsExactly(second.path());
    second.close();
    assertThat(home.fixtures()).isEmpty();
  }

  @Test
  void create_folderOfADeadJvm_isDeleted() throws IOException {
    Path dead = abandoned("jvm 1 1\nprogram /no/such/program\nserver 1 1\nserver 12 34\n");
    Path cutOff = abandoned("jvm 1 1\nprogram /no/such/program\nserver 12");
    Path cutOffEarly = abandoned("jvm 1 1\npro");
    Path withoutRecord = abandoned("");
    Files.delete(withoutRecord.resolve("owner"));
    home.create("redis", PROGRAM).close();
    assertThat(List.of(dead, cutOff, cutOffEarly, withoutRecord)).noneMatch(Files::exists);
    assertThat(home.fixtures()).isEmpty();
  }

  @Test
  void create_folderLockedByAnother_isLeftAlone() throws IOException {
    Path locked = abandoned("jvm 1 1\nprogram /no/such/program\n");
    FolderLock lock = FolderLock.tryAcquire(locked.resolve("lock")).orElseThrow();
    home.create("redis", PROGRAM).close();
    assertThat(locked).exists();
    lock.close();
    home.create("redis", PROGRAM).close();
    assertThat(locked).doesNotExist();
  }

  @Test
  void create_damagedRecord_isLeftAloneAndDoesNotStopOthers() throws IOException {
    Path damaged = abandoned("what is this\nfor a record\n");
    home.create("redis", PROGRAM).close();
    assertThat(damaged).exists();
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> OwnershipRecord.read(damaged))
        .withMessage(
            damaged.resolve("owner") + " is damaged; end its servers and delete its folder");
  }

  @Test
  void start_programThatCannotRun_failsAndTheFolderStaysUsable() throws IOException {
    try (FixtureFolder fixture = home.create("redis", PROGRAM)) {
      assertThatExceptionOfType(UncheckedIOException.class)
          .isThrownBy(
              () -> ServerProcess.start(fixture, "server.log", List.of(PROGRAM.toString())));
      ServerProcess works = ServerProcess.start(fixture, "server.log", List.of("sh", "-c", "env"));
      assertThat(works.awaitEnd(Duration.ofSeconds(20))).isTrue();
      assertThat(works.report())
          .startsWith("ended with exit code 0; it wrote last:")
          .contains("LC_ALL=C", "HOME=" + fixture.path())
          .doesNotContain("JAVA_");
    }
  }

  private Path abandoned(String record) throws IOException {
    Path fixture = Files.createTempDirectory(folder.resolve("fixtures"), "redis-");
    Files.createFile(fixture.resolve("lock"));
    Files.writeString(fixture.resolve("owner"), record);
    Files.createDirectories(fixture.resolve("data/deep"));
    Files.writeString(fixture.resolve("data/deep/file"), "text");
    return fixture;
  }

  private static PackedBinary binary(List<Path> unpacked) {
    return PackedBinary.of(
        "server-1",
        to -> {
          unpacked.add(to);
          Files.createDirectory(to.resolve("bin"));
          Files.writeString(to.resolve("bin/program"), "run");
          Files.createSymbolicLink(to.resolve("bin/link"), Path.of("program"));
        });
  }
}

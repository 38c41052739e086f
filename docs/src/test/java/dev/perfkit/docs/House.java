package dev.perfkit.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;

/** The repository as the tests of this module see it: a root, the modules of its reactor, files. */
record House(Path root) {

  /** Folders that hold nothing written by hand. */
  private static final Set<String> NOT_OURS = Set.of("target", ".git", ".idea", "node_modules");

  /** The repository that the running tests belong to. */
  static House thisOne() {
    String root = Objects.requireNonNull(System.getProperty("perfkit.root"), "perfkit.root");
    return new House(Path.of(root).toAbsolutePath().normalize());
  }

  /** Returns the modules of the reactor, in their order. */
  List<Module> modules() {
    return Xml.of(root.resolve("pom.xml")).texts("modules/module").stream()
        .map(folder -> new Module(folder, root.resolve(folder)))
        .toList();
  }

  /** Returns the modules that a repository will get. */
  List<Module> published() {
    return modules().stream().filter(Module::isPublished).toList();
  }

  /** Returns the published modules that hold classes. */
  List<Module> publishedJars() {
    return published().stream().filter(Module::isJar).toList();
  }

  /** Returns every file of the repository, outside of build folders, whose name is accepted. */
  List<Path> files(Predicate<String> name) {
    return files(root, name);
  }

  /** Returns a path as it is written in the repository. */
  String relative(Path file) {
    return root.relativize(file.toAbsolutePath().normalize()).toString().replace('\\', '/');
  }

  static List<Path> files(Path folder, Predicate<String> name) {
    List<Path> found = new ArrayList<>();
    if (!Files.isDirectory(folder)) {
      return found;
    }
    try {
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
              boolean skipped = NOT_OURS.contains(String.valueOf(dir.getFileName()));
              return skipped && !dir.equals(folder)
                  ? FileVisitResult.SKIP_SUBTREE
                  : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              if (name.test(String.valueOf(file.getFileName()))) {
                found.add(file);
              }
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    found.sort(Comparator.naturalOrder());
    return found;
  }

  static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /**
   * A module of the reactor.
   *
   * @param name its folder, as the reactor names it
   * @param folder where it is
   */
  record Module(String name, Path folder) {

    Xml pom() {
      return Xml.of(folder.resolve("pom.xml"));
    }

    String artifactId() {
      return pom().text("artifactId");
    }

    boolean isPublished() {
      return !pom().text("properties/maven.deploy.skip").equals("true");
    }

    boolean isJar() {
      return !pom().text("packaging").equals("pom");
    }

    /** A feature solves a problem; below it are only the contracts and the testkit. */
    boolean isFeature() {
      return isPublished() && isJar() && !Set.of("perf-spi", "perf-testkit").contains(artifactId());
    }

    /** Returns the package that all its classes are in or below. */
    String rootPackage() {
      return pom().text("properties/perfkit.module.name");
    }

    List<Path> mainSources() {
      return files(folder.resolve("src/main/java"), file -> file.endsWith(".java"));
    }

    @Override
    public String toString() {
      return name;
    }
  }
}

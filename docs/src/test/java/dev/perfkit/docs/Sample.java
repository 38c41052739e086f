package dev.perfkit.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.ToolProvider;

/** A small repository, written by a test, that breaks a rule. */
record Sample(Path root) {

  Sample file(String path, String text) {
    try {
      Path file = root.resolve(path);
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
      return this;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  Path path(String path) {
    return root.resolve(path);
  }

  House house() {
    return new House(root);
  }

  List<Path> sources() {
    return House.files(root, name -> name.endsWith(".java"));
  }

  /** Compiles the Java files against the class path of the tests, and reads the classes. */
  JavaClasses classes() {
    Path target = root.resolve("target/classes");
    List<String> arguments =
        new ArrayList<>(List.of("-proc:none", "-nowarn", "-d", target.toString()));
    arguments.addAll(List.of("-cp", System.getProperty("java.class.path")));
    sources().forEach(source -> arguments.add(source.toString()));
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, arguments.toArray(String[]::new));
    assertThat(result).as("result of the compiler").isZero();
    return new ClassFileImporter().importPath(target);
  }
}

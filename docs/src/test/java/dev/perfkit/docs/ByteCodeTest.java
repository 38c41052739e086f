package dev.perfkit.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.perfkit.docs.House.Module;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Proves that the published classes keep to their floor, show users only what users may rely on,
 * and do without serialization and standard streams; and that these checks find violations.
 */
class ByteCodeTest {

  private static final House HOUSE = House.thisOne();
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.perfkit");

  /** The types of libraries that users meet in our signatures. */
  private static final Exceptions FOREIGN_TYPES =
      Exceptions.none()
          .allow(
              "dev.perfkit.pool.PoolGroup$Builder shows com.zaxxer.hikari.HikariConfig",
              "the pools are HikariCP's, and its users have such a configuration")
          .allow(
              "dev.perfkit.cache.JsonSerializer shows com.fasterxml.jackson.databind.ObjectMapper",
              "values are written by Jackson the way the host has set it up")
          .allow(
              "dev.perfkit.cache.JsonSerializer shows com.fasterxml.jackson.core.type.TypeReference",
              "the way Jackson names a generic type")
          .allow(
              "dev.perfkit.cache.CborSerializer shows com.fasterxml.jackson.databind.ObjectMapper",
              "values are written by Jackson the way the host has set it up")
          .allow(
              "dev.perfkit.cache.CborSerializer shows com.fasterxml.jackson.core.type.TypeReference",
              "the way Jackson names a generic type")
          .allow(
              "dev.perfkit.crypto.Keyset shows com.google.crypto.tink.KeysetHandle",
              "keysets come from, and go to, a host that uses Tink")
          .allow(
              "dev.perfkit.crypto.kms.TinkKeyManagement shows com.google.crypto.tink.",
              "the bridge to Tink's key-management clients")
          .allow(
              "dev.perfkit.crypto.jackson.EncryptedModule shows com.fasterxml.jackson.",
              "an extension of Jackson, in a package of its own")
          .allow(
              "dev.perfkit.crypto.jpa.EncryptedStringConverter shows jakarta.persistence.",
              "an extension of Jakarta Persistence, in a package of its own")
          .allow(
              "dev.perfkit.compress.httpserver.CompressionFilter shows com.sun.net.httpserver.",
              "the HTTP server of the JDK, an exported package")
          .allow(
              "dev.perfkit.compress.servlet.CompressionServletFilter shows jakarta.servlet.",
              "a servlet filter is one")
          .allow(
              "dev.perfkit.sla.dropwizard.",
              "the bridge to Dropwizard Metrics, in a package of its own");

  /** What touches Java serialization to keep out of it. */
  private static final Exceptions SERIALIZATION =
      Exceptions.none()
          .allow(
              "dev.perfkit.crypto.WipeableKey uses java.io.ObjectOutputStream",
              "a SecretKey is Serializable by its interface; its writeObject refuses");

  private static final Exceptions STANDARD_STREAMS =
      Exceptions.none()
          .allow(
              "dev.perfkit.testkit.jvm.JvmMain uses",
              "the main class of a program of its own, whose streams become its report");

  @Test
  void classPath_always_holdsEveryPublishedModule() {
    assertThat(HOUSE.publishedJars())
        .allSatisfy(
            module ->
                assertThat(ByteCode.in(CLASSES, module.rootPackage()))
                    .as("classes of %s below %s", module, module.rootPackage())
                    .isNotEmpty());
  }

  @Test
  void spi_always_usesTheJdkAndJSpecifyOnly() {
    assertThat(
            ByteCode.usesOutside(
                CLASSES, "dev.perfkit.spi", List.of("dev.perfkit.spi.", "java.", "org.jspecify.")))
        .isEmpty();
  }

  @Test
  void modules_always_useNoModuleBesideThem() {
    List<String> problems = new ArrayList<>();
    for (Module module : HOUSE.publishedJars()) {
      for (Module other : HOUSE.publishedJars()) {
        if (!other.equals(module) && !other.artifactId().equals("perf-spi")) {
          problems.addAll(uses(CLASSES, module.rootPackage(), other.rootPackage()));
        }
      }
    }
    assertThat(problems).isEmpty();
  }

  @Test
  void signatures_always_nameOnlyWhatUsersMayRelyOn() {
    assertThat(FOREIGN_TYPES.apply(all(ByteCode::foreignTypesInSignatures))).isEmpty();
  }

  @Test
  void packages_ofAJar_areWithoutCycles() {
    assertThat(all(ByteCode::packageCycles)).isEmpty();
  }

  @Test
  void serialization_anywhere_isNotUsed() {
    assertThat(SERIALIZATION.apply(all(ByteCode::serialization))).isEmpty();
  }

  @Test
  void standardStreams_anywhere_areNotUsed() {
    assertThat(STANDARD_STREAMS.apply(all(ByteCode::standardStreams))).isEmpty();
  }

  private interface Check {
    List<String> find(JavaClasses classes, String rootPackage);
  }

  private static List<String> all(Check check) {
    return HOUSE.publishedJars().stream()
        .flatMap(module -> check.find(CLASSES, module.rootPackage()).stream())
        .toList();
  }

  private static List<String> uses(JavaClasses classes, String from, String to) {
    return ByteCode.in(classes, from)
        .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
        .map(dependency -> dependency.getTargetClass().getBaseComponentType())
        .filter(
            target ->
                Stream.of(target.getPackageName() + ".").anyMatch(p -> p.startsWith(to + ".")))
        .map(target -> from + " uses " + target.getName())
        .distinct()
        .toList();
  }

  /** The checks against classes that break the rules. */
  @Nested
  class OnViolations {

    @TempDir Path folder;

    @Test
    void uses_ofAnotherModuleOrLibrary_areFound() {
      JavaClasses classes =
          sample()
              .file("a/One.java", "package dev.perfkit.a; class One { dev.perfkit.b.Two[] two; }")
              .file(
                  "b/Two.java", "package dev.perfkit.b; public class Two { org.slf4j.Logger log; }")
              .classes();
      assertThat(uses(classes, "dev.perfkit.a", "dev.perfkit.b"))
          .containsExactly("dev.perfkit.a uses dev.perfkit.b.Two");
      assertThat(uses(classes, "dev.perfkit.b", "dev.perfkit.a")).isEmpty();
      assertThat(ByteCode.usesOutside(classes, "dev.perfkit.b", List.of("dev.perfkit.b.", "java.")))
          .containsExactly("dev.perfkit.b.Two uses org.slf4j.Logger");
    }

    @Test
    void signatures_withForeignInternalOrHiddenTypes_areFound() {
      JavaClasses classes =
          sample()
              .file("internal/Inner.java", "package dev.perfkit.a.internal; public class Inner {}")
              .file(
                  "Shown.java",
                  """
                  package dev.perfkit.a;
                  import java.util.*;
                  public class Shown<T extends java.sql.Connection> extends Hidden {
                    protected Map<String, List<? super org.slf4j.Logger>> logs;
                    public void take(dev.perfkit.a.internal.Inner[] inner) {}
                    public dev.perfkit.spi.Health fine(javax.sql.DataSource source) { return null; }
                    public void support() throws Failure {}
                    public dev.perfkit.spi.support.Problems problems() { return null; }
                    private org.slf4j.Marker unseen;
                    void unseen(org.slf4j.MDC mdc) {}
                    static class Failure extends Exception {}
                  }
                  class Hidden { public org.slf4j.LoggerFactory unseen; }
                  """)
              .classes();
      assertThat(ByteCode.foreignTypesInSignatures(classes, "dev.perfkit.a"))
          .containsExactly(
              "dev.perfkit.a.Shown shows dev.perfkit.a.Hidden",
              "dev.perfkit.a.Shown shows dev.perfkit.a.Shown$Failure",
              "dev.perfkit.a.Shown shows dev.perfkit.a.internal.Inner",
              "dev.perfkit.a.Shown shows dev.perfkit.spi.support.Problems",
              "dev.perfkit.a.Shown shows org.slf4j.Logger");
    }

    @Test
    void cycles_directOrThroughOthers_areFound() {
      JavaClasses classes =
          sample()
              .file("A.java", "package dev.perfkit.a; public class A { dev.perfkit.a.b.B b; }")
              .file("b/B.java", "package dev.perfkit.a.b; public class B { dev.perfkit.a.c.C c; }")
              .file("c/C.java", "package dev.perfkit.a.c; public class C { dev.perfkit.a.A a; }")
              .file("d/D.java", "package dev.perfkit.a.d; public class D { dev.perfkit.a.A a; }")
              .classes();
      assertThat(ByteCode.packageCycles(classes, "dev.perfkit.a"))
          .containsExactly(
              "dev.perfkit.a is in a cycle of packages: it uses [dev.perfkit.a.b]",
              "dev.perfkit.a.b is in a cycle of packages: it uses [dev.perfkit.a.c]",
              "dev.perfkit.a.c is in a cycle of packages: it uses [dev.perfkit.a]");
    }

    @Test
    void serialization_ofOurTypes_isFoundAndExceptionsAreNot() {
      JavaClasses classes =
          sample()
              .file("A.java", "package dev.perfkit.a; class A implements java.io.Serializable {}")
              .file(
                  "B.java",
                  """
                  package dev.perfkit.a;
                  class B {
                    Object read(java.io.InputStream in) throws Exception {
                      return new java.io.ObjectInputStream(in).readObject();
                    }
                    static class Fine extends RuntimeException {}
                    enum AlsoFine {}
                  }
                  """)
              .classes();
      assertThat(ByteCode.serialization(classes, "dev.perfkit.a"))
          .containsExactly(
              "dev.perfkit.a.A uses java.io.Serializable",
              "dev.perfkit.a.B uses java.io.ObjectInputStream");
    }

    @Test
    void standardStreams_inAnyForm_areFound() {
      JavaClasses classes =
          sample()
              .file(
                  "A.java",
                  """
                  package dev.perfkit.a;
                  class A {
                    void a() { System.out.println(); }
                    void b(Exception e) { e.printStackTrace(); }
                    Runnable c = () -> System.err.println();
                  }
                  """)
              .classes();
      assertThat(ByteCode.standardStreams(classes, "dev.perfkit.a"))
          .containsExactly(
              "dev.perfkit.a.A uses err",
              "dev.perfkit.a.A uses out",
              "dev.perfkit.a.A uses printStackTrace");
    }

    private Sample sample() {
      return new Sample(folder);
    }
  }
}

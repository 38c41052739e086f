package dev.perfkit.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perfkit.docs.House.Module;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Proves that the published sources are documented, closed to extension and free of {@code
 * synchronized}; and that these checks find violations.
 */
class SourcesTest {

  private static final House HOUSE = House.thisOne();

  @Test
  void publishedModules_always_haveSources() {
    assertThat(HOUSE.publishedJars())
        .isNotEmpty()
        .allSatisfy(module -> assertThat(module.mainSources()).as(module.name()).isNotEmpty());
  }

  @Test
  void publicApi_always_isDocumented() {
    assertThat(inEachModule(Sources::undocumented, file -> true)).isEmpty();
  }

  @Test
  void publicClasses_always_areFinalOrSealed() {
    // The conformance kits are made to be extended: that is how one uses them.
    assertThat(inEachModule(Sources::openClasses, file -> !isIn(file, "conformance"))).isEmpty();
  }

  @Test
  void publishedCode_always_locksWithoutPinning() {
    assertThat(inEachModule(Sources::synchronizedCode, file -> true)).isEmpty();
  }

  @Test
  void publicTypes_untilProven_areBeta() {
    // Neither package is for users.
    assertThat(
            inEachModule(
                Sources::notBeta, file -> !isIn(file, "internal") && !isIn(file, "support")))
        .isEmpty();
  }

  @Test
  void packages_always_areMarkedAndDocumented() {
    assertThat(inEachModule(Sources::unmarkedPackages, file -> true)).isEmpty();
  }

  private static boolean isIn(Path file, String folder) {
    return String.valueOf(file.getParent().getFileName()).equals(folder);
  }

  private static List<String> inEachModule(
      Function<Collection<Path>, List<String>> check, Predicate<Path> which) {
    return HOUSE.publishedJars().stream()
        .flatMap(
            module ->
                check.apply(module.mainSources().stream().filter(which).toList()).stream()
                    .map(problem -> module + ": " + problem))
        .toList();
  }

  /** The checks against sources that break the rules. */
  @Nested
  class OnViolations {

    @TempDir Path folder;

    @Test
    void documentation_missing_isFoundWhereUsersLook() {
      Sample sample =
          new Sample(folder)
              .file(
                  "A.java",
                  """
                  package a;

                  public class A {
                    public A() {}

                    protected void seen() {}

                    void unseen() {}

                    @Override
                    public String toString() {
                      return "";
                    }

                    /** Documented. */
                    public void documented() {}

                    // Not a doc comment.
                    public interface Inner {
                      void alsoSeen();

                      private void unseen() {}
                    }

                    private static class Hidden {
                      public void unseen() {}
                    }
                  }

                  class Package {
                    public void unseen() {}
                  }
                  """)
              .file("R.java", "package a;\n/** \n */\npublic record R(int a) {}\n");
      assertThat(Sources.undocumented(sample.sources()))
          .containsExactly(
              "A.java:3 type A has no doc comment",
              "A.java:4 method <init> has no doc comment",
              "A.java:6 method seen has no doc comment",
              "A.java:19 type Inner has no doc comment",
              "A.java:20 method alsoSeen has no doc comment",
              "R.java:4 type R has no doc comment");
    }

    @Test
    void openClass_publicOrNested_isFound() {
      Sample sample =
          new Sample(folder)
              .file("A.java", "public class A { public static class B {} static class C {} }")
              .file("D.java", "public abstract class D { public final class E {} }")
              .file("F.java", "public interface F { class G {} record H() {} enum I {} }")
              .file("J.java", "public sealed class J permits K {} final class K extends J {}");
      assertThat(Sources.openClasses(sample.sources()))
          .containsExactly(
              "A.java:1 class A is neither final nor sealed",
              "A.java:1 class B is neither final nor sealed",
              "D.java:1 class D is neither final nor sealed",
              "F.java:1 class G is neither final nor sealed");
    }

    @Test
    void synchronizedCode_methodOrBlock_isFound() {
      Sample sample =
          new Sample(folder)
              .file(
                  "A.java",
                  """
                  class A {
                    synchronized void a() {}

                    Runnable b = () -> {
                      synchronized (this) {
                        // "synchronized" in a comment or text is none
                      }
                    };
                  }
                  """);
      assertThat(Sources.synchronizedCode(sample.sources()))
          .containsExactly("A.java:2 method a is synchronized", "A.java:5 synchronized block");
    }

    @Test
    void beta_missing_isFound() {
      Sample sample =
          new Sample(folder)
              .file("A.java", "@dev.perfkit.spi.Beta public class A { public class B {} }")
              .file("C.java", "public class C {} class D {}");
      assertThat(Sources.notBeta(sample.sources())).containsExactly("C.java:1 type C is not @Beta");
    }

    @Test
    void packageInfo_missingOrIncomplete_isFound() {
      Sample sample =
          new Sample(folder)
              .file("a/A.java", "package a; class A {}")
              .file("b/package-info.java", "package b;")
              .file(
                  "c/package-info.java",
                  "/** Fine. */ @org.jspecify.annotations.NullMarked package c;");
      assertThat(Sources.unmarkedPackages(sample.sources()))
          .containsExactly(
              "package-info.java:1 package b is not @NullMarked",
              "package-info.java:1 package b has no doc comment",
              "a has no package-info.java");
    }
  }

  @Test
  void modules_always_nameTheirPackage() {
    assertThat(HOUSE.publishedJars())
        .extracting(Module::rootPackage)
        .doesNotHaveDuplicates()
        .allMatch(name -> name.matches("dev\\.perfkit\\.[a-z]+"));
  }
}

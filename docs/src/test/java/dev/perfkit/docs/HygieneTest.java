package dev.perfkit.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Proves that nothing is left unfinished, switched off, slept through or grown too long; and that
 * these checks find violations.
 */
class HygieneTest {

  private static final House HOUSE = House.thisOne();
  private static final int LONG = 500;

  /** Tests that let real time pass, which fake time cannot replace there. */
  private static final Exceptions SLEEPS = Exceptions.none();

  /** Files near 500 lines need a reason. */
  private static final Exceptions LONG_FILES = Exceptions.none();

  @Test
  void texts_anywhere_areFinished() {
    List<Path> texts =
        HOUSE.files(name -> name.matches(".*\\.(java|md|xml|yml|yaml|sh|sql|properties)|run"));
    assertThat(texts).isNotEmpty();
    assertThat(Texts.find(HOUSE, texts, Texts.UNFINISHED)).isEmpty();
  }

  @Test
  void tests_anywhere_areSwitchedOn() {
    assertThat(Texts.find(HOUSE, testSources(), Texts.SWITCHED_OFF)).isEmpty();
  }

  @Test
  void tests_anywhere_doNotSleep() {
    assertThat(SLEEPS.apply(Texts.find(HOUSE, testSources(), Texts.SLEEP))).isEmpty();
  }

  @Test
  void sources_anywhere_areShortEnoughToRead() {
    List<Path> sources = HOUSE.files(name -> name.endsWith(".java"));
    assertThat(LONG_FILES.apply(Texts.longerThan(HOUSE, sources, LONG))).isEmpty();
  }

  private static List<Path> testSources() {
    List<Path> sources =
        HOUSE.files(name -> name.endsWith(".java")).stream()
            .filter(file -> HOUSE.relative(file).contains("src/test/"))
            .toList();
    assertThat(sources).as("sources of tests").isNotEmpty();
    return sources;
  }

  /** The checks against texts that break the rules. */
  @Nested
  class OnViolations {

    @TempDir Path folder;

    @Test
    void unfinishedText_inAnyForm_isFound() {
      assertThat(find(Texts.UNFINISHED, "// TO" + "DO: later", "fine", "<!-- FIX" + "ME -->"))
          .containsExactly("A.java:1 // TO" + "DO: later", "A.java:3 <!-- FIX" + "ME -->");
    }

    @Test
    void switchedOffTest_inAnyForm_isFound() {
      assertThat(find(Texts.SWITCHED_OFF, "@Dis" + "abled(\"x\")", "  @Ig" + "nore", "@Test"))
          .hasSize(2);
    }

    @Test
    void sleep_inAnyForm_isFound() {
      assertThat(
              find(
                  Texts.SLEEP,
                  "Thread.sl" + "eep(10);",
                  "TimeUnit.SECONDS.sl" + "eep(1);",
                  "Thread.sl" + "eep (Duration.ZERO)",
                  "int sleeps = 3; // asleep"))
          .hasSize(3);
    }

    @Test
    void longFile_byOneLine_isFound() {
      Sample sample =
          new Sample(folder).file("A.java", "a\n".repeat(5)).file("B.java", "b\n".repeat(6));
      assertThat(Texts.longerThan(sample.house(), sample.sources(), 5))
          .containsExactly("B.java has more than 5 lines");
    }

    @Test
    void exception_used_allowsItsFindingsOnly() {
      Exceptions exceptions = Exceptions.none().allow("a/One", "a reason");
      assertThat(exceptions.apply(List.of("a/One:1 x", "a/One:2 y", "a/Two:1 z")))
          .containsExactly("a/Two:1 z");
    }

    @Test
    void exception_unusedOrWithoutReason_isAProblem() {
      Exceptions exceptions = Exceptions.none().allow("a/One", "a reason");
      assertThat(exceptions.apply(List.of())).containsExactly("unused exception: a/One");
      assertThatIllegalArgumentException().isThrownBy(() -> Exceptions.none().allow("a", " "));
    }

    @Test
    void files_inBuildFolders_areLeftOut() {
      Sample sample =
          new Sample(folder)
              .file("target/A.java", "x")
              .file("m/target/B.java", "x")
              .file("m/C.java", "x");
      assertThat(sample.sources()).containsExactly(sample.path("m/C.java"));
    }

    private List<String> find(Pattern pattern, String... lines) {
      Sample sample = new Sample(folder).file("A.java", String.join("\n", lines));
      return Texts.find(sample.house(), sample.sources(), pattern);
    }
  }
}

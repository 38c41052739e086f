package dev.perfkit.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perfkit.docs.House.Module;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Proves that the Java in documents is that of executed tests and that links lead somewhere; and
 * that these checks find violations.
 */
class MarkdownTest {

  private static final House HOUSE = House.thisOne();

  @Test
  void readme_ofEachModuleThatIsUsed_exists() {
    assertThat(HOUSE.root().resolve("README.md")).exists();
    assertThat(HOUSE.modules())
        .filteredOn(Module::isJar)
        .filteredOn(module -> module.isPublished() || module.name().startsWith("examples/"))
        .isNotEmpty()
        .allSatisfy(
            module ->
                assertThat(Files.exists(module.folder().resolve("README.md")))
                    .as(module + "/README.md exists")
                    .isTrue());
  }

  @Test
  void javaBlocks_inDocuments_areRegionsOfExecutedTests() {
    assertThat(inEachDocument(Markdown::regions)).isEmpty();
  }

  @Test
  void links_inDocuments_leadSomewhere() {
    assertThat(inEachDocument(Markdown::links)).isEmpty();
  }

  private static List<String> inEachDocument(BiFunction<House, Path, List<String>> check) {
    List<Path> documents = HOUSE.files(name -> name.endsWith(".md"));
    assertThat(documents).as("documents").isNotEmpty();
    return documents.stream().flatMap(file -> check.apply(HOUSE, file).stream()).toList();
  }

  /** The checks against documents that break the rules. */
  @Nested
  class OnViolations {

    private static final String FENCE = "`".repeat(3);
    private static final String TAG = "<!-- region: m/src/test/java/ATest.java#one -->\n";

    @TempDir Path folder;

    @Test
    void region_equal_isAccepted() {
      String block = TAG + FENCE + "java\nint a = 1;\n\n  int b = 2;\n" + FENCE + "\n";
      assertThat(regions("text\n" + block)).isEmpty();
    }

    @Test
    void region_differentInOneSpace_isFound() {
      String block = TAG + FENCE + "java\nint a = 1;\n\n int b = 2;\n" + FENCE + "\n";
      assertThat(regions("text\n" + block))
          .containsExactly("README.md:3 the block differs from m/src/test/java/ATest.java#one");
    }

    @Test
    void region_withoutATagJustBefore_isFound() {
      assertThat(regions(FENCE + "java\nint a;\n" + FENCE))
          .containsExactly("README.md:1 the Java block has no region tag on the line before it");
      assertThat(regions(TAG + "\n" + FENCE + " Java\nint a;\n" + FENCE))
          .containsExactly("README.md:3 the Java block has no region tag on the line before it");
    }

    @Test
    void region_ofNoTest_isFound() {
      for (String source :
          List.of(
              "m/src/main/java/A.java",
              "m/src/test/java/Help.java",
              "m/src/test/java/BTest.java")) {
        assertThat(
                regions(
                    TAG.replace("m/src/test/java/ATest.java", source)
                        + FENCE
                        + "java\nint a;\n"
                        + FENCE))
            .containsExactly("README.md:2 " + source + "#one is not a test of this repository");
      }
    }

    @Test
    void region_unknownOrUnclosed_isFound() {
      for (String id : List.of("two", "open")) {
        assertThat(regions(TAG.replace("one", id) + FENCE + "java\nint a;\n" + FENCE))
            .containsExactly(
                "README.md:2 m/src/test/java/ATest.java#" + id + " is no region, or an empty one");
      }
    }

    @Test
    void block_thatDoesNotEnd_isFound() {
      assertThat(regions(FENCE + "sh\nmvn verify\n"))
          .containsExactly("README.md has a block that does not end");
    }

    @Test
    void block_ofAnotherLanguage_needsNoTag() {
      assertThat(
              regions(FENCE + "sh\nmvn verify\n" + FENCE + "\n" + FENCE + "javascript\n" + FENCE))
          .isEmpty();
    }

    @Test
    void links_toFilesAndHeadings_areAccepted() {
      assertThat(
              links(
                  """
                  # The `first` Heading: one, two
                  ## Again
                  ## Again
                  [a](docs/other.md) ![b](docs/ "title") [c](#again-1) [d](#the-first-heading-one-two)
                  [e](docs/other.md#over-there), <https://example.org>, [f](https://example.org/x#y)
                  [g]: docs/other.md
                  `[no](link.md)`
                  """))
          .isEmpty();
    }

    @Test
    void links_thatLeadNowhere_areFound() {
      assertThat(
              links(
                  """
                  [a](docs/gone.md) and [b](docs/other.md#gone)
                  [c](#gone) [d](/docs/other.md) [e](../outside.md)
                  [f]: gone.md
                  """))
          .containsExactly(
              "README.md:1 the link to docs/gone.md leads nowhere",
              "README.md:1 the link to docs/other.md#gone leads to no heading",
              "README.md:2 the link to #gone leads to no heading",
              "README.md:2 the link to /docs/other.md leads nowhere",
              "README.md:2 the link to ../outside.md leads nowhere",
              "README.md:3 the link to gone.md leads nowhere");
    }

    private List<String> regions(String document) {
      Sample sample = sample(document);
      return Markdown.regions(sample.house(), sample.path("README.md"));
    }

    private List<String> links(String document) {
      Sample sample = sample(document);
      return Markdown.links(sample.house(), sample.path("README.md"));
    }

    private Sample sample(String document) {
      return new Sample(folder)
          .file("README.md", document)
          .file("docs/other.md", "# Over there\n")
          .file("m/src/main/java/A.java", "// region: one\nint a;\n// endregion: one\n")
          .file("m/src/test/java/Help.java", "// region: one\nint a;\n// endregion: one\n")
          .file(
              "m/src/test/java/ATest.java",
              """
                  // region: one
                  // region: inner
                  int a = 1;
                  // endregion: inner

                    int b = 2;

                  // endregion: one
                  // region: open
                  int c = 3;
              """);
    }
  }
}

package dev.perfkit.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perfkit.docs.House.Module;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Proves that the BOM is complete, that published poms say what they are, and that no module
 * depends on one beside it; and that these checks find violations.
 */
class PomsTest {

  private static final House HOUSE = House.thisOne();

  @Test
  void reactor_always_hasTheModulesWeKnow() {
    assertThat(HOUSE.published())
        .extracting(Module::artifactId)
        .contains("perf-bom", "perf-spi", "perf-testkit", "perf-cache");
    assertThat(HOUSE.modules())
        .extracting(Module::artifactId)
        .as("docs looks at all others, so it is built last")
        .endsWith("docs");
    assertThat(HOUSE.published()).extracting(Module::artifactId).doesNotContain("docs");
  }

  @Test
  void bom_always_listsExactlyThePublishedModules() {
    assertThat(Poms.bom(HOUSE)).isEmpty();
  }

  @Test
  void publishedPoms_always_sayWhatTheyAre() {
    assertThat(Poms.metadata(HOUSE)).isEmpty();
  }

  @Test
  void dependencies_always_pointDown() {
    assertThat(Poms.floors(HOUSE)).isEmpty();
  }

  /** The checks against poms that break the rules. */
  @Nested
  class OnViolations {

    private static final String COMPLETE =
        "<name>n</name><description>d</description>"
            + "<licenses><license><name>l</name><url>u</url></license></licenses>";

    @TempDir Path folder;

    @Test
    void bom_missingTooManyOrWrongVersion_isFound() {
      Sample sample = reactor("perf-spi", "perf-cache", "perf-bom", "example");
      sample
          .file("perf-spi/pom.xml", pom("perf-spi", ""))
          .file("perf-cache/pom.xml", pom("perf-cache", ""))
          .file(
              "example/pom.xml",
              pom(
                  "example",
                  "<properties><maven.deploy.skip>true</maven.deploy.skip></properties>"))
          .file(
              "perf-bom/pom.xml",
              pom(
                  "perf-bom",
                  "<parent/><version>1</version><packaging>pom</packaging><dependencyManagement>"
                      + dependencies(
                          dependency("perf-spi", "<version>1</version>"),
                          dependency("example", "<version>${project.version}</version>"))
                      + "</dependencyManagement>"));
      assertThat(Poms.bom(sample.house()))
          .containsExactly(
              "perf-cache is published but not in the BOM",
              "example is in the BOM but not published",
              "perf-spi must be dev.perfkit in version ${project.version}",
              "the BOM is version 1 but the build is 2",
              "the BOM has a parent, whose managed versions would leak to its users");
    }

    @Test
    void bom_absent_isFound() {
      assertThat(Poms.bom(reactor().house())).containsExactly("perf-bom/pom.xml is missing");
    }

    @Test
    void metadata_missing_isFoundInPublishedPoms() {
      Sample sample = reactor("a", "b", "c");
      sample
          .file("a/pom.xml", pom("a", "<name>a</name><description> </description>"))
          .file("b/pom.xml", pom("b", COMPLETE))
          .file(
              "c/pom.xml",
              pom("c", "<properties><maven.deploy.skip>true</maven.deploy.skip></properties>"));
      assertThat(Poms.metadata(sample.house()))
          .containsExactly(
              "a/pom.xml has no description",
              "a/pom.xml has no licenses/license/name",
              "a/pom.xml has no licenses/license/url");
    }

    @Test
    void floors_crossedEvenInTests_areFound() {
      String test = "<scope>test</scope>";
      Sample sample = reactor("perf-spi", "perf-cache", "perf-testkit");
      sample
          .file(
              "perf-spi/pom.xml",
              pom(
                  "perf-spi",
                  dependencies(
                      dependency("perf-testkit", test),
                      library("guava", ""),
                      library("junit", test),
                      library("jspecify", ""))))
          .file(
              "perf-cache/pom.xml",
              pom(
                  "perf-cache",
                  dependencies(
                      dependency("perf-spi", ""),
                      dependency("perf-testkit", test),
                      dependency("perf-pool", test),
                      library("guava", ""))))
          .file(
              "perf-testkit/pom.xml",
              pom(
                  "perf-testkit",
                  dependencies(dependency("perf-spi", ""), dependency("perf-cache", test))));
      assertThat(Poms.floors(sample.house()))
          .containsExactly(
              "perf-spi must not depend on perf-testkit in tests",
              "perf-spi must not depend on guava: perf-spi knows JSpecify only",
              "perf-cache must not depend on perf-pool in tests",
              "perf-testkit must not depend on perf-cache in tests");
    }

    private Sample reactor(String... modules) {
      StringBuilder list = new StringBuilder("<version>2</version><modules>");
      for (String module : modules) {
        list.append("<module>").append(module).append("</module>");
      }
      return new Sample(folder).file("pom.xml", pom("parent", list + "</modules>"));
    }

    private static String pom(String artifactId, String more) {
      return "<project><artifactId>" + artifactId + "</artifactId>" + more + "</project>";
    }

    private static String dependencies(String... each) {
      return "<dependencies>" + String.join("", each) + "</dependencies>";
    }

    private static String dependency(String artifactId, String more) {
      return "<dependency><groupId>dev.perfkit</groupId><artifactId>"
          + artifactId
          + "</artifactId>"
          + more
          + "</dependency>";
    }

    private static String library(String artifactId, String more) {
      return dependency(artifactId, more).replace("dev.perfkit", "org.other");
    }
  }
}

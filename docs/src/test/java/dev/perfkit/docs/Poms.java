package dev.perfkit.docs;

import dev.perfkit.docs.House.Module;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What the poms must say. Each method returns the problems it finds. */
final class Poms {

  private Poms() {}

  /** The BOM lists exactly the published modules, in the version of the build. */
  static List<String> bom(House house) {
    Xml bom =
        house.root().resolve("perf-bom/pom.xml").toFile().exists()
            ? Xml.of(house.root().resolve("perf-bom/pom.xml"))
            : null;
    if (bom == null) {
      return List.of("perf-bom/pom.xml is missing");
    }
    List<Xml> entries = bom.all("dependencyManagement/dependencies/dependency");
    Set<String> listed = new TreeSet<>(entries.stream().map(e -> e.text("artifactId")).toList());
    Set<String> published =
        new TreeSet<>(house.publishedJars().stream().map(Module::artifactId).toList());
    List<String> problems = new ArrayList<>();
    published.stream()
        .filter(id -> !listed.contains(id))
        .forEach(id -> problems.add(id + " is published but not in the BOM"));
    listed.stream()
        .filter(id -> !published.contains(id))
        .forEach(id -> problems.add(id + " is in the BOM but not published"));
    entries.stream()
        .filter(
            e ->
                !e.text("version").equals("${project.version}")
                    || !e.text("groupId").equals("dev.perfkit"))
        .forEach(
            e ->
                problems.add(
                    e.text("artifactId") + " must be dev.perfkit in version ${project.version}"));
    String version = Xml.of(house.root().resolve("pom.xml")).text("version");
    if (!bom.text("version").equals(version)) {
      problems.add("the BOM is version " + bom.text("version") + " but the build is " + version);
    }
    if (!bom.all("parent").isEmpty()) {
      problems.add("the BOM has a parent, whose managed versions would leak to its users");
    }
    return problems;
  }

  /** Every published pom says what it is and under which licence, by itself. */
  static List<String> metadata(House house) {
    List<String> problems = new ArrayList<>();
    for (Module module : house.published()) {
      for (String element :
          List.of("name", "description", "licenses/license/name", "licenses/license/url")) {
        if (module.pom().text(element).isBlank()) {
          problems.add(module + "/pom.xml has no " + element);
        }
      }
    }
    return problems;
  }

  /** Features stand on the contracts only; the testkit helps their tests; not even tests cross. */
  static List<String> floors(House house) {
    List<String> problems = new ArrayList<>();
    for (Module module : house.publishedJars()) {
      for (Xml dependency : module.pom().all("dependencies/dependency")) {
        String problem = floorProblem(module, dependency);
        if (!problem.isEmpty()) {
          problems.add(module + " must not depend on " + problem);
        }
      }
    }
    return problems;
  }

  private static String floorProblem(Module module, Xml dependency) {
    String artifact = dependency.text("artifactId");
    boolean inTests = dependency.text("scope").equals("test");
    if (!dependency.text("groupId").equals("dev.perfkit")) {
      boolean allowed =
          !module.artifactId().equals("perf-spi") || inTests || artifact.equals("jspecify");
      return allowed ? "" : artifact + ": perf-spi knows JSpecify only";
    }
    if (artifact.equals("perf-spi")) {
      return "";
    }
    return artifact.equals("perf-testkit") && inTests && module.isFeature()
        ? ""
        : artifact + (inTests ? " in tests" : "");
  }
}

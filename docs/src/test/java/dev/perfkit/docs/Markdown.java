package dev.perfkit.docs;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What documents must keep true: a Java block is the region of an executed test that the line above
 * it names, and links lead somewhere.
 */
final class Markdown {

  private static final Pattern TAG = Pattern.compile("<!-- region: (\\S+)#(\\S+) -->");
  private static final Pattern JAVA =
      Pattern.compile("^\\s*(```|~~~)\\s*java\\b.*", Pattern.CASE_INSENSITIVE);
  private static final Pattern FENCE = Pattern.compile("^\\s*(```|~~~).*");
  private static final Pattern EXECUTED = Pattern.compile("(.+/)?src/test/java/.*(Test|IT)\\.java");
  private static final Pattern MARKER = Pattern.compile("\\s*// (end)?region: \\S+\\s*");
  private static final Pattern LINK =
      Pattern.compile("\\[[^\\]]*\\]\\(\\s*<?([^)\\s>]+)>?(?:\\s+\"[^\"]*\")?\\s*\\)");
  private static final Pattern REFERENCE = Pattern.compile("^\\s*\\[[^\\]]+\\]:\\s+(\\S+).*");
  private static final Pattern ELSEWHERE = Pattern.compile("^[a-z][a-z0-9+.-]*:.*");

  private Markdown() {}

  /** Every Java block is tagged, and equals the region of the test that it names. */
  static List<String> regions(House house, Path file) {
    List<String> problems = new ArrayList<>();
    List<String> lines = House.lines(file);
    boolean inside = false;
    for (int i = 0; i < lines.size(); i++) {
      boolean fence = FENCE.matcher(lines.get(i)).matches();
      if (fence && !inside && JAVA.matcher(lines.get(i)).matches()) {
        String problem = regionProblem(house, lines, i);
        if (!problem.isEmpty()) {
          problems.add(house.relative(file) + ":" + (i + 1) + " " + problem);
        }
      }
      inside ^= fence;
    }
    if (inside) {
      problems.add(house.relative(file) + " has a block that does not end");
    }
    return problems;
  }

  /** Every link to a file or a heading of this repository leads there. */
  static List<String> links(House house, Path file) {
    List<String> problems = new ArrayList<>();
    List<String> prose = prose(House.lines(file));
    for (int i = 0; i < prose.size(); i++) {
      for (String target : targets(prose.get(i))) {
        String problem = linkProblem(house, file, target);
        if (!problem.isEmpty()) {
          problems.add(house.relative(file) + ":" + (i + 1) + " " + problem);
        }
      }
    }
    return problems;
  }

  private static String regionProblem(House house, List<String> lines, int fence) {
    Matcher tag = TAG.matcher(fence == 0 ? "" : lines.get(fence - 1).strip());
    if (!tag.matches()) {
      return "the Java block has no region tag on the line before it";
    }
    String where = tag.group(1) + "#" + tag.group(2);
    Path source = house.root().resolve(tag.group(1));
    if (!EXECUTED.matcher(tag.group(1)).matches() || !Files.isRegularFile(source)) {
      return where + " is not a test of this repository";
    }
    List<String> region = region(House.lines(source), tag.group(2));
    if (region.isEmpty()) {
      return where + " is no region, or an empty one";
    }
    return trimmed(block(lines, fence)).equals(region) ? "" : "the block differs from " + where;
  }

  private static List<String> block(List<String> lines, int fence) {
    int end = fence + 1;
    while (end < lines.size() && !FENCE.matcher(lines.get(end)).matches()) {
      end++;
    }
    return lines.subList(fence + 1, end);
  }

  /** Returns the lines between the markers of a region, without their common indent. */
  static List<String> region(List<String> source, String id) {
    int start = indexOf(source, "// region: " + id);
    int end = indexOf(source, "// endregion: " + id);
    if (start < 0 || end < start) {
      return List.of();
    }
    List<String> lines =
        source.subList(start + 1, end).stream()
            .filter(line -> !MARKER.matcher(line).matches())
            .toList();
    int indent =
        lines.stream().filter(line -> !line.isBlank()).mapToInt(Markdown::indent).min().orElse(0);
    return trimmed(
        lines.stream().map(line -> line.isBlank() ? "" : line.substring(indent)).toList());
  }

  private static int indexOf(List<String> source, String marker) {
    for (int i = 0; i < source.size(); i++) {
      if (source.get(i).strip().equals(marker)) {
        return i;
      }
    }
    return -1;
  }

  private static int indent(String line) {
    return line.length() - line.stripLeading().length();
  }

  private static List<String> trimmed(List<String> lines) {
    int start = 0;
    int end = lines.size();
    while (start < end && lines.get(start).isBlank()) {
      start++;
    }
    while (end > start && lines.get(end - 1).isBlank()) {
      end--;
    }
    return lines.subList(start, end);
  }

  /** Returns the lines with blocks and inline code blanked out. */
  private static List<String> prose(List<String> lines) {
    List<String> prose = new ArrayList<>();
    boolean inside = false;
    for (String line : lines) {
      boolean fence = FENCE.matcher(line).matches();
      prose.add(inside || fence ? "" : line.replaceAll("`[^`]*`", "code"));
      inside ^= fence;
    }
    return prose;
  }

  private static List<String> targets(String line) {
    List<String> targets = new ArrayList<>();
    Matcher reference = REFERENCE.matcher(line);
    if (reference.matches()) {
      targets.add(reference.group(1));
    }
    Matcher link = LINK.matcher(line);
    while (link.find()) {
      targets.add(link.group(1));
    }
    return targets;
  }

  private static String linkProblem(House house, Path file, String target) {
    if (ELSEWHERE.matcher(target).matches()) {
      return "";
    }
    int hash = target.indexOf('#');
    String path = hash < 0 ? target : target.substring(0, hash);
    Path to = path.isEmpty() ? file : file.resolveSibling(path).normalize();
    if (path.startsWith("/") || !to.startsWith(house.root()) || !Files.exists(to)) {
      return "the link to " + target + " leads nowhere";
    }
    boolean anchored = hash >= 0 && to.toString().endsWith(".md");
    return anchored && !anchors(House.lines(to)).contains(target.substring(hash + 1))
        ? "the link to " + target + " leads to no heading"
        : "";
  }

  /** Returns the anchors of the headings, as repository hosts make them. */
  static Set<String> anchors(List<String> lines) {
    Set<String> anchors = new HashSet<>();
    boolean inside = false;
    for (String line : lines) {
      inside ^= FENCE.matcher(line).matches();
      if (!inside && line.matches("#{1,6} .*")) {
        String plain = line.replaceFirst("^#+ ", "").replaceAll("\\[([^\\]]*)\\]\\([^)]*\\)", "$1");
        String anchor =
            plain
                .strip()
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N}_ -]", "")
                .replace(' ', '-');
        String unique = anchor;
        for (int i = 1; !anchors.add(unique); i++) {
          unique = anchor + "-" + i;
        }
      }
    }
    return anchors;
  }
}

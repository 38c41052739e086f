package dev.perfkit.docs;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;

/** What lines of text must not hold. */
final class Texts {

  // Written in two parts, so that this file does not hold what it looks for.
  static final Pattern UNFINISHED = Pattern.compile("\\b(TO" + "DO|FIX" + "ME|X" + "XX)\\b");
  static final Pattern SWITCHED_OFF = Pattern.compile("@(Dis" + "abled|Ig" + "nore)\\b");
  static final Pattern SLEEP =
      Pattern.compile(
          "\\bThread\\s*\\.\\s*sl"
              + "eep\\s*\\(|\\b(NANO|MICRO|MILLI)?SECONDS\\s*\\.\\s*sl"
              + "eep\\s*\\(");

  private Texts() {}

  /** Returns where a pattern is found, as {@code path:line text}. */
  static List<String> find(House house, Collection<Path> files, Pattern pattern) {
    List<String> found = new ArrayList<>();
    for (Path file : files) {
      List<String> lines = House.lines(file);
      for (int i = 0; i < lines.size(); i++) {
        if (pattern.matcher(lines.get(i)).find()) {
          found.add(house.relative(file) + ":" + (i + 1) + " " + lines.get(i).strip());
        }
      }
    }
    return found;
  }

  /** Returns the files that are longer than a reader's patience. */
  static List<String> longerThan(House house, Collection<Path> files, int lines) {
    return files.stream()
        .filter(file -> House.lines(file).size() > lines)
        .map(file -> house.relative(file) + " has more than " + lines + " lines")
        .toList();
  }
}

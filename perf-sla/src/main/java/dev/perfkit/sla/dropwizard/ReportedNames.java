package dev.perfkit.sla.dropwizard;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The names that metrics of a registry have in a telemetry, whose alphabet is smaller. */
final class ReportedNames {

  private ReportedNames() {}

  /**
   * Returns lower-case words joined by dots: other characters than letters, digits and {@code _}
   * become {@code _}, and a word that does not begin with a letter gets an {@code n} in front.
   */
  static String of(String name) {
    String words =
        Arrays.stream(name.toLowerCase(Locale.ROOT).split("\\.", -1))
            .filter(word -> !word.isEmpty())
            .map(word -> word.replaceAll("[^a-z0-9_]", "_"))
            .map(word -> Character.isLetter(word.charAt(0)) ? word : "n" + word)
            .collect(Collectors.joining("."));
    return words.isEmpty() ? "unnamed" : words;
  }
}

package dev.perfkit.sla;

import dev.perfkit.spi.Beta;
import java.time.Instant;
import java.util.Objects;

/**
 * Keeps alerts from being told for a while, such as those of a fault that is known. They are judged
 * and shown all the same, and what still fires when the silence ends is told then. Immutable.
 *
 * <p>In each pattern a star stands for any text, so {@code *} is everything.
 *
 * @param service which services, or other subjects, such as {@code api} or {@code pool=*}
 * @param objective which objectives or signals
 * @param rule which rules, such as {@code burn-*}
 * @param until when it ends, by the wall clock
 * @param reason why, for people; at most 200 characters
 * @param author who decided it; at most 200 characters
 */
@Beta
public record Silence(
    String service, String objective, String rule, Instant until, String reason, String author) {

  /**
   * Checks each value.
   *
   * @throws IllegalArgumentException if a text is blank or over 200 characters
   */
  public Silence {
    Objectives.name("service", service);
    Objectives.name("objective", objective);
    Objectives.name("rule", rule);
    Objects.requireNonNull(until, "until");
    Objectives.name("reason", reason);
    Objectives.name("author", author);
  }

  /**
   * Returns a silence of every alert of some services.
   *
   * @throws IllegalArgumentException if a text is blank or over 200 characters
   */
  public static Silence of(String service, Instant until, String reason, String author) {
    return new Silence(service, "*", "*", until, reason, author);
  }

  /** Returns whether it is about an alert. */
  public boolean matches(Alert alert) {
    return matches(service, alert.service())
        && matches(objective, alert.objective())
        && matches(rule, alert.rule());
  }

  /** Goes back to the last star only, so it takes no longer than both lengths multiplied. */
  private static boolean matches(String pattern, String text) {
    int at = 0;
    int star = -1;
    int resume = 0;
    for (int i = 0; i < text.length(); ) {
      if (at < pattern.length() && pattern.charAt(at) == '*') {
        star = at++;
        resume = i;
      } else if (at < pattern.length() && pattern.charAt(at) == text.charAt(i)) {
        at++;
        i++;
      } else if (star >= 0) {
        at = star + 1;
        i = ++resume;
      } else {
        return false;
      }
    }
    return pattern.substring(at).chars().allMatch(rest -> rest == '*');
  }
}

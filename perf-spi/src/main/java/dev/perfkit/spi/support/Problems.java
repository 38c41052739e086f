package dev.perfkit.spi.support;

import java.util.ArrayList;
import java.util.List;

/**
 * Collects what is wrong with a configuration as a whole, so that {@code build()} reports every
 * problem at once. For one thread.
 */
public final class Problems {

  private final String subject;
  private final List<String> lines = new ArrayList<>();

  private Problems(String subject) {
    this.subject = subject;
  }

  /** Returns an empty collection about a subject, such as {@code cache 'users'}. */
  public static Problems of(String subject) {
    return new Problems(subject);
  }

  /** Notes {@code <property> must <rule> but was <value>} unless the rule holds. */
  public Problems require(boolean holds, String property, String rule, Object value) {
    if (!holds) {
      lines.add(Options.message(property, rule, value));
    }
    return this;
  }

  /**
   * Throws if anything was noted.
   *
   * @throws IllegalArgumentException with the subject and one line for each problem
   */
  public void throwIfAny() {
    if (!lines.isEmpty()) {
      throw new IllegalArgumentException(
          subject + " is not configured correctly:\n- " + String.join("\n- ", lines));
    }
  }
}

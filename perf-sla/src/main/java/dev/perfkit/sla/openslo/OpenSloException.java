package dev.perfkit.sla.openslo;

import dev.perfkit.spi.Beta;
import java.util.List;
import java.util.stream.Collectors;

/** An OpenSLO text that is not understood; nothing of it is used. The message has all problems. */
@Beta
public final class OpenSloException extends IllegalArgumentException {

  private static final long serialVersionUID = 1L;

  private final transient List<Problem> problems;

  /**
   * One thing that is wrong.
   *
   * @param line where in the text, from 1; 0 for the text as a whole
   * @param field which field, such as {@code spec.objectives[0].target}; empty if it is none
   * @param rule what must hold, and what was found
   */
  @Beta
  public record Problem(int line, String field, String rule) {

    /** Returns line, field and rule as a sentence. */
    @Override
    public String toString() {
      return (line == 0 ? "" : "line " + line + ": ")
          + (field.isEmpty() ? "it" : field)
          + " "
          + rule;
    }
  }

  OpenSloException(List<Problem> problems) {
    super(
        problems.stream()
            .map(Problem::toString)
            .collect(Collectors.joining("\n- ", "OpenSLO text is not understood:\n- ", "")));
    this.problems = List.copyOf(problems);
  }

  /** Returns what is wrong, in the order it was found; at most 100; unmodifiable. */
  public List<Problem> problems() {
    return problems == null ? List.of() : problems;
  }
}

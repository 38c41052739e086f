package dev.perfkit.compress;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a client accepts.
 *
 * @param weights of the built-in codings, as {@link AcceptEncoding} reads them
 * @param lines the field itself, for codings without a place there; empty if none is offered
 */
record Accepted(long weights, List<String> lines) {

  /**
   * Reads all field lines.
   *
   * @param keepLines whether a coding is offered that has no slot
   */
  static Accepted of(@Nullable Collection<String> lines, boolean keepLines) {
    List<String> kept = List.of();
    if (keepLines && lines != null) {
      kept = new ArrayList<>(lines.size());
      for (String line : lines) {
        kept.add(line == null ? "" : line);
      }
    }
    return new Accepted(AcceptEncoding.parse(lines), kept);
  }

  @Nullable Coding choose(List<Coding> offered) {
    return AcceptEncoding.choose(weights, lines, offered);
  }

  boolean acceptsAny(List<Coding> offered) {
    return AcceptEncoding.acceptsAny(weights, lines, offered);
  }

  boolean forbidsIdentity() {
    return AcceptEncoding.forbidsIdentity(weights);
  }
}

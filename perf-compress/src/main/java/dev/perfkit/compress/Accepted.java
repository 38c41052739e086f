package dev.perfkit.compress;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a client accepts.
 *
 * @param weights of the built-in codings, as {@link AcceptEncoding} reads them
 * @param lines the field itself, for codings without a place there; empty if none is offered
 * @param offer what the client has a dictionary for; null if it has none of ours
 */
record Accepted(long weights, List<String> lines, @Nullable DictionaryOffer offer) {

  /**
   * Reads all field lines.
   *
   * @param keepLines whether a coding is offered that has no slot
   * @param offer what the client has a dictionary for
   */
  static Accepted of(
      @Nullable Collection<String> lines, boolean keepLines, @Nullable DictionaryOffer offer) {
    List<String> kept = List.of();
    if ((keepLines || offer != null) && lines != null) {
      kept = new ArrayList<>(lines.size());
      for (String line : lines) {
        kept.add(line == null ? "" : line);
      }
    }
    return new Accepted(AcceptEncoding.parse(lines), kept, offer);
  }

  @Nullable Coding choose(List<Coding> offered) {
    return AcceptEncoding.choose(weights, lines, withDictionary(offered));
  }

  boolean acceptsAny(List<Coding> offered) {
    return AcceptEncoding.acceptsAny(weights, lines, withDictionary(offered));
  }

  boolean accepts(Coding coding) {
    return AcceptEncoding.acceptsAny(weights, lines, List.of(coding));
  }

  /** A dictionary is the best there is, so its codings come first. */
  private List<Coding> withDictionary(List<Coding> offered) {
    return offer == null
        ? offered
        : Stream.concat(offer.codings().stream(), offered.stream()).toList();
  }

  /** Returns the rules of tags for this client. */
  TagRules tags(TagRules plain) {
    return offer == null ? plain : offer.tags();
  }

  boolean forbidsIdentity() {
    return AcceptEncoding.forbidsIdentity(weights);
  }
}

package dev.perfkit.compress;

import dev.perfkit.spi.Knob;
import dev.perfkit.spi.Telemetry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a compressor has for its dictionaries: a lane for each of them and each coding. */
final class DictionaryLanes implements AutoCloseable {

  /** How many there may be: each takes native memory for its contexts. */
  static final int MOST_DICTIONARIES = 64;

  private final List<DictionaryOffer> offers = new ArrayList<>();
  private final List<Coding> codings;

  /**
   * @param codings those whose library works
   * @param levels by coding
   * @param tags of bodies without a dictionary
   * @param beside what else changes the bytes
   */
  DictionaryLanes(
      String compressor,
      List<Dictionary> dictionaries,
      List<Coding> codings,
      Map<Coding, Integer> levels,
      TagRules tags,
      List<String> beside,
      Telemetry telemetry) {
    this.codings = dictionaries.isEmpty() ? List.of() : codings;
    for (Dictionary dictionary : dictionaries) {
      List<Lane> lanes =
          this.codings.stream()
              .map(
                  coding ->
                      new Lane(
                          compressor,
                          codec(coding, dictionary),
                          levels.get(coding),
                          dictionary.shortHash(),
                          telemetry))
              .toList();
      offers.add(new DictionaryOffer(dictionary, lanes, tags(tags, lanes, beside)));
    }
  }

  private static Codec codec(Coding coding, Dictionary dictionary) {
    return coding.equals(Coding.DICTIONARY_ZSTD)
        ? new DictionaryZstdCodec(dictionary)
        : new DictionaryBrotliCodec(dictionary);
  }

  private static TagRules tags(TagRules plain, List<Lane> lanes, List<String> beside) {
    Map<Coding, String> fingerprints = new HashMap<>();
    if (plain.policy() == EntityTagPolicy.SUFFIX) {
      lanes.forEach(lane -> fingerprints.put(lane.coding(), lane.fingerprint(beside)));
    }
    return plain.with(
        lanes.stream().map(Lane::coding).toList(),
        coding -> {
          String ours = fingerprints.get(coding);
          return ours == null ? plain.fingerprint().apply(coding) : ours;
        });
  }

  /** Returns the codings that bodies may have with a dictionary. */
  List<Coding> codings() {
    return codings;
  }

  DictionaryRules rules(boolean assumeTls) {
    return codings.isEmpty()
        ? DictionaryRules.NONE
        : new DictionaryRules(List.copyOf(offers), assumeTls);
  }

  /** Returns the lane of a decision; null if it is without a dictionary, or with one of others. */
  @Nullable Lane lane(Decision decision) {
    DictionaryOffer offer = decision.offer();
    return offer != null && offers.contains(offer) ? offer.lane(decision.coding()) : null;
  }

  /** Returns a lane of a coding; null if there is none. */
  @Nullable Lane any(Coding coding) {
    return offers.isEmpty() ? null : offers.get(0).lane(coding);
  }

  /** Returns one knob for each coding: the level with whatever dictionary. */
  List<Knob> knobs() {
    List<Knob> knobs = new ArrayList<>();
    for (Coding coding : codings) {
      List<Knob> each =
          offers.stream()
              .map(offer -> offer.lane(coding))
              .flatMap(Stream::ofNullable)
              .map(Lane::knob)
              .toList();
      Knob first = each.get(0);
      knobs.add(
          Knob.of(
              first.name(),
              first.unit(),
              first.min(),
              first.max(),
              first.step(),
              first::value,
              value -> each.forEach(knob -> knob.set(value))));
    }
    return knobs;
  }

  List<Lane> lanes() {
    return offers.stream().flatMap(offer -> offer.lanes().stream()).toList();
  }

  @Override
  public void close() {
    lanes().forEach(Lane::close);
  }
}

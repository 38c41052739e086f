package dev.perfkit.compress;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What can be done with a dictionary.
 *
 * @param lanes of the codings that use it, the best first
 * @param tags of bodies encoded with it, and of all others
 */
record DictionaryOffer(Dictionary dictionary, List<Lane> lanes, TagRules tags) {

  List<Coding> codings() {
    return lanes.stream().map(Lane::coding).toList();
  }

  @Nullable Lane lane(Coding coding) {
    for (Lane lane : lanes) {
      if (lane.coding().equals(coding)) {
        return lane;
      }
    }
    return null;
  }
}

package dev.perfkit.sla;

import java.util.ArrayList;
import java.util.List;

/**
 * Names for the pairs of totals in a ledger, good and bad, that say what they count; so counts are
 * found again when objectives were added, removed or put in another order. Of timeslices the name
 * holds all that decides which are good.
 */
final class Columns {

  private Columns() {}

  /** Returns the names, in the order of the ledger. */
  static List<String> of(List<Slo> objectives) {
    List<String> names = new ArrayList<>();
    for (Indicator indicator : Indicator.of(objectives)) {
      names.add("requests/" + indicator.thresholdNanos());
    }
    for (Slo slo : objectives) {
      slo.timeslice().ifPresent(length -> names.add("slices/" + slices(slo)));
    }
    return names;
  }

  /** Returns for each total of the present ledger where it is in the saved one; -1 if nowhere. */
  static int[] mapping(List<String> present, List<String> saved) {
    int[] from = new int[2 * present.size()];
    for (int i = 0; i < present.size(); i++) {
      int found = saved.indexOf(present.get(i));
      from[2 * i] = found < 0 ? -1 : 2 * found;
      from[2 * i + 1] = found < 0 ? -1 : 2 * found + 1;
    }
    return from;
  }

  private static String slices(Slo slo) {
    StringBuilder name = new StringBuilder(slo.name());
    slo.timeslice().ifPresent(length -> name.append('/').append(Durations.brief(length)));
    name.append('/').append(slo.kind()).append('/').append(slo.emptyTimeslices());
    name.append('/').append(slo.timesliceShare().toPlainString());
    slo.threshold().ifPresent(limit -> name.append('/').append(Durations.brief(limit)));
    slo.floor().ifPresent(floor -> name.append('/').append(floor));
    slo.parts().forEach(part -> name.append('(').append(slices(part)).append(')'));
    return name.toString();
  }
}

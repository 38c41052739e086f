package dev.perfkit.sla.openslo;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;

/**
 * Proves that any text is read or refused with problems. Runs its seeds in every build; searches
 * when {@code JAZZER_FUZZ=1}.
 */
class OpenSloFuzzTest {

  @FuzzTest
  void parse_anyText_isReadOrRefused(FuzzedDataProvider data) {
    try {
      OpenSlo.parse(data.consumeRemainingAsString());
    } catch (OpenSloException refused) {
      if (refused.problems().isEmpty()) {
        throw new AssertionError("refused without a reason", refused);
      }
    }
  }
}

package dev.perfkit.sla;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;

/**
 * Proves that no bytes, however they came to their right checksum, make reading a snapshot fail
 * otherwise than as damage, and that what is read can be asked, merged and written. Runs its seeds
 * in every build; searches when {@code JAZZER_FUZZ=1}.
 */
class SnapshotFuzzTest {

  private static final byte[] HEAD = {'P', 'S', 'L', 'S', 1, 1};

  @FuzzTest
  void of_anyBytes_isReadOrRefused(FuzzedDataProvider data) {
    StateWriter bytes = new StateWriter().raw(HEAD).raw(data.consumeRemainingAsBytes()).fixed32(0);
    try {
      ask(ServiceSnapshot.of(ServiceSnapshotTest.signed(bytes.toBytes())));
    } catch (SnapshotException refused) {
      // That is the other answer.
    }
  }

  private static void ask(ServiceSnapshot snapshot) {
    snapshot.percentile(0.99);
    snapshot.mean();
    if (!ServiceSnapshot.of(snapshot.toBytes()).equals(snapshot)) {
      throw new AssertionError("it reads back as another");
    }
    if (snapshot.instances() <= ServiceSnapshot.MOST_INSTANCES / 2
        && snapshot.merge(snapshot).count() != 2 * snapshot.count()) {
      throw new AssertionError("a merge does not add");
    }
  }
}

package dev.perfkit.sla;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * Proves that no record, however it came to its right checksum, makes reading fail otherwise than
 * as damage, and that what is read can be asked. Runs its seeds in every build; searches when
 * {@code JAZZER_FUZZ=1}.
 */
class StateFileFuzzTest {

  private static final Slo FAST = Slo.latency(0.9, Duration.ofMillis(150));

  @FuzzTest
  void record_anyBytes_isReadOrDamage(FuzzedDataProvider data) {
    SavedState state = new SavedState();
    byte[] records = data.consumeRemainingAsBytes();
    try {
      for (int at = 0; at + 2 < records.length; ) {
        int length = (records[at] & 0xFF) << 8 | (records[at + 1] & 0xFF);
        int end = Math.min(records.length, at + 2 + Math.max(1, length));
        state.record(Arrays.copyOfRange(records, at + 2, end));
        at = end;
      }
    } catch (StateDamage damage) {
      // What came before the damage is kept and must be sound.
    }
    state.services().values().forEach(StateFileFuzzTest::ask);
  }

  private static void ask(SavedService saved) {
    List<Slo> objectives = List.of(Slo.availability(0.99), FAST);
    List<Long> thresholds = Objectives.thresholds(objectives);
    Layout layout = Layout.withThresholds(thresholds);
    long now = saved.end() + 1_000_000_000L;
    History history = saved.history(layout, true, thresholds, now);
    Tally tally = new Tally(Workspace.MOST_CELLS);
    history.addSince(now - Window.ONE_HOUR.length().toNanos(), tally);
    Ledger ledger = saved.ledger(Columns.of(objectives), now);
    if (ledger.end() < ledger.start()) {
      throw new AssertionError("a ledger ends before it starts");
    }
  }
}

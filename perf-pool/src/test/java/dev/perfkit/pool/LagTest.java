package dev.perfkit.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perfkit.testkit.FakeTimeSource;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/**
 * Proves the arithmetic of lag: ages of positions against a plain map, the gate's two thresholds,
 * the rate of fallbacks, and positions without empty pages.
 */
class LagTest {

  @Property
  void ageBeyond_fewPositions_isThatOfThePlainMap(
      @ForAll @Size(max = 100) List<@LongRange(min = 0, max = 1_000) Long> lsns,
      @ForAll @LongRange(min = 0, max = 1_000) long forgotten,
      @ForAll @LongRange(min = 0, max = 1_000) long asked) {
    LagHistory history = new LagHistory();
    TreeMap<Long, Long> plain = new TreeMap<>();
    long time = 0;
    for (long lsn : lsns) {
      time += 10;
      history.add(lsn, time);
      if (plain.isEmpty() || lsn > plain.lastKey()) {
        plain.put(lsn, time);
      }
    }
    history.forgetUpTo(forgotten);
    plain.headMap(forgotten, true).clear();
    var beyond = plain.higherEntry(asked);
    assertThat(history.ageBeyond(asked, time + 5))
        .isEqualTo(beyond == null ? 0 : time + 5 - beyond.getValue());
  }

  @Property(tries = 50)
  void ageBeyond_manyPositions_isNearlyRight(
      @ForAll @IntRange(min = 600, max = 5_000) int positions,
      @ForAll @LongRange(min = 0, max = 5_000) long asked) {
    LagHistory history = new LagHistory();
    for (int i = 1; i <= positions; i++) {
      history.add(i, i);
    }
    long exact = Math.max(0, positions - (asked + 1));
    long age = history.ageBeyond(asked, positions);
    assertThat(age).isLessThanOrEqualTo(exact).isGreaterThanOrEqualTo(exact - positions / 128);
  }

  @Property
  void gate_anyCourse_closesOverOneLimitAndOpensAtHalfOfBoth(
      @ForAll @Size(max = 50) List<@LongRange(min = 0, max = 300) Long> bytes,
      @ForAll @Size(max = 50) List<@LongRange(min = 0, max = 30) Long> nanos) {
    LagGate gate = new LagGate(100, 10);
    boolean before = false;
    for (int i = 0; i < Math.min(bytes.size(), nanos.size()); i++) {
      boolean over = bytes.get(i) > 100 || nanos.get(i) > 10;
      boolean low = bytes.get(i) <= 50 && nanos.get(i) <= 5;
      before =
          gate.update(bytes.get(i), nanos.get(i)) ? checkClosed(low) : checkOpen(over, before, low);
    }
  }

  private static boolean checkClosed(boolean low) {
    assertThat(low).isFalse();
    return true;
  }

  private static boolean checkOpen(boolean over, boolean before, boolean low) {
    assertThat(over).isFalse();
    assertThat(before && !low).isFalse();
    return false;
  }

  @Test
  void limit_oneSecond_letsSoManyPass() {
    FakeTimeSource time = FakeTimeSource.create();
    FallbackLimit limit = new FallbackLimit(10, time);
    assertThat(passing(limit, 100)).isEqualTo(10);
    time.advance(Duration.ofMillis(500));
    assertThat(passing(limit, 100)).isEqualTo(5);
    time.advance(Duration.ofHours(1));
    assertThat(passing(limit, 100)).isEqualTo(10);
  }

  private static int passing(FallbackLimit limit, int tries) {
    int passed = 0;
    for (int i = 0; i < tries; i++) {
      passed += limit.tryAcquire() ? 1 : 0;
    }
    return passed;
  }

  @Test
  void withoutEmptyPage_headerOnly_isTheStartOfThePage() {
    long segment = 16 << 20;
    assertThat(WalPosition.withoutEmptyPage(segment + 40, segment)).isEqualTo(segment);
    assertThat(WalPosition.withoutEmptyPage(segment + 8192 + 24, segment))
        .isEqualTo(segment + 8192);
    // A long header is at the start of a segment only: here are 16 bytes of a record.
    assertThat(WalPosition.withoutEmptyPage(segment + 8192 + 40, segment))
        .isEqualTo(segment + 8192 + 40);
    assertThat(WalPosition.withoutEmptyPage(segment + 48, segment)).isEqualTo(segment + 48);
    assertThat(WalPosition.withoutEmptyPage(segment, segment)).isEqualTo(segment);
  }
}

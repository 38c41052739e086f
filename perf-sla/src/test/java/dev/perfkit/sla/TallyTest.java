package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

/** Proves that the compact form of a slot gives back every count. */
final class TallyTest {

  private static final int CELLS = 3_000;

  @Property
  void encode_anyCounts_decodesToTheSame(
      @ForAll
          Map<@IntRange(max = CELLS - 1) Integer, @LongRange(min = Long.MIN_VALUE) Long> counts) {
    Tally original = new Tally(CELLS);
    counts.forEach(original::add);
    Tally decoded = new Tally(CELLS);
    decoded.add(original.encode());
    for (int cell = 0; cell < CELLS; cell++) {
      assertThat(decoded.count(cell)).isEqualTo(counts.getOrDefault(cell, 0L));
    }
  }

  @Property(tries = 200)
  void add_twoSlots_sumsThem(
      @ForAll Map<@IntRange(max = CELLS - 1) Integer, @IntRange(max = 1_000_000) Integer> one,
      @ForAll Map<@IntRange(max = CELLS - 1) Integer, @IntRange(max = 1_000_000) Integer> other) {
    Tally sum = new Tally(CELLS);
    sum.add(slot(one));
    sum.add(slot(other));
    for (int cell = 0; cell < CELLS; cell++) {
      assertThat(sum.count(cell))
          .isEqualTo((long) one.getOrDefault(cell, 0) + other.getOrDefault(cell, 0));
    }
  }

  @Test
  void encode_nothing_isTheEmptySlot() {
    assertThat(new Tally(CELLS).encode()).isSameAs(Tally.EMPTY);
  }

  @Test
  void clear_withCounts_leavesNone() {
    Tally tally = new Tally(CELLS);
    tally.add(7, 3);
    tally.add(CELLS - 1, 4);
    tally.clear();
    assertThat(tally.encode()).isEmpty();
    assertThat(tally.count(7)).isZero();
    tally.add(9, 1);
    assertThat(tally.encode()).containsExactly(10, 1);
  }

  private static byte[] slot(Map<Integer, Integer> counts) {
    Tally tally = new Tally(CELLS);
    counts.forEach(tally::add);
    return tally.encode();
  }
}

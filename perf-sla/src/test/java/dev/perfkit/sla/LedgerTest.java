package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/**
 * Proves that a span of the ledger is the exact difference of totals, begins at most 1/60 early,
 * and that 400 days of seconds are kept in a bounded number of edges; against a list of everything.
 */
final class LedgerTest {

  private static final long SECOND = 1_000_000_000L;
  private static final long DAY = 86_400 * SECOND;

  private final List<Long> times = new ArrayList<>();
  private final List<Long> totals = new ArrayList<>();
  private Ledger ledger = new Ledger(0, 2);
  private final long[] row = new long[2];

  @Property(tries = 60)
  void total_stepsOfAllLengths_isThatOfSomeEdgeAtOrBefore(@ForAll long seed) {
    Random random = new Random(seed);
    begin();
    int steps = random.nextInt(3_000);
    long longest = 1L << (1 + random.nextInt(16));
    for (int i = 0; i < steps; i++) {
      long seconds = 1 + (random.nextInt(10) == 0 ? random.nextLong(longest) : 0);
      append(seconds * SECOND, random.nextInt(3));
    }
    for (int i = 0; i < 50; i++) {
      long time = random.nextLong(Math.max(1, ledger.end()));
      int edge = ledger.atOrBefore(time);
      assertThat(ledger.time(edge)).isLessThanOrEqualTo(time);
      assertThat(ledger.total(edge, 0)).isEqualTo(totalAt(ledger.time(edge)));
      long start = ledger.startOfSpan(time, 0, 1);
      assertThat(totalAt(start))
          .as("nothing between edge and start")
          .isEqualTo(ledger.total(edge, 0));
    }
  }

  @Test
  void startOfSpan_secondsForDays_isAtMostOneSixtiethEarly() {
    begin();
    for (int i = 0; i < 3 * 86_400; i++) {
      append(SECOND, 1);
    }
    for (long seconds = 60; seconds < 3 * 86_400; seconds += 61) {
      long wanted = ledger.end() - seconds * SECOND;
      long start = ledger.startOfSpan(wanted, 0, 1);
      assertThat((wanted - start) * 60).as("%d s", seconds).isBetween(0L, seconds * SECOND);
    }
  }

  @Test
  void append_everyTenSecondsFor450Days_keeps400DaysInFewEdges() {
    begin();
    int most = 0;
    for (int i = 0; i < 450 * 8_640; i++) {
      row[0] += 3;
      ledger.append(ledger.end() + 10 * SECOND, row);
      most = Math.max(most, ledger.edges());
    }
    assertThat(most).isLessThan(1_900);
    assertThat(ledger.end() - ledger.start()).isBetween(400 * DAY, 408 * DAY);
    for (int days : new int[] {1, 7, 30, 90, 365, 400}) {
      long wanted = ledger.end() - days * DAY;
      int edge = ledger.atOrBefore(wanted);
      assertThat((wanted - ledger.time(edge)) * 60).isBetween(0L, days * DAY);
      assertThat(ledger.total(edge, 0)).isEqualTo(ledger.time(edge) / (10 * SECOND) * 3);
    }
  }

  @Test
  void append_nothingHappens_needsNoEdges() {
    begin();
    append(SECOND, 5);
    for (int i = 0; i < 1_000; i++) {
      append(3_600 * SECOND, 0);
    }
    assertThat(ledger.edges()).isEqualTo(3);
    long wanted = ledger.end() - 12_345;
    assertThat(ledger.startOfSpan(wanted, 0, 1)).as("quiet time is cut anywhere").isEqualTo(wanted);
  }

  @Test
  void pin_edgeThatWouldBeDropped_staysUntilItIsUnpinnedAsOften() {
    begin();
    for (int i = 0; i < 100; i++) {
      append(SECOND, 1);
    }
    long pinned = ledger.time(ledger.nearest(50 * SECOND));
    ledger.pin(ledger.nearest(pinned));
    ledger.pin(ledger.nearest(pinned));
    ledger.unpin(pinned);
    seconds(20_000);
    assertThat(ledger.time(ledger.nearest(pinned))).isEqualTo(pinned);
    assertThat(ledger.time(ledger.nearest(pinned - SECOND))).isEqualTo(pinned);
    ledger.unpin(pinned);
    seconds(20_000);
    assertThat(ledger.time(ledger.nearest(pinned))).isNotEqualTo(pinned);
  }

  @Test
  void append_timeThatStandsStill_isRefused() {
    begin();
    append(SECOND, 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ledger.append(ledger.end(), row))
        .withMessage("time must be over 1000000000 but was 1000000000");
  }

  @Test
  void startOfSpan_stepLateByAMinute_holdsAllOfIt() {
    begin();
    seconds(600);
    append(60 * SECOND, 7);
    append(SECOND, 1);
    long start = ledger.startOfSpan(ledger.end() - 10 * SECOND, 0, 1);
    assertThat(start).isEqualTo(600 * SECOND);
    assertThat(Duration.ofNanos(ledger.end() - start)).isEqualTo(Duration.ofSeconds(61));
  }

  private void begin() {
    ledger = new Ledger(0, 2);
    times.clear();
    totals.clear();
    times.add(0L);
    totals.add(0L);
    row[0] = 0;
  }

  private void seconds(int count) {
    for (int i = 0; i < count; i++) {
      append(SECOND, 1);
    }
  }

  private void append(long nanos, long events) {
    row[0] += events;
    ledger.append(ledger.end() + nanos, row);
    times.add(ledger.end());
    totals.add(row[0]);
  }

  private long totalAt(long time) {
    int index = java.util.Collections.binarySearch(times, time);
    return totals.get(index >= 0 ? index : -index - 2);
  }
}

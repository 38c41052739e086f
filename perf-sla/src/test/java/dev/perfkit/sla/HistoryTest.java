package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/**
 * Proves that a window is the exact sum of what was counted since its start, that its start is at
 * most 1/60 early, and that late ticks lose nothing; against a list of everything that happened.
 */
final class HistoryTest {

  private static final long SECOND = 1_000_000_000L;
  private static final long DAY = 86_400 * SECOND;

  /** What one tick counted. */
  private record Entry(long from, long to, int count) {}

  private final Tally scratch = new Tally(4);
  private final List<Entry> entries = new ArrayList<>();
  private History history = new History(0, 0);
  private long now;

  @Property(tries = 60)
  void addSince_ticksOfAllLengths_isTheExactSumSinceItsStart(@ForAll long seed) {
    Random random = new Random(seed);
    begin(0);
    int ticks = random.nextInt(4_000);
    long longest = 1L << random.nextInt(18);
    for (int i = 0; i < ticks; i++) {
      long length = History.TICK * (1 + (random.nextInt(10) == 0 ? random.nextLong(longest) : 0));
      tick(length + random.nextLong(History.TICK / 4), random.nextInt(3) == 0 ? 5 : 0);
    }
    for (Window window : Window.standard()) {
      assertExact(window.length().toNanos());
    }
    for (int i = 0; i < 20; i++) {
      assertExact(10 * SECOND + random.nextLong(31 * DAY));
    }
  }

  @Property(tries = 400)
  void coarsen_anyRingAtAnyTime_losesNoCount(@ForAll long seed) {
    Random random = new Random(seed);
    begin(0);
    int ticks = 100 + random.nextInt(4_000);
    long longest = 1L << random.nextInt(18);
    for (int i = 0; i < ticks; i++) {
      long length = History.TICK * (1 + (random.nextInt(10) == 0 ? random.nextLong(longest) : 0));
      tick(length, random.nextInt(3) == 0 ? 5 : 0);
      if (random.nextInt(200) == 0) {
        long before = history.bytes();
        long freed = history.coarsen(random.nextInt(History.RINGS - 1));
        assertThat(before - history.bytes()).isEqualTo(freed).isNotNegative();
      }
    }
    for (int i = 0; i < 30; i++) {
      assertExact(10 * SECOND + random.nextLong(31 * DAY));
    }
  }

  @Test
  void coarsen_ofEveryRing_leavesAFewSlotsAndStartsAnHourEarlyAtMost() {
    begin(0);
    for (int i = 0; i < 8 * 7_300; i++) {
      tick(History.TICK, 1);
    }
    long before = history.bytes();
    for (int ring = 0; ring < History.RINGS - 1; ring++) {
      history.coarsen(ring);
    }
    assertThat(history.bytes()).isLessThan(before / 20);
    assertThat(startsEarlyBy(300 * SECOND)).isBetween(0L, 3_600 * SECOND);
    assertExact(300 * SECOND);
    assertThat(sumSince(0)).isEqualTo(8 * 7_300);
  }

  @Test
  void addSince_steadyTicksForAnHour_startsAtMostOneSixtiethEarly() {
    begin(0);
    for (int i = 0; i < 8 * 3_700; i++) {
      tick(History.TICK, 1);
    }
    for (long seconds = 10; seconds <= 3_600; seconds += 7) {
      assertThat(startsEarlyBy(seconds * SECOND) * 60).isBetween(0L, seconds * SECOND);
      assertExact(seconds * SECOND);
    }
  }

  @Test
  void addSince_steadyTicksForTwoMonths_startsAtMostOneSixtiethEarly() {
    begin(0);
    // Coarse ticks first, finer ones as the end comes near: what each ring still holds is as if all
    // had been fine.
    tickUntil(62 * DAY, 64 * 3_600 * SECOND, 3_600 * SECOND);
    tickUntil(62 * DAY, 640 * 60 * SECOND, 600 * SECOND);
    tickUntil(62 * DAY, 64 * 60 * SECOND, 60 * SECOND);
    tickUntil(62 * DAY, 640 * SECOND, 10 * SECOND);
    tickUntil(62 * DAY, 64 * SECOND, SECOND);
    tickUntil(62 * DAY, 0, History.TICK);
    for (Window window : Window.standard()) {
      long length = window.length().toNanos();
      assertThat(startsEarlyBy(length) * 60).as("window %s", window).isBetween(0L, length);
      assertExact(length);
    }
    assertThat(startsEarlyBy(31 * DAY) * 60).isBetween(0L, 31 * DAY);
    assertExact(31 * DAY);
  }

  @Test
  void addSince_tickLateByAMinute_keepsItAsOneSlot() {
    begin(0);
    tick(5 * SECOND, 1);
    tick(60 * SECOND, 7);
    tick(SECOND, 2);
    assertThat(sumSince(now - 10 * SECOND)).isEqualTo(9);
    assertThat(startsEarlyBy(10 * SECOND)).isEqualTo(51 * SECOND);
  }

  @Test
  void addSince_quietForWeeksThenBusy_cutsTheQuietTimeAnywhere() {
    begin(0);
    tick(SECOND, 3);
    for (int i = 0; i < 500; i++) {
      tick(3_600 * SECOND, 0);
    }
    tick(SECOND, 4);
    assertThat(startsEarlyBy(7 * 3_600 * SECOND + 12_345)).isZero();
    assertThat(sumSince(now - 7 * 3_600 * SECOND)).isEqualTo(4);
    assertThat(sumSince(0)).isEqualTo(7);
  }

  @Test
  void isDue_sameTickOrEarlier_isNot() {
    begin(0);
    tick(8 * History.TICK, 1);
    assertThat(history.isDue(now)).isFalse();
    assertThat(history.isDue(now + History.TICK / 4)).isFalse();
    assertThat(history.isDue(now - SECOND)).isFalse();
    assertThat(history.isDue(now + History.TICK)).isTrue();
  }

  private void begin(long time) {
    history = new History(time, History.ordinalOf(time));
    entries.clear();
    now = time;
  }

  private void tickUntil(long end, long before, long length) {
    while (now < end - before) {
      tick(length, 1);
    }
  }

  private void tick(long length, int count) {
    long from = now;
    now += length;
    scratch.add(1, count);
    byte[] slot = scratch.encode();
    scratch.clear();
    history.seal(now, slot, scratch);
    entries.add(new Entry(from, now, count));
  }

  private long startsEarlyBy(long length) {
    long from = history.addSince(now - length, scratch);
    scratch.clear();
    return Math.max(0, now - length) - from;
  }

  private long sumSince(long time) {
    history.addSince(time, scratch);
    long sum = scratch.count(1);
    scratch.clear();
    return sum;
  }

  /** Compares with all that happened from the start that the window says it has. */
  private void assertExact(long length) {
    long from = history.addSince(now - length, scratch);
    long sum = scratch.count(1);
    scratch.clear();
    assertThat(from).isLessThanOrEqualTo(Math.max(0, now - length));
    long expected = 0;
    for (Entry entry : entries) {
      boolean cutsThrough = entry.from() < from && entry.to() > from && entry.count() > 0;
      assertThat(cutsThrough).as("start inside a busy slot").isFalse();
      expected += entry.to() > from ? entry.count() : 0;
    }
    assertThat(sum).as("window of %s", Duration.ofNanos(length)).isEqualTo(expected);
  }
}

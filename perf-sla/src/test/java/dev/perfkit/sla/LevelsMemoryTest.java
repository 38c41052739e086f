package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Proves, on the heap, what the default objectives of a service cost: idle, and busy for a year.
 */
final class LevelsMemoryTest {

  private static final Slo[] DEFAULTS = SlaMonitor.DEFAULT_OBJECTIVES.toArray(Slo[]::new);

  private final List<Levels> kept = new ArrayList<>();

  @Test
  void idle_days_isUnder16KiB() {
    long before = used();
    for (int i = 0; i < 100; i++) {
      Levels levels = new Levels(DEFAULTS);
      levels.count(1, 0);
      levels.run(Duration.ofDays(2), Duration.ofMinutes(1), 0, 0);
      kept.add(levels);
    }
    long each = (used() - before) / kept.size();
    System.out.println("objectives of an idle service: " + each / 1024 + " KiB");
    assertThat(each).isLessThan(16 * 1024);
  }

  @Test
  void busy_moreThanAYear_isUnder160KiB() {
    long before = used();
    for (int i = 0; i < 3; i++) {
      Levels levels = new Levels(DEFAULTS);
      // Finer and finer, so that at the end there are as many edges as after a year of seconds.
      levels.run(Duration.ofDays(398), Duration.ofMinutes(10), 10, 0);
      levels.run(Duration.ofDays(2), Duration.ofSeconds(10), 10, 0);
      levels.run(Duration.ofHours(1), 10, 0);
      kept.add(levels);
    }
    long each = (used() - before) / kept.size();
    System.out.println("objectives of a busy service: " + each / 1024 + " KiB");
    assertThat(each).isLessThan(160 * 1024);
  }

  private static long used() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }
}

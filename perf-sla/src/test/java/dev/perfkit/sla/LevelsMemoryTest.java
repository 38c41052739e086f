package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.openjdk.jol.info.GraphLayout;

/**
 * Proves, by walking all objects, what the default objectives of one more service cost: idle, and
 * busy for a year. Prints it.
 */
final class LevelsMemoryTest {

  private static final Slo[] DEFAULTS = SlaMonitor.DEFAULT_OBJECTIVES.toArray(Slo[]::new);

  @BeforeAll
  static void measureWithoutAnAgent() {
    System.setProperty("jol.skipDynamicAttach", "true");
    System.setProperty("jol.magicFieldOffset", "true"); // needed for records
  }

  @Test
  void idle_days_isUnder16KiB() {
    long each = ofOneMore(LevelsMemoryTest::idle);
    System.out.println("objectives of an idle service: " + each / 1024 + " KiB");
    assertThat(each).isLessThan(16 * 1024);
  }

  @Test
  void busy_moreThanAYear_isUnder160KiB() {
    long each = ofOneMore(LevelsMemoryTest::busy);
    System.out.println("objectives of a busy service: " + each / 1024 + " KiB");
    assertThat(each).isLessThan(160 * 1024);
  }

  private static Levels idle() {
    Levels levels = new Levels(DEFAULTS);
    levels.count(1, 0);
    levels.run(Duration.ofDays(2), Duration.ofMinutes(1), 0, 0);
    return levels;
  }

  /** Finer and finer, so that at the end there are as many edges as after a year of seconds. */
  private static Levels busy() {
    Levels levels = new Levels(DEFAULTS);
    levels.run(Duration.ofDays(398), Duration.ofMinutes(10), 10, 0);
    levels.run(Duration.ofDays(2), Duration.ofSeconds(10), 10, 0);
    levels.run(Duration.ofHours(1), 10, 0);
    return levels;
  }

  /** What two hold alike, such as their objectives, is there once for all. */
  private static long ofOneMore(Supplier<Levels> service) {
    Levels first = service.get();
    Levels second = service.get();
    return GraphLayout.parseInstance(first, second).totalSize()
        - GraphLayout.parseInstance(first).totalSize();
  }
}

package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perfkit.spi.Telemetry;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.openjdk.jol.info.GraphLayout;

/**
 * Proves, by walking all objects that a recorder holds, what a service costs: idle, and busy for a
 * month. Prints it.
 */
final class RecorderMemoryTest {

  private static final long SECOND = 1_000_000_000L;
  private static final long END = 32 * 86_400 * SECOND;
  private static final Telemetry.Counter UNCOUNTED = amount -> {};

  private final Workspace scratch = new Workspace();
  private final Layout layout = Layout.withThresholds(List.of(200_000_000L, 500_000_000L));

  @BeforeAll
  static void measureWithoutAnAgent() {
    System.setProperty("jol.skipDynamicAttach", "true");
    System.setProperty("jol.magicFieldOffset", "true"); // needed for records
  }

  @Test
  void idleService_aMonthOfTicks_isUnder64KiB() {
    long bytes = idle();
    System.out.println("idle service: " + bytes / 1024 + " KiB");
    assertThat(bytes).isLessThan(64 * 1024);
  }

  @Test
  void busyService_aMonthOfRequests_isUnder2MiB() {
    long bytes = busy();
    System.out.println("busy service: " + bytes / 1024 + " KiB");
    assertThat(bytes).isLessThan(2 * 1024 * 1024).isGreaterThan(10 * idle());
  }

  @Test
  void defaultLimit_halfOfTheServicesBusyForAMonth_isUnder256MiB() {
    long half = SlaMonitor.DEFAULT_MAXIMUM_SERVICES / 2;
    long objectives = 160 * 1024; // of a busy one, as LevelsMemoryTest proves
    long bytes = half * (busy() + objectives) + half * (idle() + objectives / 10);
    System.out.println("200 services, half of them busy: " + bytes / 1024 / 1024 + " MiB");
    assertThat(bytes).isLessThan(256L * 1024 * 1024);
  }

  private long idle() {
    Recorder recorder = new Recorder(layout, false, UNCOUNTED, 0);
    recorder.cells().record(1_000_000, Outcome.success());
    month(recorder, 0);
    return GraphLayout.parseInstance(recorder).totalSize();
  }

  private long busy() {
    Recorder recorder = new Recorder(layout, false, UNCOUNTED, 0);
    month(recorder, 10_000);
    return GraphLayout.parseInstance(recorder).totalSize();
  }

  /** Ticks finer and finer, so that at the end every ring is as full as after a month of ticks. */
  private void month(Recorder recorder, int perSecond) {
    Random random = new Random(42);
    long[] before = {
      64 * 3_600 * SECOND, 640 * 60 * SECOND, 64 * 60 * SECOND, 640 * SECOND, 64 * SECOND, 0
    };
    long[] length = {3_600 * SECOND, 600 * SECOND, 60 * SECOND, 10 * SECOND, SECOND, History.TICK};
    long now = 0;
    for (int i = 0; i < before.length; i++) {
      while (now < END - before[i]) {
        now += length[i];
        requests(recorder, perSecond * (double) length[i] / SECOND, random);
        recorder.tick(now, scratch);
      }
    }
  }

  /** Durations around 20 ms, lognormal with sigma 0.5, one in a hundred a failure. */
  private void requests(Recorder recorder, double count, Random random) {
    int draws = (int) Math.min(count, 3_000);
    for (int i = 0; i < draws; i++) {
      long nanos = (long) (20_000_000 * Math.exp(0.5 * random.nextGaussian()));
      int cell = layout.cell(nanos, random.nextInt(100) != 0);
      recorder.cells().add(cell, Math.round(count / draws));
    }
  }
}

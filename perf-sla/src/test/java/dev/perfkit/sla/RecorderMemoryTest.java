package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perfkit.spi.Telemetry;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Proves, on the heap, what a service costs: idle, and busy for a month. */
final class RecorderMemoryTest {

  private static final long SECOND = 1_000_000_000L;
  private static final long END = 32 * 86_400 * SECOND;
  private static final Telemetry.Counter UNCOUNTED = amount -> {};
  private static final int IDLE = 200;
  private static final int BUSY = 6;

  private final Workspace scratch = new Workspace();
  private final Layout layout = Layout.withThresholds(List.of(200_000_000L, 500_000_000L));
  private final List<Recorder> kept = new ArrayList<>();

  @Test
  void idleService_aMonthOfTicks_isUnder64KiB() {
    long before = used();
    for (int i = 0; i < IDLE; i++) {
      Recorder recorder = new Recorder(layout, false, UNCOUNTED, 0);
      recorder.cells().record(1_000_000, Outcome.success());
      month(recorder, 0);
      kept.add(recorder);
    }
    long each = (used() - before) / IDLE;
    System.out.println("idle service: " + each / 1024 + " KiB");
    assertThat(each).isLessThan(64 * 1024);
    assertThat(kept).hasSize(IDLE);
  }

  @Test
  void busyService_aMonthOfRequests_isUnder2MiB() {
    long before = used();
    for (int i = 0; i < BUSY; i++) {
      Recorder recorder = new Recorder(layout, false, UNCOUNTED, 0);
      month(recorder, 10_000);
      kept.add(recorder);
    }
    long each = (used() - before) / BUSY;
    System.out.println("busy service: " + each / 1024 + " KiB");
    assertThat(each).isLessThan(2 * 1024 * 1024);
    assertThat(kept).hasSize(BUSY);
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

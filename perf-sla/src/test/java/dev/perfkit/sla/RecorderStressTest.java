package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;

import dev.perfkit.spi.Telemetry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Test;

/**
 * Proves that writers racing with ticks lose no request and count none twice: not in total, not in
 * any window, not while stripes are added. The same race finds a recorder that resets its counts.
 */
final class RecorderStressTest {

  private static final int WRITERS = 4;
  private static final int WRITES = 200_000;
  private static final Telemetry.Counter UNCOUNTED = amount -> {};
  private static final long MS = 1_000_000;

  @Test
  void record_racingWithTicks_losesNothing() throws Exception {
    for (int round = 0; round < 5; round++) {
      Layout layout = Layout.withThresholds(List.of(200 * MS));
      Recorder recorder = new Recorder(layout, true, UNCOUNTED, 0);
      Workspace scratch = new Workspace();
      long[] now = {0};
      race(
          (writer, i) -> recorder.cells().record((i % 300 + 1) * MS, Outcome.of(i % 10 != 0, 200)),
          () -> {
            recorder.tick(now[0] += History.TICK, scratch);
            recorder.cells().grow();
          });
      assertThat(recorder.stripes()).isGreaterThan(1);
      assertComplete(recorder.readAll(now[0], scratch));
      recorder.tick(now[0] += History.TICK, scratch);
      assertComplete(recorder.readAll(now[0], scratch));
      assertComplete(recorder.read(31L * 86_400_000 * MS, now[0], scratch));
    }
  }

  @Test
  void tick_manyWritesInOne_addsStripes() {
    Recorder recorder = new Recorder(Layout.withThresholds(List.of()), false, UNCOUNTED, 0);
    for (int i = 0; i < 500; i++) {
      recorder.cells().record(MS, Outcome.success());
    }
    recorder.tick(History.TICK, new Workspace());
    assertThat(recorder.stripes()).isEqualTo(1);
    for (int i = 0; i < 501; i++) {
      recorder.cells().record(MS, Outcome.success());
    }
    recorder.tick(2 * History.TICK, new Workspace());
    assertThat(recorder.stripes()).isEqualTo(2);
  }

  @Test
  void read_racingWithWriters_neverGoesDown() throws Exception {
    Recorder recorder = new Recorder(Layout.withThresholds(List.of(200 * MS)), false, UNCOUNTED, 0);
    Workspace scratch = new Workspace();
    long[] now = {0};
    long[] last = {0};
    race(
        (writer, i) -> recorder.cells().record(MS, Outcome.success()),
        () -> {
          long all = recorder.readAll(now[0], scratch).count();
          long window = recorder.read(3_600_000 * MS, now[0], scratch).count();
          assertThat(all).isGreaterThanOrEqualTo(last[0]);
          assertThat(window).isGreaterThanOrEqualTo(all);
          last[0] = window;
          recorder.tick(now[0] += History.TICK, scratch);
        });
  }

  /** Without this, the race above might be one that nothing can lose. */
  @Test
  void race_recorderThatResets_losesRequests() throws Exception {
    boolean lost = false;
    for (int round = 0; round < 200 && !lost; round++) {
      AtomicLongArray counts = new AtomicLongArray(1);
      long[] slots = {0};
      Runnable readAndReset =
          () -> {
            slots[0] += counts.get(0);
            counts.set(0, 0);
          };
      race((writer, i) -> counts.incrementAndGet(0), readAndReset);
      readAndReset.run();
      lost = slots[0] != (long) WRITERS * WRITES;
    }
    assertThat(lost).isTrue();
  }

  private static void assertComplete(Reading reading) {
    long writes = (long) WRITERS * WRITES;
    long cycles = WRITES / 300;
    long rest = WRITES % 300;
    assertThat(reading.count()).isEqualTo(writes);
    assertThat(reading.errors()).isEqualTo(writes / 10);
    assertThat(reading.status(2)).isEqualTo(writes);
    assertThat(reading.successesWithin(200 * MS) + reading.failuresWithin(200 * MS))
        .isEqualTo(WRITERS * (cycles * 200 + Math.min(rest, 200)));
    double sum = WRITERS * (cycles * 300 * 301 / 2 + rest * (rest + 1) / 2) * (double) MS;
    assertThat(reading.sumNanos(true) + reading.sumNanos(false)).isEqualTo(sum);
  }

  private interface Write {
    void run(int writer, int i);
  }

  /** Runs writers at once, and something else over and over until they have ended. */
  private static void race(Write write, Runnable meanwhile) throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(WRITERS);
    try {
      CountDownLatch start = new CountDownLatch(WRITERS);
      List<Future<?>> writers = new ArrayList<>();
      for (int writer = 0; writer < WRITERS; writer++) {
        int number = writer;
        writers.add(
            executor.submit(
                () -> {
                  start.countDown();
                  start.await();
                  for (int i = 0; i < WRITES; i++) {
                    write.run(number, i);
                  }
                  return number;
                }));
      }
      do {
        meanwhile.run();
      } while (!writers.stream().allMatch(Future::isDone));
      for (Future<?> writer : writers) {
        writer.get(60, TimeUnit.SECONDS);
      }
    } finally {
      executor.shutdownNow();
    }
  }
}

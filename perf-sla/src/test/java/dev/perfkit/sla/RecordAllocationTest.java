package dev.perfkit.sla;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Proves that recording allocates nothing: as many bytes for a hundred thousand as for none. */
final class RecordAllocationTest {

  private static final int TIMES = 100_000;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final SlaMonitor monitor = SlaMonitor.create();
  private final Service api = monitor.service("api");

  @AfterEach
  void close() {
    monitor.close();
  }

  @Test
  void record_ofEachKind_allocatesNothing() {
    Duration duration = Duration.ofMillis(3);
    assertThat(allocated(() -> api.record(5_000, Outcome.success()))).isLessThan(TIMES);
    assertThat(allocated(() -> api.record(700_000_000, Outcome.status(503)))).isLessThan(TIMES);
    assertThat(allocated(() -> monitor.recordMetric("api", duration, true, 200))).isLessThan(TIMES);
    assertThat(allocated(() -> api.end(api.start(), Outcome.success()))).isLessThan(TIMES);
  }

  @Test
  void measure_ofSomethingThatAllocates_seesIt() {
    Object[] sink = new Object[1];
    assertThat(allocated(() -> sink[0] = new byte[16])).isGreaterThan(16L * TIMES);
    assertThat(sink[0]).isNotNull();
  }

  /** The least of some rounds, as the first ones load classes and what is compiled comes later. */
  private long allocated(Runnable run) {
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 20 && least >= TIMES; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < TIMES; i++) {
        run.run();
      }
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    return least;
  }
}

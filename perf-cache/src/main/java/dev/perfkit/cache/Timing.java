package dev.perfkit.cache;

import dev.perfkit.spi.Telemetry;
import java.time.Duration;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;

/** Durations for the statistics that the host's telemetry sees as well. */
final class Timing {

  private final Telemetry.Timer timer;
  private final LongAdder count = new LongAdder();
  private final LongAdder sum = new LongAdder();
  private final LongAccumulator longest = new LongAccumulator(Math::max, 0);

  Timing(Telemetry.Timer timer) {
    this.timer = timer;
  }

  void record(long nanos) {
    count.increment();
    sum.add(Math.max(0, nanos));
    longest.accumulate(nanos);
    timer.record(nanos);
  }

  Stats.Latency latency() {
    return new Stats.Latency(
        count.sum(), Duration.ofNanos(sum.sum()), Duration.ofNanos(longest.get()));
  }
}

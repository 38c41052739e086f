package dev.perfkit.cache;

import dev.perfkit.spi.Telemetry;
import java.util.concurrent.atomic.LongAdder;

/** A count for the statistics that the host's telemetry sees as well. */
final class Tally {

  private final LongAdder sum = new LongAdder();
  private final Telemetry.Counter counter;

  Tally(Telemetry.Counter counter) {
    this.counter = counter;
  }

  void increment() {
    sum.increment();
    counter.increment();
  }

  void add(long amount) {
    sum.add(amount);
    counter.add(amount);
  }

  long sum() {
    return sum.sum();
  }
}

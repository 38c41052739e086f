package dev.perfkit.compress;

import dev.perfkit.spi.Metric;
import dev.perfkit.spi.Telemetry;
import dev.perfkit.spi.TimeSource;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The bodies that are being encoded as they come: at most so many at once. */
final class Streams implements AutoCloseable {

  private final int maximum;
  private final TimeSource timeSource;
  private final CpuMeter cpuMeter;
  private final CpuBudget budget;
  private final AtomicInteger open = new AtomicInteger();
  private final Telemetry.Registration gauge;

  Streams(
      String compressor,
      int maximum,
      TimeSource timeSource,
      CpuMeter cpuMeter,
      CpuBudget budget,
      Telemetry telemetry) {
    this.maximum = maximum;
    this.timeSource = timeSource;
    this.cpuMeter = cpuMeter;
    this.budget = budget;
    this.gauge =
        telemetry.gauge(
            Metric.named("compress.streams")
                .unit("streams")
                .help("Bodies being encoded as they come")
                .tag("compressor", compressor),
            open::get);
  }

  /** Returns what encodes one more body; null if there are as many as may be. */
  EncodedStream.@Nullable Context start(Lane lane, int level, Consumer<Throwable> onFailure) {
    if (open.incrementAndGet() > maximum) {
      open.decrementAndGet();
      return null;
    }
    boolean started = false;
    try {
      EncodedStream.Context context =
          new EncodedStream.Context(
              lane.startStream(level), new Report(lane, onFailure), open::decrementAndGet);
      started = true;
      return context;
    } finally {
      if (!started) {
        open.decrementAndGet();
      }
    }
  }

  int open() {
    return open.get();
  }

  @Override
  public void close() {
    gauge.close();
  }

  /** Passes on how a stream went. */
  private final class Report implements EncodedStream.Context.Listener {

    private final Lane lane;
    private final Consumer<Throwable> onFailure;

    Report(Lane lane, Consumer<Throwable> onFailure) {
      this.lane = lane;
      this.onFailure = onFailure;
    }

    @Override
    public void ended(long before, long after, long nanos) {
      lane.recordSuccess(before, after, nanos);
    }

    @Override
    public void failed(Throwable failure) {
      onFailure.accept(failure);
    }

    @Override
    public long cpuMark() {
      return cpuMeter.begin();
    }

    @Override
    public void spent(long cpuMark, long nanos) {
      long spent = cpuMeter.spent(cpuMark, nanos);
      lane.recordCpu(spent);
      budget.spend(spent, timeSource.nanoTime());
    }

    @Override
    public long nanoTime() {
      return timeSource.nanoTime();
    }
  }
}

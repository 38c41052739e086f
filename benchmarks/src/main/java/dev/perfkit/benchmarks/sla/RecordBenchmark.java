package dev.perfkit.benchmarks.sla;

import com.codahale.metrics.SlidingTimeWindowArrayReservoir;
import com.codahale.metrics.SlidingWindowReservoir;
import com.codahale.metrics.Timer;
import dev.perfkit.sla.Outcome;
import dev.perfkit.sla.Service;
import dev.perfkit.sla.SlaMonitor;
import dev.perfkit.sla.Slo;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Recorder;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * One request recorded by a handle. Bar: at most 1.3 times {@code LongAdder.add} (2.2 with an exact
 * sum), 0 bytes allocated, at least 10 times faster than the Timers of Dropwizard and Micrometer,
 * and no slower than HdrHistogram's Recorder. One thread here, two in {@link
 * RecordTwoThreadsBenchmark}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RecordBenchmark {

  private final LongAdder adder = new LongAdder();
  private final Recorder hdr = new Recorder(TimeUnit.HOURS.toNanos(1), 2);
  private final Timer dropwizard = new Timer();
  private final Timer slidingCount = new Timer(new SlidingWindowReservoir(1024));
  private final Timer slidingTime =
      new Timer(new SlidingTimeWindowArrayReservoir(100, TimeUnit.MILLISECONDS));
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final io.micrometer.core.instrument.Timer plainTimer =
      io.micrometer.core.instrument.Timer.builder("plain").register(registry);
  private final io.micrometer.core.instrument.Timer percentileTimer =
      io.micrometer.core.instrument.Timer.builder("percentiles")
          .publishPercentiles(0.5, 0.95, 0.99)
          .register(registry);
  private final io.micrometer.core.instrument.Timer histogramTimer =
      io.micrometer.core.instrument.Timer.builder("histogram")
          .publishPercentiles(0.5, 0.95, 0.99)
          .publishPercentileHistogram()
          .register(registry);
  private final Outcome success = Outcome.success();
  private final Outcome ok = Outcome.status(200);
  private SlaMonitor monitor;
  private SlaMonitor exact;
  private Service service;
  private Service exactService;

  /** Durations of 0.1 to 100 ms, the same for all, each thread from a place of its own. */
  @State(Scope.Thread)
  public static class Durations {
    private static final int COUNT = 1024;

    private final long[] nanos = new long[COUNT];
    private int at;

    /** Draws them. */
    @Setup
    public void draw() {
      for (int i = 0; i < COUNT; i++) {
        nanos[i] = (long) (1e5 * Math.pow(1e3, ThreadLocalRandom.current().nextDouble()));
      }
    }

    long next() {
      at = (at + 1) & (COUNT - 1);
      return nanos[at];
    }
  }

  /** Makes the services. */
  @Setup
  public void open() {
    Slo slo = Slo.latency(0.95, Duration.ofMillis(200));
    monitor = SlaMonitor.named("benchmark").exactSum(false).build();
    exact = SlaMonitor.named("benchmark-exact").exactSum(true).build();
    service = monitor.service("api", slo);
    exactService = exact.service("api", slo);
  }

  /** Stops the tickers. */
  @TearDown
  public void close() {
    monitor.close();
    exact.close();
    registry.close();
  }

  /** The floor: one striped addition. */
  @Benchmark
  public void longAdder(Durations durations) {
    adder.add(durations.next());
  }

  /** perf-sla, the sum of durations estimated from the buckets. */
  @Benchmark
  public void perfkit(Durations durations) {
    service.record(durations.next(), success);
  }

  /** perf-sla with a status code, which is one more addition. */
  @Benchmark
  public void perfkitStatus(Durations durations) {
    service.record(durations.next(), ok);
  }

  /** perf-sla with an exact sum. */
  @Benchmark
  public void perfkitExactSum(Durations durations) {
    exactService.record(durations.next(), success);
  }

  /** HdrHistogram's recorder for one window. */
  @Benchmark
  public void hdrRecorder(Durations durations) {
    hdr.recordValue(durations.next());
  }

  /** Dropwizard's timer with its default reservoir. */
  @Benchmark
  public void dropwizardTimer(Durations durations) {
    dropwizard.update(durations.next(), TimeUnit.NANOSECONDS);
  }

  /** Dropwizard's timer with the last 1,024 durations. */
  @Benchmark
  public void dropwizardSlidingCount(Durations durations) {
    slidingCount.update(durations.next(), TimeUnit.NANOSECONDS);
  }

  /** Dropwizard's timer with the durations of the last 100 ms; more would not fit the heap. */
  @Benchmark
  public void dropwizardSlidingTime(Durations durations) {
    slidingTime.update(durations.next(), TimeUnit.NANOSECONDS);
  }

  /** Micrometer's timer: count, sum and maximum. */
  @Benchmark
  public void micrometerTimer(Durations durations) {
    plainTimer.record(durations.next(), TimeUnit.NANOSECONDS);
  }

  /** Micrometer's timer with percentiles. */
  @Benchmark
  public void micrometerPercentiles(Durations durations) {
    percentileTimer.record(durations.next(), TimeUnit.NANOSECONDS);
  }

  /** Micrometer's timer with percentiles and the buckets that a server computes them from. */
  @Benchmark
  public void micrometerHistogram(Durations durations) {
    histogramTimer.record(durations.next(), TimeUnit.NANOSECONDS);
  }
}

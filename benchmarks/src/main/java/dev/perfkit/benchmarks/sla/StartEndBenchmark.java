package dev.perfkit.benchmarks.sla;

import dev.perfkit.sla.Outcome;
import dev.perfkit.sla.Service;
import dev.perfkit.sla.SlaMonitor;
import dev.perfkit.sla.Slo;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A request that is watched while it runs. Bar: start and end take at most twice as long as two
 * readings of the clock and a record, and allocate nothing.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class StartEndBenchmark {

  private final Outcome success = Outcome.success();
  private SlaMonitor monitor;
  private Service service;

  /** Makes the service. */
  @Setup
  public void open() {
    monitor = SlaMonitor.create();
    service = monitor.service("api", Slo.latency(0.95, Duration.ofMillis(200)));
  }

  /** Stops the ticker. */
  @TearDown
  public void close() {
    monitor.close();
  }

  /** The floor: the clock alone. */
  @Benchmark
  public long twoReadings() {
    return -System.nanoTime() + System.nanoTime();
  }

  /** Without watching. */
  @Benchmark
  public void twoReadingsAndRecord() {
    long started = System.nanoTime();
    service.record(System.nanoTime() - started, success);
  }

  /** With it. */
  @Benchmark
  public void startAndEnd() {
    long started = service.start();
    service.end(started, success);
  }
}

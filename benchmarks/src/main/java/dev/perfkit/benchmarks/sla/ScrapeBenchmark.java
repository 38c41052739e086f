package dev.perfkit.benchmarks.sla;

import dev.perfkit.sla.Outcome;
import dev.perfkit.sla.Service;
import dev.perfkit.sla.SlaMonitor;
import dev.perfkit.testkit.FakeScheduler;
import dev.perfkit.testkit.FakeTimeSource;
import java.time.Duration;
import java.util.Random;
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
 * One scrape of 100 services with three objectives each, all windows, after two hours of requests
 * that spread over a thousandfold range. Bar: under 20 ms.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class ScrapeBenchmark {

  private static final int SERVICES = 100;

  private SlaMonitor monitor;

  /** Lets two hours go by. */
  @Setup
  public void open() {
    FakeTimeSource time = FakeTimeSource.create();
    monitor =
        SlaMonitor.named("benchmark").timeSource(time).scheduler(FakeScheduler.on(time)).build();
    Random random = new Random(1);
    for (int second = 0; second < 7_200; second += 4) {
      for (int i = 0; i < SERVICES; i++) {
        Service service = monitor.service("service-" + i);
        for (int request = 0; request < 20; request++) {
          long nanos = (long) (1e5 * Math.pow(1e3, random.nextDouble()));
          service.record(nanos, Outcome.status(random.nextInt(100) == 0 ? 500 : 200));
        }
      }
      time.advance(Duration.ofSeconds(4));
    }
  }

  /** Closes the monitor. */
  @TearDown
  public void close() {
    monitor.close();
  }

  /** The text that a Prometheus server reads. */
  @Benchmark
  public String prometheus() {
    return monitor.prometheus();
  }

  /** The same for whoever reads OpenMetrics. */
  @Benchmark
  public String openMetrics() {
    return monitor.openMetrics();
  }

  /** The JSON document. */
  @Benchmark
  public String json() {
    return monitor.json();
  }
}

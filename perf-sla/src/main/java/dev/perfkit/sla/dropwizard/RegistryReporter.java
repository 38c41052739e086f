package dev.perfkit.sla.dropwizard;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.Histogram;
import com.codahale.metrics.Meter;
import com.codahale.metrics.Metric;
import com.codahale.metrics.MetricFilter;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.ScheduledReporter;
import com.codahale.metrics.Timer;
import dev.perfkit.spi.Beta;
import dev.perfkit.spi.Telemetry;
import dev.perfkit.spi.support.Options;
import dev.perfkit.spi.support.WorkerThreads;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports the metrics of a registry to a telemetry, such as that of a monitor, which exports them
 * with everything else.
 *
 * <pre>{@code
 * RegistryReporter reporter =
 *     RegistryReporter.forRegistry(registry).build(monitor.telemetry());
 * reporter.start(10, TimeUnit.SECONDS);
 * }</pre>
 *
 * <p>A gauge with a number, or true and false as 1 and 0, becomes a gauge, and so does a counter,
 * which may go down; both are read when they are exported. A meter, histogram or timer becomes a
 * counter of what it has counted since the last report; histograms and timers also {@code
 * .percentile} gauges of their last snapshot, those of timers in seconds. What a {@link
 * MonitorMetrics} or {@link ServiceMetrics} put there is left out: the monitor exports it itself.
 *
 * <p>Names become lower-case words joined by dots. Of two that become the same, only the first is
 * reported; the other is told in the log. Safe for use by any number of threads. Starts one daemon
 * thread, {@code perf-sla-registry-1}, unless it is given a scheduler.
 */
@Beta
public final class RegistryReporter extends ScheduledReporter {

  private static final Logger log = LoggerFactory.getLogger(RegistryReporter.class);

  private final Telemetry telemetry;
  private final String prefix;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Reported> reported = new HashMap<>();
  private final Map<String, String> owners = new HashMap<>();
  private final Set<String> leftOut = new HashSet<>();

  private RegistryReporter(
      Builder options, Telemetry telemetry, ScheduledExecutorService scheduler, boolean own) {
    super(
        options.registry,
        "sla-reporter",
        options.filter,
        TimeUnit.SECONDS,
        TimeUnit.SECONDS,
        scheduler,
        own);
    this.telemetry = Objects.requireNonNull(telemetry, "telemetry");
    this.prefix = options.prefix;
  }

  /** Returns the options of a reporter. */
  public static Builder forRegistry(MetricRegistry registry) {
    return new Builder(Objects.requireNonNull(registry, "registry"));
  }

  @Override
  @SuppressWarnings("rawtypes") // the signature of the library
  public void report(
      SortedMap<String, Gauge> gauges,
      SortedMap<String, Counter> counters,
      SortedMap<String, Histogram> histograms,
      SortedMap<String, Meter> meters,
      SortedMap<String, Timer> timers) {
    lock.lock();
    try {
      Map<String, Metric> all = new HashMap<>(gauges);
      all.putAll(counters);
      all.putAll(histograms);
      all.putAll(meters);
      all.putAll(timers);
      all.values().removeIf(RegistryReporter::isPublished);
      forgetOthers(all);
      all.keySet().stream().sorted().forEach(name -> report(name, all.get(name)));
    } finally {
      lock.unlock();
    }
  }

  /** Stops the reports, and takes back the gauges. */
  @Override
  public void stop() {
    super.stop();
    lock.lock();
    try {
      forgetOthers(Map.of());
    } finally {
      lock.unlock();
    }
  }

  private void report(String name, @Nullable Metric metric) {
    String target = ReportedNames.of(prefix + name);
    String owner = owners.putIfAbsent(target, name);
    if (metric == null || (owner != null && !owner.equals(name))) {
      if (leftOut.add(name)) {
        log.warn("metric '{}' is not reported: '{}' has the same name {}", name, owner, target);
      }
      return;
    }
    reported.computeIfAbsent(name, unused -> Reported.of(metric, target, telemetry)).report();
  }

  /** Forgets metrics that are no more, or are others of the same name. */
  private void forgetOthers(Map<String, Metric> all) {
    reported
        .entrySet()
        .removeIf(
            entry -> {
              boolean gone = all.get(entry.getKey()) != entry.getValue().metric();
              if (gone) {
                entry.getValue().close();
              }
              return gone;
            });
    owners.values().retainAll(all.keySet());
    leftOut.retainAll(all.keySet());
  }

  private static boolean isPublished(Metric metric) {
    return metric instanceof ServiceTimer
        || metric instanceof ServiceMeter
        || metric instanceof PublishedGauge;
  }

  /** The options of a reporter. For one thread; may be built from more than once. */
  @Beta
  public static final class Builder {

    private final MetricRegistry registry;
    private String prefix = "";
    private MetricFilter filter = MetricFilter.ALL;
    private @Nullable ScheduledExecutorService scheduler;

    private Builder(MetricRegistry registry) {
      this.registry = registry;
    }

    /**
     * Sets what names begin with, by default nothing.
     *
     * @throws IllegalArgumentException if it is blank
     */
    public Builder prefix(String prefix) {
      this.prefix = Options.notBlank("prefix", prefix) + ".";
      return this;
    }

    /** Sets which metrics are reported, by default all. */
    public Builder filter(MetricFilter filter) {
      this.filter = Objects.requireNonNull(filter, "filter");
      return this;
    }

    /** Sets who runs the reports, by default a thread of the reporter. It remains the host's. */
    public Builder scheduler(ScheduledExecutorService scheduler) {
      this.scheduler = Objects.requireNonNull(scheduler, "scheduler");
      return this;
    }

    /** Returns a reporter that waits for {@code start}, or for each {@code report()}. */
    public RegistryReporter build(Telemetry telemetry) {
      ScheduledExecutorService given = scheduler;
      return given == null
          ? new RegistryReporter(
              this, telemetry, WorkerThreads.scheduler("sla", "registry", 1), true)
          : new RegistryReporter(this, telemetry, given, false);
    }
  }
}

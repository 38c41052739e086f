package dev.perfkit.testkit;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.Metric;
import dev.perfkit.spi.Telemetry;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleSupplier;

/**
 * A telemetry that remembers every measurement, for tests to read.
 *
 * <p>Series are read by name and tags ({@code count("cache.hits", "cache", "users")}): all series
 * of that name which have at least these tags. Reading a series that nobody resolved fails with the
 * names of those that exist, so a misspelled name is not taken for a zero.
 *
 * <p>It is strict: negative amounts, and one metric used as two kinds of series, are refused. Safe
 * for use by any number of threads.
 */
@Beta
public final class RecordingTelemetry implements Telemetry {

  private final Map<Metric, Object> series = new ConcurrentHashMap<>();

  private RecordingTelemetry() {}

  /** Returns one without any series. */
  public static RecordingTelemetry create() {
    return new RecordingTelemetry();
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if the metric is a timer or a gauge
   */
  @Override
  public Counter counter(Metric metric) {
    return resolve(metric, RecordedCounter.class, new RecordedCounter(metric));
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if the metric is a counter or a gauge
   */
  @Override
  public Timer timer(Metric metric) {
    return resolve(metric, RecordedTimer.class, new RecordedTimer());
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if the metric is a counter or a timer
   */
  @Override
  public Registration gauge(Metric metric, DoubleSupplier value) {
    RecordedGauge gauge = new RecordedGauge(Objects.requireNonNull(value, "value"));
    series.compute(
        Objects.requireNonNull(metric, "metric"),
        (same, old) -> {
          if (old != null) {
            requireKind(metric, RecordedGauge.class, old);
          }
          return gauge;
        });
    return () -> series.remove(metric, gauge);
  }

  /**
   * Returns the sum of the counters of that name which have at least these tags.
   *
   * @param tags keys and values in turn
   * @throws AssertionError if there is none
   */
  public long count(String name, String... tags) {
    return find(RecordedCounter.class, name, tags).stream().mapToLong(RecordedCounter::get).sum();
  }

  /**
   * Returns what the timers of that name which have at least these tags have recorded, for each in
   * the order of recording.
   *
   * @param tags keys and values in turn
   * @throws AssertionError if there is none
   */
  public List<Duration> durations(String name, String... tags) {
    return find(RecordedTimer.class, name, tags).stream()
        .flatMap(timer -> timer.nanos.stream())
        .map(Duration::ofNanos)
        .toList();
  }

  /**
   * Reads the gauge of that name which has at least these tags.
   *
   * @param tags keys and values in turn
   * @throws AssertionError if there is none, or more than one
   */
  public double value(String name, String... tags) {
    Collection<RecordedGauge> found = find(RecordedGauge.class, name, tags);
    if (found.size() > 1) {
      throw new AssertionError(
          "gauge " + name + List.of(tags) + " must be one but was " + found.size());
    }
    return found.iterator().next().value.getAsDouble();
  }

  /** Returns the metrics of all counters and timers resolved so far, and of all open gauges. */
  public Set<Metric> metrics() {
    return Set.copyOf(series.keySet());
  }

  @Override
  public String toString() {
    return "RecordingTelemetry" + series.keySet();
  }

  private <S> S resolve(Metric metric, Class<S> kind, S fresh) {
    Object old = series.putIfAbsent(Objects.requireNonNull(metric, "metric"), fresh);
    return old == null ? fresh : requireKind(metric, kind, old);
  }

  private static <S> S requireKind(Metric metric, Class<S> kind, Object old) {
    if (!kind.isInstance(old)) {
      throw new IllegalArgumentException(
          "metric " + metric + " must be of one kind but is both " + old + " and " + label(kind));
    }
    return kind.cast(old);
  }

  private static String label(Class<?> kind) {
    return kind == RecordedCounter.class
        ? "a counter"
        : kind == RecordedTimer.class ? "a timer" : "a gauge";
  }

  private <S> Collection<S> find(Class<S> kind, String name, String... tags) {
    Map<String, String> wanted = tags(tags);
    List<S> found =
        series.entrySet().stream()
            .filter(entry -> entry.getKey().name().equals(name))
            .filter(entry -> entry.getKey().tags().entrySet().containsAll(wanted.entrySet()))
            .filter(entry -> kind.isInstance(entry.getValue()))
            .map(entry -> kind.cast(entry.getValue()))
            .toList();
    if (found.isEmpty()) {
      throw new AssertionError(
          "expected " + label(kind) + " " + name + wanted + " but there are " + series.keySet());
    }
    return found;
  }

  private static Map<String, String> tags(String... keysAndValues) {
    if (keysAndValues.length % 2 != 0) {
      throw new IllegalArgumentException("tags must be keys and values in turn");
    }
    Map<String, String> tags = new HashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      tags.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    return tags;
  }

  private static final class RecordedCounter implements Counter {

    private final Metric metric;
    private final AtomicLong count = new AtomicLong();

    RecordedCounter(Metric metric) {
      this.metric = metric;
    }

    @Override
    public void add(long amount) {
      if (amount < 0) {
        throw new IllegalArgumentException(
            "amount added to " + metric + " must be at least 0 but was " + amount);
      }
      count.addAndGet(amount);
    }

    long get() {
      return count.get();
    }

    @Override
    public String toString() {
      return label(RecordedCounter.class);
    }
  }

  private static final class RecordedTimer implements Timer {

    private final Collection<Long> nanos = new ConcurrentLinkedQueue<>();

    @Override
    public void record(long nanos) {
      this.nanos.add(Math.max(0, nanos));
    }

    @Override
    public String toString() {
      return label(RecordedTimer.class);
    }
  }

  private static final class RecordedGauge {

    private final DoubleSupplier value;

    RecordedGauge(DoubleSupplier value) {
      this.value = value;
    }

    @Override
    public String toString() {
      return label(RecordedGauge.class);
    }
  }
}

package dev.perfkit.sla;

import dev.perfkit.spi.Metric;
import dev.perfkit.spi.Telemetry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The counters, timers and gauges of all other modules, to be exported with the services.
 *
 * <p>The number of series is bounded. Over the limit, a counter or timer whose family exists goes
 * to one series of that family that is tagged {@code overflow}; anything else is not measured. Two
 * metrics that would have the same exported name are one too many: the later is not measured.
 */
final class Meters implements Telemetry {

  /** What a family of series is. */
  enum Type {
    COUNTER,
    TIMER,
    GAUGE
  }

  /** Says what became of a series that could not be had: the metric and the reason. */
  interface Refusals extends BiConsumer<Metric, String> {}

  /** The series of one name, all of one type. */
  record Family(String exportedName, Type type, Metric first, List<Series> series) {}

  private static final String OVERFLOW = "overflow";

  private final int maximumSeries;
  private final Refusals refusals;
  private final Layout timerLayout = Layout.plain();

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Object> claims = new HashMap<>();
  private final Map<Type, Map<Metric, Series>> all =
      Map.of(
          Type.COUNTER, new ConcurrentHashMap<>(),
          Type.TIMER, new ConcurrentHashMap<>(),
          Type.GAUGE, new ConcurrentHashMap<>());

  /**
   * @param reserved exported names that no metric may have
   * @param refusals called under a lock; must only take notes
   */
  Meters(int maximumSeries, List<String> reserved, Refusals refusals) {
    this.maximumSeries = maximumSeries;
    this.refusals = refusals;
    reserved.forEach(name -> claims.put(name, "reserved"));
  }

  @Override
  public Counter counter(Metric metric) {
    Series series = series(Type.COUNTER, metric, () -> new CounterSeries(metric));
    return series instanceof CounterSeries counter ? counter : Telemetry.none().counter(metric);
  }

  @Override
  public Timer timer(Metric metric) {
    Series series = series(Type.TIMER, metric, () -> new TimerSeries(metric, timerLayout));
    return series instanceof TimerSeries timer ? timer : Telemetry.none().timer(metric);
  }

  @Override
  public Registration gauge(Metric metric, DoubleSupplier value) {
    GaugeSeries gauge = new GaugeSeries(metric, value);
    lock.lock();
    try {
      Map<Metric, Series> gauges = of(Type.GAUGE);
      boolean fits = gauges.containsKey(metric) || size() < maximumSeries;
      if (!fits) {
        refusals.accept(metric, "the limit of " + maximumSeries + " series is reached");
      } else if (claim(Type.GAUGE, metric)) {
        gauges.put(metric, gauge);
        return () -> gauges.remove(metric, gauge);
      }
      return () -> {};
    } finally {
      lock.unlock();
    }
  }

  /** Gives timers that are written often more stripes. For one thread at a time. */
  void tick(double seconds) {
    of(Type.TIMER).values().forEach(series -> ((TimerSeries) series).growIfBusy(seconds));
  }

  /** Returns the families by exported name, and in each the series by their tags. */
  List<Family> families() {
    Map<String, Family> families = new HashMap<>();
    Stream.of(Type.values())
        .forEach(
            type ->
                of(type)
                    .values()
                    .forEach(
                        series ->
                            families
                                .computeIfAbsent(
                                    exportedName(type, series.metric()),
                                    name ->
                                        new Family(name, type, series.metric(), new ArrayList<>()))
                                .series()
                                .add(series)));
    families
        .values()
        .forEach(
            family ->
                family.series().sort(Comparator.comparing(one -> one.metric().tags().toString())));
    return families.values().stream().sorted(Comparator.comparing(Family::exportedName)).toList();
  }

  /** Returns the series of a type and a name. */
  List<Series> series(Type type, String name) {
    return of(type).values().stream()
        .filter(series -> series.metric().name().equals(name))
        .toList();
  }

  int size() {
    return all.values().stream().mapToInt(Map::size).sum();
  }

  private Series series(Type type, Metric metric, Supplier<Series> make) {
    Series known = of(type).get(metric);
    return known != null ? known : add(type, metric, make);
  }

  private Series add(Type type, Metric metric, Supplier<Series> make) {
    lock.lock();
    try {
      Series known = of(type).get(metric);
      if (known != null) {
        return known;
      }
      if (size() >= maximumSeries) {
        refusals.accept(metric, "the limit of " + maximumSeries + " series is reached");
        return overflow(type, metric);
      }
      if (!claim(type, metric)) {
        return Series.NONE;
      }
      Series made = make.get();
      of(type).put(metric, made);
      return made;
    } finally {
      lock.unlock();
    }
  }

  private Series overflow(Type type, Metric metric) {
    if (!owner(type, metric).equals(claims.get(exportedName(type, metric)))) {
      return Series.NONE;
    }
    Metric shared = Metric.named(metric.name()).unit(metric.unit()).tag(OVERFLOW, "true");
    return of(type)
        .computeIfAbsent(
            shared,
            key ->
                type == Type.COUNTER ? new CounterSeries(key) : new TimerSeries(key, timerLayout));
  }

  /** Takes all names that the samples of a family have, or none. */
  private boolean claim(Type type, Metric metric) {
    String owner = owner(type, metric);
    String name = exportedName(type, metric);
    List<String> names =
        type == Type.TIMER
            ? List.of(name, name + "_bucket", name + "_count", name + "_sum")
            : List.of(name);
    for (String taken : names) {
      Object other = claims.getOrDefault(taken, owner);
      if (!owner.equals(other)) {
        refusals.accept(metric, "its exported name " + taken + " belongs to " + other);
        return false;
      }
    }
    names.forEach(taken -> claims.put(taken, owner));
    return true;
  }

  private static String owner(Type type, Metric metric) {
    return type + " " + metric.name();
  }

  private static String exportedName(Type type, Metric metric) {
    return switch (type) {
      case COUNTER -> MetricNames.counter(metric);
      case TIMER -> MetricNames.timer(metric);
      case GAUGE -> MetricNames.gauge(metric);
    };
  }

  private Map<Metric, Series> of(Type type) {
    Map<Metric, Series> series = all.get(type);
    if (series == null) {
      throw new IllegalStateException("no series of type " + type);
    }
    return series;
  }

  /** One series. */
  sealed interface Series permits CounterSeries, TimerSeries, GaugeSeries, NoSeries {

    /** Stands for a series that could not be had. */
    Series NONE = new NoSeries(Metric.named("none"));

    Metric metric();
  }

  /** A series that is not measured. */
  record NoSeries(Metric metric) implements Series {}

  /** A count. */
  static final class CounterSeries implements Series, Counter {

    private final Metric metric;
    private final LongAdder count = new LongAdder();

    CounterSeries(Metric metric) {
      this.metric = metric;
    }

    @Override
    public Metric metric() {
      return metric;
    }

    /** Adds to the count; a negative amount is left out, as an exported counter never goes down. */
    @Override
    public void add(long amount) {
      if (amount > 0) {
        count.add(amount);
      }
    }

    long count() {
      return count.sum();
    }
  }

  /** A distribution since the beginning; without windows, and so lighter than a service. */
  static final class TimerSeries implements Series, Timer {

    private static final double WRITES_PER_SECOND_AND_STRIPE = 4_000;

    private final Metric metric;
    private final Layout layout;
    private final StripedCells cells;
    private long countAtTick;

    TimerSeries(Metric metric, Layout layout) {
      this.metric = metric;
      this.layout = layout;
      this.cells = new StripedCells(layout, false, Telemetry.none().counter(metric));
    }

    @Override
    public Metric metric() {
      return metric;
    }

    @Override
    public void record(long nanos) {
      cells.record(nanos, Outcome.SUCCESS);
    }

    Reading read(Workspace scratch) {
      long[] counts = scratch.counts(layout.cells());
      cells.read(counts);
      Tally tally = scratch.tally();
      for (int cell = 0; cell < counts.length; cell++) {
        if (counts[cell] != 0) {
          tally.add(cell, counts[cell]);
        }
      }
      try {
        return Reading.of(layout, tally, 0, Sums.NOT_KEPT);
      } finally {
        tally.clear();
      }
    }

    private void growIfBusy(double seconds) {
      long count = cells.total();
      if (count - countAtTick > WRITES_PER_SECOND_AND_STRIPE * cells.stripes() * seconds) {
        cells.grow();
      }
      countAtTick = count;
    }
  }

  /** A value that is read when it is exported. */
  static final class GaugeSeries implements Series {

    private final Metric metric;
    private final DoubleSupplier value;

    GaugeSeries(Metric metric, DoubleSupplier value) {
      this.metric = metric;
      this.value = value;
    }

    @Override
    public Metric metric() {
      return metric;
    }

    /** Returns the value; not a number if there is none or the host's code fails. */
    double value() {
      try {
        return value.getAsDouble();
      } catch (RuntimeException | LinkageError failure) {
        return Double.NaN;
      }
    }
  }
}

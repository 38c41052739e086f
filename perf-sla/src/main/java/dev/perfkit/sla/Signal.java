package dev.perfkit.sla;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.support.Options;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/**
 * A number that an {@link AlertRule} watches: of each service, of each series of a metric that came
 * through {@link SlaMonitor#telemetry}, or of the host's own. Each service or series is judged
 * apart. Immutable.
 *
 * <p>Numbers made of too few events are left out as if there were none: a share of three requests
 * says nothing.
 */
@Beta
public final class Signal {

  /** The fewest requests that a percentile or share is made of, unless set otherwise: 20. */
  public static final int DEFAULT_LEAST_EVENTS = 20;

  /**
   * The fewest requests that must be expected for a drop of throughput, unless set otherwise: 400.
   * Chance alone makes a fifth of those stay away once in 30,000 times.
   */
  public static final int DEFAULT_LEAST_EXPECTED = 400;

  /** What the numbers count, for messages. */
  enum Unit {
    SECONDS,
    SHARE,
    PER_SECOND,
    PLAIN
  }

  private final String name;
  private final Unit unit;
  private final int leastEvents;
  private final Set<String> services;
  private final Source source;

  /** Makes what reads a signal, with a memory of its own. */
  interface Source {
    SignalReader reader(Signal signal);
  }

  private Signal(String name, Unit unit, int leastEvents, Set<String> services, Source source) {
    this.name = name;
    this.unit = unit;
    this.leastEvents = leastEvents;
    this.services = services;
    this.source = source;
  }

  /**
   * Returns a percentile of the durations of each service, in seconds.
   *
   * @param share over 0 and up to 1: 0.95 is the 95th percentile
   * @throws IllegalArgumentException if the share is outside that range
   */
  public static Signal percentile(double share, Window window) {
    Options.require(share > 0 && share <= 1, "share", "be over 0 and at most 1", share);
    String name = "p" + Slo.percent(BigDecimal.valueOf(share)) + "-" + window;
    return ofServices(
        name, Unit.SECONDS, DEFAULT_LEAST_EVENTS, ServiceSignals.percentile(share, window));
  }

  /** Returns the share of failures of each service, 0 to 1. */
  public static Signal errorRate(Window window) {
    return ofServices(
        "errors-" + window, Unit.SHARE, DEFAULT_LEAST_EVENTS, ServiceSignals.errorRate(window));
  }

  /** Returns the requests per second of each service; silence is 0. */
  public static Signal throughput(Window window) {
    return ofServices(
        "throughput-" + window, Unit.PER_SECOND, 0, ServiceSignals.throughput(window));
  }

  /**
   * Returns the share of requests that stay away in a window, compared with the time before it: 0.2
   * if there are a fifth less than the rate before lets expect. Without as much time before, and
   * while fewer than {@value #DEFAULT_LEAST_EXPECTED} are expected, there is none.
   *
   * @param now the window that is looked at, at most 1 day
   * @param before the time before it that is compared with, longer than the window and at most 30
   *     days
   * @throws IllegalArgumentException if the windows are outside their range
   */
  public static Signal throughputDrop(Window now, Window before) {
    Options.require(
        now.length().compareTo(before.length()) < 0
            && before.length().compareTo(Window.THIRTY_DAYS.length()) <= 0,
        "before",
        "be longer than " + now + " and at most 30d",
        before);
    Options.require(
        now.length().compareTo(Window.ONE_DAY.length()) <= 0, "now", "be at most 1d", now);
    return ofServices(
        "throughput-drop-" + now,
        Unit.SHARE,
        DEFAULT_LEAST_EXPECTED,
        ServiceSignals.throughputDrop(now, before));
  }

  /**
   * Returns how many requests of each service took longer than a limit, to 3 % of it; failures too.
   *
   * @param limit over 0
   * @throws IllegalArgumentException if the limit is not
   */
  public static Signal slower(Duration limit, Window window) {
    Options.positive("limit", limit);
    String name = "over-" + Durations.brief(limit) + "-" + window;
    return ofServices(name, Unit.PLAIN, 1, ServiceSignals.slower(limit, window));
  }

  /**
   * Returns how many recordings of a timer took longer than a limit, to 3 % of it, for each series.
   *
   * @param timer the name of the metric
   * @param limit over 0
   * @param window 10 seconds to 1 day
   * @throws IllegalArgumentException if the limit or the window is outside its range
   */
  public static Signal slowerOf(String timer, Duration limit, Window window) {
    Options.positive("limit", limit);
    String name = Options.notBlank("timer", timer) + "-over-" + Durations.brief(limit);
    requireCounted(window);
    return new Signal(
        name + "-" + window,
        Unit.PLAIN,
        1,
        Set.of(),
        signal -> MetricSignals.slower(signal, timer, limit, window));
  }

  /**
   * Returns what counters counted in a window as a share of what others did, such as hits of
   * look-ups; for each set of tags.
   *
   * @param parts names of counters, whose sum is the part
   * @param wholes names of counters, whose sum is the whole
   * @param window 10 seconds to 1 day
   * @throws IllegalArgumentException if a list is empty or the window is outside its range
   */
  public static Signal ratio(String name, List<String> parts, List<String> wholes, Window window) {
    Options.require(!parts.isEmpty() && !wholes.isEmpty(), "ratio " + name, "name counters", parts);
    requireCounted(window);
    List<String> part = List.copyOf(parts);
    List<String> whole = List.copyOf(wholes);
    return new Signal(
        Objectives.name("name", name),
        Unit.SHARE,
        DEFAULT_LEAST_EVENTS,
        Set.of(),
        signal -> MetricSignals.ratio(signal, part, whole, window));
  }

  /** Returns the value of a gauge, for each set of tags. */
  public static Signal gauge(String gauge) {
    String name = Options.notBlank("gauge", gauge);
    return new Signal(name, Unit.PLAIN, 0, Set.of(), signal -> MetricSignals.gauge(name));
  }

  /** Returns the value of a gauge as a share of that of another one with the same tags. */
  public static Signal gaugeRatio(String part, String whole) {
    Options.notBlank("part", part);
    Options.notBlank("whole", whole);
    return new Signal(
        part + "/" + whole,
        Unit.SHARE,
        0,
        Set.of(),
        signal -> MetricSignals.gaugeRatio(part, whole));
  }

  /**
   * Returns a number of the host's.
   *
   * @param name what it is called in alerts
   * @param value called by the monitor's thread, so it must not block; not a number if there is
   *     none, and so is one that throws
   * @throws IllegalArgumentException if the name is blank or over 200 characters
   */
  public static Signal of(String name, DoubleSupplier value) {
    Objects.requireNonNull(value, "value");
    return new Signal(
        Objectives.name("name", name),
        Unit.PLAIN,
        0,
        Set.of(),
        signal -> MetricSignals.host(value));
  }

  /** Returns the share of the greatest heap that is in use, garbage included. */
  public static Signal heap() {
    Supplier<MemoryUsage> usage = () -> ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
    return new Signal(
        "heap", Unit.SHARE, 0, Set.of(), signal -> MetricSignals.host(() -> share(usage.get())));
  }

  /**
   * Returns this signal of some services only.
   *
   * @param services their names, at least one
   * @throws IllegalArgumentException if there is no name, or this is no signal of services
   */
  public Signal of(String... services) {
    Options.require(services.length > 0, "services", "be named", List.of(services));
    Options.require(isOfServices(), "signal", "be of services", name);
    return new Signal(name, unit, leastEvents, Set.of(services), source);
  }

  /**
   * Returns this signal with another number of events that it takes to tell it.
   *
   * @param events 1 or more
   * @throws IllegalArgumentException if it is less, or this signal does not count events
   */
  public Signal atLeast(int events) {
    Options.atLeast("events", 1, events);
    Options.require(leastEvents > 0, "signal", "count events", name);
    return new Signal(name, unit, events, services, source);
  }

  /** Returns the name, such as {@code p95-5m}; it is the objective in alerts. */
  public String name() {
    return name;
  }

  Unit unit() {
    return unit;
  }

  int leastEvents() {
    return leastEvents;
  }

  /** Returns whether it is told of a service. */
  boolean isOf(Service service) {
    return services.isEmpty() ? !service.isOverflow() : services.contains(service.name());
  }

  boolean isOfServices() {
    return source instanceof ServiceSignals.EachService;
  }

  /** Returns for how long it is told of a request of a service. */
  long windowNanos() {
    return source instanceof ServiceSignals.EachService each ? each.window().length().toNanos() : 0;
  }

  SignalReader reader() {
    return source.reader(this);
  }

  @Override
  public String toString() {
    return "Signal[" + name + (services.isEmpty() ? "" : " of " + services) + "]";
  }

  private static Signal ofServices(
      String name, Unit unit, int least, ServiceSignals.EachService source) {
    return new Signal(name, unit, least, Set.of(), source);
  }

  private static void requireCounted(Window window) {
    Options.require(
        window.length().compareTo(Window.ONE_DAY.length()) <= 0, "window", "be at most 1d", window);
  }

  private static double share(MemoryUsage usage) {
    return usage.getMax() <= 0 ? Double.NaN : (double) usage.getUsed() / usage.getMax();
  }
}

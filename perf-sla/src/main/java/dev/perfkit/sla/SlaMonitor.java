package dev.perfkit.sla;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.Component;
import dev.perfkit.spi.EventSink;
import dev.perfkit.spi.Health;
import dev.perfkit.spi.Metric;
import dev.perfkit.spi.Telemetry;
import dev.perfkit.spi.TimeSource;
import dev.perfkit.spi.support.Options;
import dev.perfkit.spi.support.Problems;
import dev.perfkit.spi.support.WorkerThreads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records how services do and tells whether that is within what was promised.
 *
 * <pre>{@code
 * SlaMonitor sla = SlaMonitor.create();
 * Service api =
 *     sla.service("api", Slo.availability(0.999), Slo.latency(0.95, Duration.ofMillis(200)));
 * api.record(Duration.ofMillis(150), Outcome.success());
 * }</pre>
 *
 * <p>It is also the {@link #telemetry} of other modules, shows the components it {@linkplain #watch
 * watches}, and exports all of that as Prometheus text and JSON. It measures this process only.
 *
 * <p>Safe for use by any number of threads. Starts one daemon thread unless it is given a
 * scheduler.
 */
@Beta
public final class SlaMonitor implements Component {

  /** The name of a monitor that was given none. */
  public static final String DEFAULT_NAME = "app";

  /** The most services unless set otherwise: 200. */
  public static final int DEFAULT_MAXIMUM_SERVICES = 200;

  /** After how long a request without an end is abandoned unless set otherwise: 10 minutes. */
  public static final Duration DEFAULT_EXPIRY = Duration.ofMinutes(10);

  /** The most series of telemetry unless set otherwise: 2,000. */
  public static final int DEFAULT_MAXIMUM_SERIES = 2_000;

  /**
   * The objectives of a service that names none, unless set otherwise: 99.9 % succeed, 95 % take at
   * most 200 ms, 99 % take at most 500 ms, and at most 0.1 % fail. The last says the same as the
   * first, so only the first alerts.
   */
  public static final List<Slo> DEFAULT_OBJECTIVES =
      List.of(
          Slo.availability(0.999),
          Slo.latency(0.95, Duration.ofMillis(200)),
          Slo.latency(0.99, Duration.ofMillis(500)),
          Slo.errorRate(0.001));

  /** The silence after which a service that had requests alerts, unless set otherwise: 15 min. */
  public static final Duration DEFAULT_ABSENCE = Duration.ofMinutes(15);

  private static final Logger log = LoggerFactory.getLogger(SlaMonitor.class);
  private static final String CLAMPED = "Durations that were not positive, or absurdly long.";
  private static final String IGNORED = "Ends of requests that had ended before, or had expired.";
  private static final String SERVICES_OVERFLOWED = "services-overflowed";
  private static final String SERIES_REFUSED = "series-refused";
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(2);

  private final String name;
  private final int maximumServices;
  private final Notices notices;
  private final Clock clock;
  private final Meters meters;
  private final Services services;
  private final AlertBoard alerts = new AlertBoard();
  private final Exclusions exclusions = new Exclusions();
  private final Ticker ticker;
  private final Telemetry.Registration size;
  private final @Nullable ScheduledExecutorService ownScheduler;
  private final @Nullable Persistence persistence;
  private final @Nullable ScheduledFuture<?> saves;
  private final CopyOnWriteArrayList<Component> watched = new CopyOnWriteArrayList<>();
  private final AtomicBoolean closed = new AtomicBoolean();

  private SlaMonitor(Builder options, Notices notices, @Nullable Persistence persistence) {
    this.notices = notices;
    this.persistence = persistence;
    name = options.name;
    maximumServices = options.maximumServices;
    meters =
        new Meters(
            options.maximumSeries,
            PrometheusExport.RESERVED,
            (metric, reason) ->
                notices.raise(
                    SERIES_REFUSED,
                    "metric " + metric.name() + " is not measured apart: " + reason));
    Telemetry own =
        options.telemetry == null
            ? meters
            : Telemetry.guarded(options.telemetry, failure -> notices.failed("telemetry", failure));
    clock = new Clock(options.timeSource, persistence == null ? 0 : persistence.resumeAt());
    services =
        new Services(
            new Services.Settings(
                options.maximumServices,
                options.exactSum,
                options.defaultObjectives,
                options.absenceAfter,
                options.expireAfter.toNanos(),
                own.counter(metric("durations.clamped", CLAMPED)),
                own.counter(metric("ends.ignored", IGNORED))),
            clock,
            () -> notices.raise(SERVICES_OVERFLOWED, overflowMessage()),
            persistence == null ? name -> null : persistence::saved);
    size = own.gauge(metric("services", "Services that are recorded."), services::size);
    ownScheduler =
        options.scheduler == null
            ? WorkerThreads.scheduler("sla", options.name, options.threads())
            : null;
    ScheduledExecutorService scheduler =
        ownScheduler == null ? Objects.requireNonNull(options.scheduler) : ownScheduler;
    ticker =
        new Ticker(
            services,
            meters,
            clock,
            own.timer(metric("tick", "Time to close the slots of all services.")),
            notices,
            alerts,
            exclusions,
            scheduler);
    saves = persistence == null ? null : persistence.start(scheduler, services, clock);
  }

  /** Returns a monitor named {@value #DEFAULT_NAME} with all defaults. */
  public static SlaMonitor create() {
    return named(DEFAULT_NAME).build();
  }

  /**
   * Returns the options of a monitor.
   *
   * @throws IllegalArgumentException if the name is blank
   */
  public static Builder named(String name) {
    return new Builder(Options.notBlank("name", name));
  }

  /**
   * Returns the handle of a service: the one of that name or, if there is none, a new one with the
   * default objectives. Over the limit it is the {@linkplain Service#isOverflow overflow}.
   *
   * @param name not blank, at most 200 characters; bounded in number, so never a user's input
   * @throws IllegalArgumentException if the name is not allowed
   */
  public Service service(String name) {
    return services.get(name);
  }

  /**
   * Returns the handle of a service with objectives; made if there is none of that name. Over the
   * limit it is the {@linkplain Service#isOverflow overflow}, which has no objectives.
   *
   * @param name not blank, at most 200 characters
   * @param objectives at most 16 with unique names and at most 8 different thresholds; none means a
   *     service without objectives
   * @throws IllegalArgumentException if the name or the objectives are not allowed
   * @throws IllegalStateException if the service exists with other objectives
   */
  public Service service(String name, Slo... objectives) {
    return services.get(name, List.of(objectives));
  }

  /** Returns all services by name, the overflow last; unmodifiable. */
  public List<Service> services() {
    return services.all();
  }

  /**
   * Counts a request of a service that is known by name only. A service that does not exist is made
   * with the default objectives. With a handle it is faster.
   *
   * @param service not blank, at most 200 characters
   * @param responseTime how long the request took
   * @param success whether it did what it promised
   * @param statusCode 100 to 599; any other number means none
   * @throws IllegalArgumentException if the name is not allowed
   */
  public void recordMetric(String service, Duration responseTime, boolean success, int statusCode) {
    services.get(service).record(responseTime, Outcome.of(success, statusCode));
  }

  /** Returns where other modules send their measurements; all of it is exported. */
  public Telemetry telemetry() {
    return meters;
  }

  /**
   * Shows a component in the {@linkplain #status status} and the exports; of {@code Components},
   * the parts they hold at the time of asking. It remains the host's to close.
   */
  public void watch(Component component) {
    watched.addIfAbsent(Objects.requireNonNull(component, "component"));
  }

  /** Returns how the process is doing: this monitor and what it watches. */
  public ProcessStatus status() {
    return ProcessStatus.of(this, watched);
  }

  /** Returns the alerts that are not quiet or resolved, by id; unmodifiable. */
  public List<Alert> alerts() {
    return alerts.current();
  }

  /**
   * Declares a time in which requests do not count for objectives and burn alerts keep what they
   * say. Requests are recorded all the same. It is kept for 400 days, with what it left out.
   *
   * @throws IllegalArgumentException if it begins in the past, or was declared before
   * @throws IllegalStateException if 1,000 were declared in 400 days
   */
  public void exclude(Exclusion exclusion) {
    exclusions.declare(exclusion, now());
    notices.send(now().toEpochMilli(), "exclusion-declared", exclusion);
  }

  /**
   * Ends an exclusion early; from now on requests count again.
   *
   * @return whether it was declared and had not ended
   */
  public boolean cancel(Exclusion exclusion) {
    boolean cancelled = exclusions.cancel(exclusion, now());
    if (cancelled) {
      notices.send(now().toEpochMilli(), "exclusion-cancelled", exclusion);
    }
    return cancelled;
  }

  /** Returns the exclusions to come and of the past 400 days, the oldest first; unmodifiable. */
  public List<ExclusionRecord> exclusions() {
    return exclusions.all();
  }

  /** Returns everything in the Prometheus text format, version 0.0.4. */
  public String prometheus() {
    return text(this::prometheus);
  }

  /**
   * Writes everything in the Prometheus text format, version 0.0.4. Nobody who records waits.
   *
   * @throws IOException if the output throws it
   */
  public void prometheus(Appendable out) throws IOException {
    new PrometheusExport(out).write(services.all(), alerts(), status(), meters.families());
  }

  /** Returns everything as a JSON object. */
  public String json() {
    return text(this::json);
  }

  /**
   * Writes everything as a JSON object. Nobody who records waits.
   *
   * @throws IOException if the output throws it
   */
  public void json(Appendable out) throws IOException {
    new JsonExport(out)
        .write(
            name,
            clock.currentTimeMillis(),
            status(),
            services.all(),
            alerts(),
            exclusions(),
            meters.families());
  }

  @Override
  public String kind() {
    return "sla";
  }

  @Override
  public String name() {
    return name;
  }

  /**
   * Returns UP; DEGRADED when a limit was reached, so that some measurements are lumped together or
   * missing, or when windows do not move. Whether objectives are met is not part of it.
   */
  @Override
  public Health health() {
    if (closed.get()) {
      return Health.of(Health.Status.DOWN, "closed");
    }
    if (ticker.isLate()) {
      return degraded(
          "windows have not moved for over 10 s: the scheduler does not run its tasks, or not in"
              + " time");
    }
    if (services.hasOverflow()) {
      return degraded(overflowMessage());
    }
    String unwritten = persistence == null ? null : persistence.problem();
    if (unwritten != null) {
      return degraded(unwritten);
    }
    String refused = notices.of(SERIES_REFUSED);
    return refused == null ? Health.up() : degraded(refused);
  }

  /** Stops the windows. Recording and reading go on without error. */
  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    ticker.cancel();
    if (persistence != null) {
      Objects.requireNonNull(saves).cancel(false);
      persistence.close(name, services, clock, CLOSE_WITHIN);
    }
    notices.send(clock.currentTimeMillis());
    size.close();
    if (ownScheduler != null && !WorkerThreads.stop(ownScheduler, CLOSE_WITHIN)) {
      log.warn("monitor '{}': its thread did not stop within {}", name, CLOSE_WITHIN);
    }
  }

  @Override
  public String toString() {
    return "SlaMonitor[" + name + ", " + services.size() + " services]";
  }

  private Instant now() {
    return Instant.ofEpochMilli(clock.currentTimeMillis());
  }

  private String overflowMessage() {
    return "maximumServices must cover all services but is "
        + maximumServices
        + ": the others are counted together as "
        + Services.OVERFLOW
        + "; raise it, or take fewer names";
  }

  private static Health degraded(String reason) {
    return Health.of(Health.Status.DEGRADED, reason);
  }

  private static Metric metric(String what, String help) {
    return Metric.named("sla." + what).help(help);
  }

  private static String text(Export export) {
    StringBuilder text = new StringBuilder(4096);
    try {
      export.to(text);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return text.toString();
  }

  private interface Export {
    void to(Appendable out) throws IOException;
  }

  /** The options of a monitor. For one thread; may be built from more than once. */
  @Beta
  public static final class Builder {

    private static final int MOST_SERVICES = 10_000;
    private static final Duration SHORTEST_EXPIRY = Duration.ofSeconds(1);
    private static final Duration LONGEST_EXPIRY = Duration.ofHours(4);
    private static final int LEAST_SERIES = 10;
    private static final int MOST_SERIES = 100_000;

    private final String name;
    private int maximumServices = DEFAULT_MAXIMUM_SERVICES;
    private int maximumSeries = DEFAULT_MAXIMUM_SERIES;
    private Duration expireAfter = DEFAULT_EXPIRY;
    private boolean exactSum;
    private List<Slo> defaultObjectives = DEFAULT_OBJECTIVES;
    private Duration absenceAfter = DEFAULT_ABSENCE;
    private @Nullable Path persistence;
    private @Nullable Telemetry telemetry;
    private EventSink events = EventSink.none();
    private TimeSource timeSource = TimeSource.system();
    private @Nullable ScheduledExecutorService scheduler;

    private Builder(String name) {
      this.name = name;
    }

    /**
     * Sets the most services; what comes after is counted as one more, the overflow.
     *
     * @param maximum 1 to 10,000, by default 200
     * @throws IllegalArgumentException if the number is outside that range
     */
    public Builder maximumServices(int maximum) {
      maximumServices = Options.between("maximumServices", 1, MOST_SERVICES, maximum);
      return this;
    }

    /**
     * Sets the most series of telemetry; what comes after is counted by one more series of its
     * name, tagged {@code overflow}, or not at all.
     *
     * @param maximum 10 to 100,000, by default 2,000
     * @throws IllegalArgumentException if the number is outside that range
     */
    public Builder maximumSeries(int maximum) {
      maximumSeries = Options.between("maximumSeries", LEAST_SERIES, MOST_SERIES, maximum);
      return this;
    }

    /**
     * Sets after how long a request that was {@linkplain Service#start begun} and not ended counts
     * as abandoned, which is a failure. Longer than any request takes that ends well.
     *
     * @param age 1 second to 4 hours, by default 10 minutes
     * @throws IllegalArgumentException if the age is outside that range
     */
    public Builder expireAfter(Duration age) {
      expireAfter = Options.between("expireAfter", SHORTEST_EXPIRY, LONGEST_EXPIRY, age);
      return this;
    }

    /**
     * Sets whether the sums of durations are kept exactly, by default not: then they are computed
     * from the histogram, within 1.6 %. Exact ones make recording dearer by one atomic add.
     */
    public Builder exactSum(boolean exact) {
      exactSum = exact;
      return this;
    }

    /**
     * Sets the objectives of services that name none, by default {@link #DEFAULT_OBJECTIVES}.
     *
     * @param objectives at most 16 with unique names and at most 8 different thresholds; none means
     *     services without objectives
     */
    public Builder defaultObjectives(Slo... objectives) {
      defaultObjectives = List.of(objectives);
      return this;
    }

    /**
     * Sets for how long a service must have no request, though the day before makes that unlikely
     * by chance, until an alert tells its absence.
     *
     * @param silence 10 seconds or more, by default 15 minutes; 0 for no such alert
     * @throws IllegalArgumentException if it is neither
     */
    public Builder absenceAfter(Duration silence) {
      Options.require(
          silence.isZero() || silence.compareTo(Window.SHORTEST) >= 0,
          "absenceAfter",
          "be 0 or at least 10 seconds",
          silence);
      absenceAfter = Options.notNegative("absenceAfter", silence);
      return this;
    }

    /**
     * Sets a file that windows and budgets are kept in across restarts, by default none. A kill
     * loses at most the last second; a loss of power at most the last 10. The time in which no
     * process ran counts as time without requests. A file that cannot be understood is moved aside,
     * with an event. It is of one monitor at a time, and takes a second thread.
     *
     * @param file its folder exists; files of the same name with further endings belong to it
     * @throws IllegalArgumentException if the path has no file name
     */
    public Builder persistence(Path file) {
      Options.require(file.getFileName() != null, "persistence", "name a file", file);
      persistence = file;
      return this;
    }

    /**
     * Sets where the monitor's own measurements go, by default to {@link SlaMonitor#telemetry} with
     * those of other modules.
     */
    public Builder telemetry(Telemetry telemetry) {
      this.telemetry = Objects.requireNonNull(telemetry, "telemetry");
      return this;
    }

    /** Sets who is told what a person should know, by default nobody. */
    public Builder events(EventSink events) {
      this.events = Objects.requireNonNull(events, "events");
      return this;
    }

    /** Sets the clocks, by default those of the JVM. */
    public Builder timeSource(TimeSource timeSource) {
      this.timeSource = Objects.requireNonNull(timeSource, "timeSource");
      return this;
    }

    /**
     * Sets who closes the slots eight times a second, by default a thread of the monitor. It
     * remains the host's to stop.
     */
    public Builder scheduler(ScheduledExecutorService scheduler) {
      this.scheduler = Objects.requireNonNull(scheduler, "scheduler");
      return this;
    }

    /**
     * Starts a monitor.
     *
     * @throws IllegalArgumentException if options do not go together: each is named
     * @throws SlaException if the file of {@link #persistence} is in use or cannot be read or
     *     written
     */
    public SlaMonitor build() {
      Problems problems = Problems.of("monitor '" + name + "'");
      Objectives.check(problems, "defaultObjectives", defaultObjectives);
      problems.throwIfAny();
      Notices notices = new Notices(name, events);
      Path path = persistence;
      if (path == null) {
        return new SlaMonitor(this, notices, null);
      }
      Persistence kept = Persistence.open(path, timeSource.currentTimeMillis(), notices);
      try {
        return new SlaMonitor(this, notices, kept);
      } catch (RuntimeException | Error failure) {
        kept.release();
        throw failure;
      }
    }

    private int threads() {
      return persistence == null ? 1 : 2;
    }
  }
}

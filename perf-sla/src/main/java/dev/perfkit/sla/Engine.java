package dev.perfkit.sla;

import dev.perfkit.spi.Health;
import dev.perfkit.spi.Metric;
import dev.perfkit.spi.Telemetry;
import dev.perfkit.spi.support.WorkerThreads;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts of a monitor, put together, and stopped in order. */
final class Engine {

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
  private final Alerting alerting;
  private final Ticker ticker;
  private final Telemetry.Registration size;
  private final @Nullable ScheduledExecutorService ownScheduler;
  private final @Nullable Persistence persistence;
  private final @Nullable ScheduledFuture<?> saves;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Engine(SlaMonitorBuilder options, Notices notices, @Nullable Persistence persistence) {
    this.notices = notices;
    this.persistence = persistence;
    name = options.name;
    maximumServices = options.maximumServices;
    meters = meters(options, notices);
    Telemetry own =
        options.telemetry == null
            ? meters
            : Telemetry.guarded(options.telemetry, failure -> notices.failed("telemetry", failure));
    clock = new Clock(options.timeSource, persistence == null ? 0 : persistence.resumeAt());
    services =
        new Services(
            settings(options, own),
            clock,
            () -> notices.raise(SERVICES_OVERFLOWED, overflowMessage()),
            persistence == null ? name -> null : persistence::saved);
    alerting = new Alerting(options, notices, clock);
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
            alerting,
            scheduler);
    saves = persistence == null ? null : persistence.start(scheduler, services, clock);
  }

  /**
   * Starts the parts of a monitor.
   *
   * @throws SlaException if the file of persistence is in use or cannot be read or written
   */
  static Engine start(SlaMonitorBuilder options) {
    Notices notices = new Notices(options.name, options.events);
    Path path = options.persistence;
    if (path == null) {
      return new Engine(options, notices, null);
    }
    Persistence kept = Persistence.open(path, options.timeSource.currentTimeMillis(), notices);
    try {
      return new Engine(options, notices, kept);
    } catch (RuntimeException | Error failure) {
      kept.release();
      throw failure;
    }
  }

  String name() {
    return name;
  }

  Services services() {
    return services;
  }

  Meters meters() {
    return meters;
  }

  Alerting alerting() {
    return alerting;
  }

  Instant now() {
    return Instant.ofEpochMilli(clock.currentTimeMillis());
  }

  /** What fires does not make it worse: the monitor does its work. */
  Health health() {
    Health health = ownHealth();
    String firing = alerting.board().summary();
    return firing.isEmpty() ? health : health.with("alerts", firing);
  }

  private Health ownHealth() {
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
    String coarsened = notices.of(Ticker.HISTORY_COARSENED);
    if (coarsened != null) {
      return degraded(coarsened);
    }
    String refused = notices.of(SERIES_REFUSED);
    return refused == null ? Health.up() : degraded(refused);
  }

  void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    ticker.cancel(CLOSE_WITHIN);
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

  private String overflowMessage() {
    return "maximumServices must cover all services but is "
        + maximumServices
        + ": the others are counted together as "
        + Services.OVERFLOW
        + "; raise it, or take fewer names";
  }

  private static Meters meters(SlaMonitorBuilder options, Notices notices) {
    return new Meters(
        options.maximumSeries,
        PrometheusExport.RESERVED,
        (metric, reason) ->
            notices.raise(
                SERIES_REFUSED, "metric " + metric.name() + " is not measured apart: " + reason));
  }

  private static Services.Settings settings(SlaMonitorBuilder options, Telemetry own) {
    return new Services.Settings(
        options.maximumServices,
        options.exactSum,
        options.defaultObjectives,
        options.absenceAfter,
        options.maximumMemory.toBytes(),
        options.expireAfter.toNanos(),
        own.counter(metric("durations.clamped", CLAMPED)),
        own.counter(metric("ends.ignored", IGNORED)));
  }

  private static Health degraded(String reason) {
    return Health.of(Health.Status.DEGRADED, reason);
  }

  private static Metric metric(String what, String help) {
    return Metric.named("sla." + what).help(help);
  }
}

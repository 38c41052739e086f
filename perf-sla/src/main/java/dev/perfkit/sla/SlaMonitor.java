package dev.perfkit.sla;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.ByteSize;
import dev.perfkit.spi.Component;
import dev.perfkit.spi.Health;
import dev.perfkit.spi.Telemetry;
import dev.perfkit.spi.support.Options;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;

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

  /** The most memory for the past of all services unless set otherwise: 256 MiB. */
  public static final ByteSize DEFAULT_MAXIMUM_MEMORY = ByteSize.ofMebibytes(256);

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

  private final Engine engine;
  private final CopyOnWriteArrayList<Component> watched = new CopyOnWriteArrayList<>();

  SlaMonitor(Engine engine) {
    this.engine = engine;
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
  public static SlaMonitorBuilder named(String name) {
    return new SlaMonitorBuilder(Options.notBlank("name", name));
  }

  /**
   * Returns the handle of a service: the one of that name or, if there is none, a new one with the
   * default objectives. Over the limit it is the {@linkplain Service#isOverflow overflow}.
   *
   * @param name not blank, at most 200 characters; bounded in number, so never a user's input
   * @throws IllegalArgumentException if the name is not allowed
   */
  public Service service(String name) {
    return engine.services().get(name);
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
    return engine.services().get(name, List.of(objectives));
  }

  /** Returns all services by name, the overflow last; unmodifiable. */
  public List<Service> services() {
    return engine.services().all();
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
    service(service).record(responseTime, Outcome.of(success, statusCode));
  }

  /** Returns where other modules send their measurements; all of it is exported. */
  public Telemetry telemetry() {
    return engine.meters();
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
    return engine.alerting().board().current();
  }

  /**
   * Declares a time in which requests do not count for objectives and burn alerts keep what they
   * say. Requests are recorded all the same. It is kept for 400 days, with what it left out.
   *
   * @throws IllegalArgumentException if it begins in the past, or was declared before
   * @throws IllegalStateException if 1,000 were declared in 400 days
   */
  public void exclude(Exclusion exclusion) {
    engine.alerting().exclude(exclusion);
  }

  /**
   * Ends an exclusion early; from now on requests count again.
   *
   * @return whether it was declared and had not ended
   */
  public boolean cancel(Exclusion exclusion) {
    return engine.alerting().cancel(exclusion);
  }

  /** Returns the exclusions to come and of the past 400 days, the oldest first; unmodifiable. */
  public List<ExclusionRecord> exclusions() {
    return engine.alerting().exclusions();
  }

  /**
   * Keeps matching alerts from being told until a time. They are judged and shown all the same;
   * what still fires then is told. The silence is kept for 400 days, with how much it held.
   *
   * @throws IllegalArgumentException if it does not end in the next 31 days, or is in force already
   * @throws IllegalStateException if 1,000 were declared in 400 days
   */
  public void silence(Silence silence) {
    engine.alerting().silence(silence);
  }

  /**
   * Ends a silence early; what still fires is told within a second.
   *
   * @return whether it was in force
   */
  public boolean cancel(Silence silence) {
    return engine.alerting().cancel(silence);
  }

  /** Returns the silences of the past 400 days, the oldest first; unmodifiable. */
  public List<SilenceRecord> silences() {
    return engine.alerting().silences();
  }

  /** Returns everything in the Prometheus text format, version 0.0.4. */
  public String prometheus() {
    return Export.text(this::prometheus);
  }

  /**
   * Writes everything in the Prometheus text format, version 0.0.4. Nobody who records waits.
   *
   * @throws IOException if the output throws it
   */
  public void prometheus(Appendable out) throws IOException {
    exposition(PrometheusWriter.text(out));
  }

  /** Returns everything in the OpenMetrics text format, version 1.0.0. */
  public String openMetrics() {
    return Export.text(this::openMetrics);
  }

  /**
   * Writes everything in the OpenMetrics text format, version 1.0.0. Nobody who records waits.
   *
   * @throws IOException if the output throws it
   */
  public void openMetrics(Appendable out) throws IOException {
    exposition(PrometheusWriter.openMetrics(out));
  }

  /** Returns what each service did in each window as comma-separated values, with a header. */
  public String csv() {
    return Export.text(this::csv);
  }

  /**
   * Writes what each service did in each window as comma-separated values (RFC 4180), with a
   * header. Without data a field is empty. Nobody who records waits.
   *
   * @throws IOException if the output throws it
   */
  public void csv(Appendable out) throws IOException {
    new CsvExport(out).write(engine.now(), services());
  }

  /**
   * Returns rules for a Prometheus server that scrapes {@link #prometheus}, in the shape of sloth:
   * the share of bad requests in each window, the objectives, and burn alerts. Objectives about
   * timeslices are left out, with a comment.
   */
  public String prometheusRules() {
    return Export.text(out -> new RulesExport(out).write(name(), services()));
  }

  /** Returns everything as a JSON object. */
  public String json() {
    return Export.text(this::json);
  }

  /**
   * Writes everything as a JSON object. Nobody who records waits.
   *
   * @throws IOException if the output throws it
   */
  public void json(Appendable out) throws IOException {
    new JsonExport(out)
        .write(
            name(),
            engine.now().toEpochMilli(),
            status(),
            services(),
            engine.alerting(),
            engine.meters().families());
  }

  @Override
  public String kind() {
    return "sla";
  }

  @Override
  public String name() {
    return engine.name();
  }

  /**
   * Returns UP; DEGRADED when a limit was reached, so that some measurements are lumped together or
   * missing, or when windows do not move. Alerts that fire are a detail and do not change that: to
   * end a process because its objectives are missed would help nobody.
   */
  @Override
  public Health health() {
    return engine.health();
  }

  /** Stops the windows. Recording and reading go on without error. */
  @Override
  public void close() {
    engine.close();
  }

  @Override
  public String toString() {
    return "SlaMonitor[" + name() + ", " + engine.services().size() + " services]";
  }

  private void exposition(PrometheusWriter out) throws IOException {
    new PrometheusExport(out)
        .write(services(), engine.alerting(), status(), engine.meters().families());
  }
}

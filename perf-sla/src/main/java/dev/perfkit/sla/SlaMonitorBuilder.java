package dev.perfkit.sla;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.ByteSize;
import dev.perfkit.spi.EventSink;
import dev.perfkit.spi.Telemetry;
import dev.perfkit.spi.TimeSource;
import dev.perfkit.spi.support.Options;
import dev.perfkit.spi.support.Problems;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/** The options of a monitor. For one thread; may be built from more than once. */
@Beta
public final class SlaMonitorBuilder {

  private static final int MOST_SERVICES = 10_000;
  private static final Duration SHORTEST_EXPIRY = Duration.ofSeconds(1);
  private static final Duration LONGEST_EXPIRY = Duration.ofHours(4);
  private static final ByteSize LEAST_MEMORY = ByteSize.ofMebibytes(1);
  private static final ByteSize MOST_MEMORY = ByteSize.ofGibibytes(64);
  private static final int LEAST_SERIES = 10;
  private static final int MOST_SERIES = 100_000;

  final String name;
  int maximumServices = SlaMonitor.DEFAULT_MAXIMUM_SERVICES;
  int maximumSeries = SlaMonitor.DEFAULT_MAXIMUM_SERIES;
  ByteSize maximumMemory = SlaMonitor.DEFAULT_MAXIMUM_MEMORY;
  Duration expireAfter = SlaMonitor.DEFAULT_EXPIRY;
  boolean exactSum;
  List<Slo> defaultObjectives = SlaMonitor.DEFAULT_OBJECTIVES;
  Duration absenceAfter = SlaMonitor.DEFAULT_ABSENCE;
  @Nullable Path persistence;
  @Nullable Telemetry telemetry;
  List<AlertRule> alertRules = List.of();
  AlertGroups alertGroups = AlertGroups.none();
  List<EventSink> events = List.of();
  TimeSource timeSource = TimeSource.system();
  @Nullable ScheduledExecutorService scheduler;

  SlaMonitorBuilder(String name) {
    this.name = name;
  }

  /**
   * Sets the most services; what comes after is counted as one more, the overflow.
   *
   * @param maximum 1 to 10,000, by default 200
   * @throws IllegalArgumentException if the number is outside that range
   */
  public SlaMonitorBuilder maximumServices(int maximum) {
    maximumServices = Options.between("maximumServices", 1, MOST_SERVICES, maximum);
    return this;
  }

  /**
   * Sets the most memory for what windows are made of, of all services together. A busy service
   * takes about 2 MB. Over the limit the largest keep coarser slots, and lose no count: their
   * windows begin seconds early then, a minute, an hour, and at worst a day; {@link
   * WindowSnapshot#covered} tells.
   *
   * @param maximum 1 MiB to 64 GiB, by default 256 MiB
   * @throws IllegalArgumentException if the size is outside that range
   */
  public SlaMonitorBuilder maximumMemory(ByteSize maximum) {
    Options.require(
        maximum.compareTo(LEAST_MEMORY) >= 0 && maximum.compareTo(MOST_MEMORY) <= 0,
        "maximumMemory",
        "be between " + LEAST_MEMORY + " and " + MOST_MEMORY,
        maximum);
    maximumMemory = maximum;
    return this;
  }

  /**
   * Sets the most series of telemetry; what comes after is counted by one more series of its name,
   * tagged {@code overflow}, or not at all.
   *
   * @param maximum 10 to 100,000, by default 2,000
   * @throws IllegalArgumentException if the number is outside that range
   */
  public SlaMonitorBuilder maximumSeries(int maximum) {
    maximumSeries = Options.between("maximumSeries", LEAST_SERIES, MOST_SERIES, maximum);
    return this;
  }

  /**
   * Sets after how long a request that was {@linkplain Service#start begun} and not ended counts as
   * abandoned, which is a failure. Longer than any request takes that ends well.
   *
   * @param age 1 second to 4 hours, by default 10 minutes
   * @throws IllegalArgumentException if the age is outside that range
   */
  public SlaMonitorBuilder expireAfter(Duration age) {
    expireAfter = Options.between("expireAfter", SHORTEST_EXPIRY, LONGEST_EXPIRY, age);
    return this;
  }

  /**
   * Sets whether the sums of durations are kept exactly, by default not: then they are computed
   * from the histogram, within 1.6 %. Exact ones make recording dearer by one atomic add.
   */
  public SlaMonitorBuilder exactSum(boolean exact) {
    exactSum = exact;
    return this;
  }

  /**
   * Sets the objectives of services that name none, by default {@link
   * SlaMonitor#DEFAULT_OBJECTIVES}.
   *
   * @param objectives at most 16 with unique names and at most 8 different thresholds; none means
   *     services without objectives
   */
  public SlaMonitorBuilder defaultObjectives(Slo... objectives) {
    defaultObjectives = List.of(objectives);
    return this;
  }

  /**
   * Sets for how long a service must have no request, though the day before makes that unlikely by
   * chance, until an alert tells its absence.
   *
   * @param silence 10 seconds or more, by default 15 minutes; 0 for no such alert
   * @throws IllegalArgumentException if it is neither
   */
  public SlaMonitorBuilder absenceAfter(Duration silence) {
    Options.require(
        silence.isZero() || silence.compareTo(Window.SHORTEST) >= 0,
        "absenceAfter",
        "be 0 or at least 10 seconds",
        silence);
    absenceAfter = Options.notNegative("absenceAfter", silence);
    return this;
  }

  /**
   * Sets the rules about signals, by default none; {@link AlertRule#standard} has the usual ones.
   *
   * @param rules at most 100 with unique names
   */
  public SlaMonitorBuilder alertRules(List<AlertRule> rules) {
    alertRules = List.copyOf(rules);
    return this;
  }

  /** Sets which changes of alerts are told together, by default each by itself. */
  public SlaMonitorBuilder alertGroups(AlertGroups groups) {
    alertGroups = Objects.requireNonNull(groups, "groups");
    return this;
  }

  /**
   * Sets a file that windows and budgets are kept in across restarts, by default none. A kill loses
   * at most the last second; a loss of power at most the last 10. The time in which no process ran
   * counts as time without requests. A file that cannot be understood is moved aside, with an
   * event. It is of one monitor at a time, and takes a second thread.
   *
   * @param file its folder exists; files of the same name with further endings belong to it
   * @throws IllegalArgumentException if the path has no file name
   */
  public SlaMonitorBuilder persistence(Path file) {
    Options.require(file.getFileName() != null, "persistence", "name a file", file);
    persistence = file;
    return this;
  }

  /**
   * Sets where the monitor's own measurements go, by default to {@link SlaMonitor#telemetry} with
   * those of other modules.
   */
  public SlaMonitorBuilder telemetry(Telemetry telemetry) {
    this.telemetry = Objects.requireNonNull(telemetry, "telemetry");
    return this;
  }

  /**
   * Sets who is told what a person should know, by default nobody: such as a {@link LogSink} and a
   * {@link Webhook}. One that fails keeps nothing from the others.
   */
  public SlaMonitorBuilder events(EventSink... events) {
    this.events = List.of(events);
    return this;
  }

  /** Sets the clocks, by default those of the JVM. */
  public SlaMonitorBuilder timeSource(TimeSource timeSource) {
    this.timeSource = Objects.requireNonNull(timeSource, "timeSource");
    return this;
  }

  /**
   * Sets who closes the slots eight times a second, by default a thread of the monitor. It remains
   * the host's to stop.
   */
  public SlaMonitorBuilder scheduler(ScheduledExecutorService scheduler) {
    this.scheduler = Objects.requireNonNull(scheduler, "scheduler");
    return this;
  }

  /**
   * Starts a monitor.
   *
   * @throws IllegalArgumentException if options do not go together: each is named
   * @throws SlaException if the file of {@link #persistence} is in use or cannot be read or written
   */
  public SlaMonitor build() {
    Problems problems = Problems.of("monitor '" + name + "'");
    Objectives.check(problems, "defaultObjectives", defaultObjectives);
    checkRules(problems);
    problems.throwIfAny();
    return new SlaMonitor(Engine.start(this));
  }

  private void checkRules(Problems problems) {
    long names = alertRules.stream().map(AlertRule::name).distinct().count();
    problems
        .require(
            alertRules.size() <= Thresholds.MOST_RULES,
            "alertRules",
            "be at most " + Thresholds.MOST_RULES + " in number",
            alertRules.size())
        .require(names == alertRules.size(), "alertRules", "have unique names", alertRules);
  }

  int threads() {
    return persistence == null ? 1 : 2;
  }
}

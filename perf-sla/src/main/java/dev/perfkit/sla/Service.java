package dev.perfkit.sla;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.support.Options;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The handle of one kind of request: takes measurements and tells how it went.
 *
 * <p>Safe for use by any number of threads. Recording never blocks, never allocates and never
 * fails; it goes on, without windows that move, after the monitor is closed.
 *
 * <p>A duration of 0 or less, which a clock that jumped gives, counts as 1 nanosecond; one over 4 h
 * 53 min counts as that. Both are counted in the metric {@code sla.durations.clamped}.
 */
@Beta
public final class Service {

  private final String name;
  private final List<Slo> objectives;
  private final boolean overflow;
  private final Recorder recorder;
  private final StripedCells cells;
  private final ServiceLevels levels;
  private final InFlight inFlight;
  private final Clock clock;

  Service(
      String name,
      List<Slo> objectives,
      boolean overflow,
      Recorder recorder,
      ServiceLevels levels,
      InFlight inFlight,
      Clock clock) {
    this.name = name;
    this.objectives = objectives;
    this.overflow = overflow;
    this.recorder = recorder;
    this.cells = recorder.cells();
    this.levels = levels;
    this.inFlight = inFlight;
    this.clock = clock;
  }

  /** Returns the name. */
  public String name() {
    return name;
  }

  /** Returns the objectives; unmodifiable, none for the overflow. */
  public List<Slo> objectives() {
    return objectives;
  }

  /**
   * Returns whether this handle stands for all services over the monitor's limit. It has no
   * objectives, and those asked of it are without data.
   */
  public boolean isOverflow() {
    return overflow;
  }

  /** Counts a request that has ended. */
  public void record(Duration duration, Outcome outcome) {
    record(Durations.saturatedNanos(duration), outcome);
  }

  /**
   * Counts a request that has ended.
   *
   * @param nanos how long it took, in nanoseconds
   */
  public void record(long nanos, Outcome outcome) {
    cells.record(nanos, outcome);
  }

  /**
   * Notes that a request begins now. From the moment it runs longer than the threshold of a latency
   * objective it is bad for that objective, without waiting for its end. One that has not ended
   * after {@link SlaMonitorBuilder#expireAfter} is abandoned: it counts as a failure of that
   * duration, and its end is ignored. Both are found at the next tick, within 125 ms.
   *
   * <p>Of a service 4,032 requests are watched at a time; more are counted only at their end.
   *
   * @return what {@link #end} needs to know; it has no other meaning
   */
  public long start() {
    return inFlight.start(clock.elapsed());
  }

  /**
   * Counts a request that ends now; not necessarily on the thread it began on. Ending it again does
   * nothing, but for the metric {@code sla.ends.ignored}.
   *
   * @param started what {@link #start} of this service returned
   */
  public void end(long started, Outcome outcome) {
    inFlight.end(started, clock.elapsed(), Objects.requireNonNull(outcome, "outcome"));
  }

  /**
   * Counts a call: a failure if it throws.
   *
   * @throws Exception what the call throws
   */
  public <T> T call(Callable<T> call) throws Exception {
    return call(call, result -> Outcome.success());
  }

  /**
   * Counts a call: what is returned tells its outcome, and it is a failure if it throws. If the
   * outcome cannot be told because that throws, it is a failure too, and thrown.
   *
   * @throws Exception what the call throws
   */
  public <T> T call(Callable<T> call, Function<? super T, Outcome> outcome) throws Exception {
    long started = start();
    Outcome how = Outcome.failure();
    try {
      T result = call.call();
      how = Objects.requireNonNull(outcome.apply(result), "outcome");
      return result;
    } finally {
      end(started, how);
    }
  }

  /** Counts a run: a failure if it throws. */
  public void run(Runnable run) {
    long started = start();
    Outcome how = Outcome.failure();
    try {
      run.run();
      how = Outcome.success();
    } finally {
      end(started, how);
    }
  }

  /**
   * Counts something that ends later: a failure if the stage completes with an exception, or if
   * none is returned.
   *
   * @return the stage that was started, but after it was counted
   */
  public <T> CompletionStage<T> async(Supplier<? extends CompletionStage<T>> start) {
    long started = start();
    CompletionStage<T> stage;
    try {
      stage = Objects.requireNonNull(start.get(), "stage");
    } catch (RuntimeException | Error failure) {
      end(started, Outcome.failure());
      throw failure;
    }
    return stage.whenComplete(
        (result, failure) -> end(started, failure == null ? Outcome.success() : Outcome.failure()));
  }

  /** Returns how many requests have begun and not ended; those beyond 4,032 are left out. */
  public int inFlight() {
    return inFlight.size();
  }

  /** Returns what happened in a window up to now. */
  public WindowSnapshot window(Window window) {
    return window(window, new Workspace());
  }

  /**
   * Returns what this process did since the service was made, to be sent to another process or
   * merged.
   */
  public ServiceSnapshot snapshot() {
    Workspace scratch = new Workspace();
    return snapshot(Optional.empty(), readAll(scratch), scratch);
  }

  /** Returns what this process did in a window up to now, to be sent or merged. */
  public ServiceSnapshot snapshot(Window window) {
    Objects.requireNonNull(window, "window");
    Workspace scratch = new Workspace();
    return snapshot(Optional.of(window), read(window, scratch), scratch);
  }

  /**
   * Returns whether an objective is met over its own period, a rolling or a calendar's.
   *
   * @throws IllegalArgumentException if it is not an objective of this service
   */
  public Compliance compliance(Slo objective) {
    return budget(objective).compliance();
  }

  /**
   * Returns whether an objective is met in a window. What an exclusion covers does not count; the
   * window starts at most 1/60 of its length, or 1 second, early.
   *
   * @throws IllegalArgumentException if it is not an objective of this service
   */
  public Compliance compliance(Slo objective, Window window) {
    return compliance(objective, window, new Workspace());
  }

  /**
   * Returns what is left of the error budget of an objective.
   *
   * @throws IllegalArgumentException if it is not an objective of this service
   */
  public ErrorBudget budget(Slo objective) {
    return status(objective).budget();
  }

  /**
   * Returns all that is known of an objective: compliance, budget, burn rates.
   *
   * @throws IllegalArgumentException if it is not an objective of this service
   */
  public ObjectiveStatus status(Slo objective) {
    requireKnown(objective);
    if (overflow) {
      return ObjectiveStatus.unknown(objective);
    }
    long now = clock.elapsed();
    long[] totals = totals(now, new Workspace());
    return levels.status(objective, now, clock.currentTimeMillis(), totals);
  }

  @Override
  public String toString() {
    return "Service[" + name + ", objectives " + objectives.stream().map(Slo::name).toList() + "]";
  }

  WindowSnapshot window(Window window, Workspace scratch) {
    Objects.requireNonNull(window, "window");
    return new WindowSnapshot(window, read(window, scratch));
  }

  Compliance compliance(Slo objective, Window window, Workspace scratch) {
    requireKnown(objective);
    long now = clock.elapsed();
    return overflow
        ? new Compliance(objective, Duration.ZERO, 0, 0)
        : levels.compliance(objective, window.length().toNanos(), now, totals(now, scratch));
  }

  /** Returns all that is known of each objective, read once. */
  List<ObjectiveStatus> statuses(Workspace scratch) {
    long now = clock.elapsed();
    long epochMillis = clock.currentTimeMillis();
    long[] totals = totals(now, scratch);
    return objectives.stream().map(it -> levels.status(it, now, epochMillis, totals)).toList();
  }

  /** Judges the objectives and says what their alerts say. */
  void evaluate(
      long now,
      long epochMillis,
      Workspace scratch,
      Exclusions exclusions,
      Consumer<? super Alert> alerts) {
    Instant moment = Instant.ofEpochMilli(epochMillis);
    boolean excluded = exclusions.isExcluded(name, moment);
    Counts left = levels.observe(now, epochMillis, totals(now, scratch), excluded, alerts);
    exclusions.count(name, moment, left);
  }

  /** Returns everything since the service was made. */
  Reading readAll(Workspace scratch) {
    return recorder.readAll(clock.elapsed(), scratch);
  }

  Recorder recorder() {
    return recorder;
  }

  /** Closes the slot since the last tick. What passed a threshold since then belongs to it. */
  void tick(long now, Workspace scratch) {
    inFlight.tick(now);
    recorder.tick(now, scratch);
  }

  /** Writes what objectives counted since the last time. */
  boolean takeChange(StateWriter out, Workspace scratch) {
    long now = clock.elapsed();
    return levels.takeChange(out, now, totals(now, scratch));
  }

  ServiceLevels levels() {
    return levels;
  }

  private void requireKnown(Slo objective) {
    Options.require(
        overflow || objectives.contains(objective),
        "objective",
        "be one of service '" + name + "' " + objectives,
        objective);
  }

  private ServiceSnapshot snapshot(Optional<Window> window, Reading reading, Workspace scratch) {
    Instant now = Instant.ofEpochMilli(clock.currentTimeMillis());
    List<ObjectiveCounts> counts = statuses(scratch).stream().map(ObjectiveCounts::of).toList();
    return new ServiceSnapshot(name, window, now, 1, reading, counts);
  }

  /** Returns what objectives count since the service was made: good and bad by indicator. */
  private long[] totals(long now, Workspace scratch) {
    Reading all = recorder.readAll(now, scratch);
    List<Indicator> indicators = levels.indicators();
    long[] totals = new long[2 * indicators.size()];
    for (int i = 0; i < indicators.size(); i++) {
      Counts counts = indicators.get(i).of(all);
      totals[2 * i] = counts.good();
      totals[2 * i + 1] = counts.bad();
    }
    return totals;
  }

  private Reading read(Window window, Workspace scratch) {
    return recorder.read(window.length().toNanos(), clock.elapsed(), scratch);
  }
}

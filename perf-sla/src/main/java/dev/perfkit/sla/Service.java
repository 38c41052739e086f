package dev.perfkit.sla;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.support.Options;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

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
  private final Clock clock;

  Service(String name, List<Slo> objectives, boolean overflow, Recorder recorder, Clock clock) {
    this.name = name;
    this.objectives = objectives;
    this.overflow = overflow;
    this.recorder = recorder;
    this.cells = recorder.cells();
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
   * Notes that a request begins now.
   *
   * @return what {@link #end} needs to know; it has no other meaning
   */
  public long start() {
    return clock.nanoTime();
  }

  /**
   * Counts a request that ends now.
   *
   * @param started what {@link #start} returned
   */
  public void end(long started, Outcome outcome) {
    record(clock.nanoTime() - started, outcome);
  }

  /** Returns what happened in a window up to now. */
  public WindowSnapshot window(Window window) {
    return window(window, new Workspace());
  }

  /**
   * Returns whether an objective is met over its own period.
   *
   * @throws IllegalArgumentException if it is not an objective of this service
   */
  public Compliance compliance(Slo objective) {
    return compliance(objective, Window.of(objective.period()));
  }

  /**
   * Returns whether an objective is met in a window.
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
    return new ErrorBudget(compliance(objective));
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
    Options.require(
        overflow || objectives.contains(objective),
        "objective",
        "be one of service '" + name + "' " + objectives,
        objective);
    Reading reading = read(window, scratch);
    Duration covered = Duration.ofNanos(reading.spanNanos());
    if (overflow) {
      return new Compliance(objective, covered, 0, 0);
    }
    if (objective.kind() == Slo.Kind.AVAILABILITY) {
      return new Compliance(objective, covered, reading.successes(), reading.errors());
    }
    long threshold = objective.threshold().orElseThrow().toNanos();
    long good = reading.successesWithin(threshold);
    long fastFailures = reading.failuresWithin(threshold);
    return new Compliance(objective, covered, good, reading.count() - good - fastFailures);
  }

  /** Returns everything since the service was made. */
  Reading readAll(Workspace scratch) {
    return recorder.readAll(clock.elapsed(), scratch);
  }

  Recorder recorder() {
    return recorder;
  }

  private Reading read(Window window, Workspace scratch) {
    return recorder.read(window.length().toNanos(), clock.elapsed(), scratch);
  }
}

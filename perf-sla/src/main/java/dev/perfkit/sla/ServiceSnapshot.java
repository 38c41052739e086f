package dev.perfkit.sla;

import dev.perfkit.spi.Beta;
import dev.perfkit.spi.support.Options;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What a service did, as a value that can be sent to another process and merged with those of other
 * instances of the same service.
 *
 * <pre>{@code
 * byte[] mine = api.snapshot(Window.FIVE_MINUTES).toBytes(); // in each instance
 * ServiceSnapshot fleet = ServiceSnapshot.of(one).merge(ServiceSnapshot.of(another));
 * Optional<Duration> p99 = fleet.percentile(0.99); // of all requests of all instances
 * }</pre>
 *
 * <p>A merge adds counts, so it is exact, and the same in any order: a percentile of the merged one
 * is that of a single recorder that had seen all requests. Percentiles themselves cannot be merged.
 * Immutable.
 */
@Beta
public final class ServiceSnapshot {

  /** The most instances that are merged into one: 10,000. */
  public static final int MOST_INSTANCES = 10_000;

  private final String service;
  private final Optional<Window> window;
  private final Instant taken;
  private final int instances;
  private final Reading reading;
  private final List<ObjectiveCounts> objectives;

  ServiceSnapshot(
      String service,
      Optional<Window> window,
      Instant taken,
      int instances,
      Reading reading,
      List<ObjectiveCounts> objectives) {
    this.service = service;
    this.window = window;
    this.taken = taken;
    this.instances = instances;
    this.reading = reading;
    this.objectives = List.copyOf(objectives);
  }

  /**
   * Returns the snapshot that was written as bytes.
   *
   * @throws SnapshotException if they are damaged, or of an unknown version or other buckets
   */
  public static ServiceSnapshot of(byte[] bytes) {
    return SnapshotFormat.read(bytes);
  }

  /** Returns it as bytes, a few kilobytes, in the form that the document of formats describes. */
  public byte[] toBytes() {
    return SnapshotFormat.write(this);
  }

  /**
   * Returns what this and another one saw together.
   *
   * @throws SnapshotException if the other one is of another service or window, or has other
   *     thresholds or objectives
   * @throws IllegalArgumentException if together they are of more than 10,000 instances
   */
  public ServiceSnapshot merge(ServiceSnapshot other) {
    requireSame("service", service, other.service);
    requireSame("window", window, other.window);
    requireSame("thresholds", thresholds(), other.thresholds());
    requireSame("number of objectives", objectives.size(), other.objectives.size());
    Options.require(
        instances + other.instances <= MOST_INSTANCES,
        "instances",
        "be at most " + MOST_INSTANCES,
        instances + other.instances);
    return new ServiceSnapshot(
        service,
        window,
        taken.isBefore(other.taken) ? taken : other.taken,
        instances + other.instances,
        reading.plus(other.reading),
        objectives.stream().map(counts -> counts.plus(other.counterpart(counts))).toList());
  }

  /** Returns the name of the service. */
  public String service() {
    return service;
  }

  /** Returns the window; empty if it is all since the service was made in its process. */
  public Optional<Window> window() {
    return window;
  }

  /** Returns when it was taken, by the wall clock; of several, the earliest. */
  public Instant taken() {
    return taken;
  }

  /** Returns how many snapshots of processes are in it, at least 1. */
  public int instances() {
    return instances;
  }

  /** Returns the time that was looked at; of several instances, the longest. */
  public Duration covered() {
    return Duration.ofNanos(reading.spanNanos());
  }

  /** Returns the number of requests. */
  public long count() {
    return reading.count();
  }

  /** Returns the number of failures. */
  public long errors() {
    return reading.errors();
  }

  /**
   * Returns the number of requests with a status code of one class.
   *
   * @param statusClass the first digit of the code, 1 to 5
   * @throws IllegalArgumentException if the class is outside that range
   */
  public long status(int statusClass) {
    return reading.status(Options.between("statusClass", 1, Layout.STATUS_CLASSES, statusClass));
  }

  /**
   * Returns a duration that a share of the requests, whatever their outcome, did not exceed, within
   * 1.6 %; empty without requests.
   *
   * @param share over 0 and up to 1: 0.99 is the 99th percentile
   * @throws IllegalArgumentException if the share is outside that range
   */
  public Optional<Duration> percentile(double share) {
    return reading.percentile(share);
  }

  /** Returns the mean duration; empty without requests. */
  public Optional<Duration> mean() {
    return reading.mean();
  }

  /**
   * Returns how durations are distributed: the ranges with any request, the shortest first;
   * unmodifiable.
   */
  public List<Bucket> buckets() {
    return reading.buckets();
  }

  /** Returns what each objective has counted over its own period; unmodifiable. */
  public List<ObjectiveCounts> objectives() {
    return objectives;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ServiceSnapshot that && Arrays.equals(toBytes(), that.toBytes());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(toBytes());
  }

  @Override
  public String toString() {
    return "ServiceSnapshot["
        + service
        + window.map(it -> " " + it).orElse("")
        + ", instances "
        + instances
        + ", requests "
        + count()
        + "]";
  }

  Reading reading() {
    return reading;
  }

  List<Long> thresholds() {
    return Arrays.stream(reading.layout().thresholds()).boxed().toList();
  }

  private ObjectiveCounts counterpart(ObjectiveCounts counts) {
    return objectives.stream()
        .filter(counts::isOf)
        .findFirst()
        .orElseThrow(() -> foreign("objective " + counts.definition(), counts.name(), objectives));
  }

  private void requireSame(String what, Object mine, Object others) {
    if (!mine.equals(others)) {
      throw foreign(what, mine, others);
    }
  }

  private SnapshotException foreign(String what, Object mine, Object others) {
    return new SnapshotException(
        SnapshotException.Reason.FOREIGN,
        "snapshots of service '"
            + service
            + "' must agree in "
            + what
            + " to be merged but one has "
            + mine
            + " and the other "
            + others
            + ": merge those of instances with the same objectives");
  }
}

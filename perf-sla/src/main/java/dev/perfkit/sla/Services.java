package dev.perfkit.sla;

import dev.perfkit.spi.Telemetry;
import dev.perfkit.spi.support.Options;
import dev.perfkit.spi.support.Problems;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The services of a monitor, at most so many; one more stands for all that came too late. */
final class Services {

  /** The name of the service that stands for all over the limit. */
  static final String OVERFLOW = "(overflow)";

  private static final Logger log = LoggerFactory.getLogger(SlaMonitor.class);

  private final Settings options;
  private final Clock clock;
  private final Runnable onOverflow;
  private final Saves saved;

  private final ReentrantLock lock = new ReentrantLock();
  private final ConcurrentHashMap<String, Service> byName = new ConcurrentHashMap<>();
  private final Map<List<Long>, Layout> layouts = new HashMap<>();
  private volatile @Nullable Service overflow;

  /**
   * What services are made with.
   *
   * @param maximum the most services
   * @param exactSum whether sums of durations are kept
   * @param defaults the objectives of a service that names none
   * @param absenceAfter the shortest silence that alerts; 0 for none
   * @param maximumBytes the most memory for the slots of all services, about
   * @param expireNanos after how long a request that has begun counts as abandoned
   * @param clamped counts durations that were not positive or absurdly long
   * @param ignored counts ends of requests that are not under way
   */
  record Settings(
      int maximum,
      boolean exactSum,
      List<Slo> defaults,
      Duration absenceAfter,
      long maximumBytes,
      long expireNanos,
      Telemetry.Counter clamped,
      Telemetry.Counter ignored) {}

  /** What services of a name go on with. */
  interface Saves {
    @Nullable SavedService of(String name);
  }

  /**
   * @param onOverflow called once, when the limit is first exceeded
   * @param saved what services of a name go on with, if anything
   */
  Services(Settings options, Clock clock, Runnable onOverflow, Saves saved) {
    this.options = options;
    this.clock = clock;
    this.onOverflow = onOverflow;
    this.saved = saved;
  }

  /** Returns a service; made with the default objectives if it is new. */
  Service get(String name) {
    Service known = byName.get(name);
    return known != null ? known : make(name, options.defaults());
  }

  /**
   * Returns a service that has these objectives; made if it is new.
   *
   * @throws IllegalStateException if it has others
   */
  Service get(String name, List<Slo> objectives) {
    Problems problems = Problems.of("service '" + name + "'");
    Objectives.check(problems, "objectives", objectives);
    problems.throwIfAny();
    Service known = byName.get(name);
    Service service = known != null ? known : make(name, objectives);
    boolean same = new HashSet<>(service.objectives()).equals(new HashSet<>(objectives));
    if (!same && !service.isOverflow()) {
      throw new IllegalStateException(
          "service '"
              + name
              + "' has the objectives "
              + service.objectives()
              + " and cannot get "
              + objectives
              + ": objectives are fixed by the first call, so name them before anything is recorded"
              + " by name");
    }
    return service;
  }

  /** Returns all services by name, the overflow last. */
  List<Service> all() {
    Stream<Service> named = byName.values().stream().sorted(Comparator.comparing(Service::name));
    return Stream.concat(named, Stream.ofNullable(overflow)).toList();
  }

  int size() {
    return byName.size();
  }

  boolean hasOverflow() {
    return overflow != null;
  }

  /** Closes the slot of every service. */
  void tick(long now, Workspace scratch) {
    Collection<Service> services = byName.values();
    services.forEach(service -> service.tick(now, scratch));
    Service rest = overflow;
    if (rest != null) {
      rest.tick(now, scratch);
    }
  }

  /**
   * Has the largest services forget the finest of their past until all fit the memory.
   *
   * @return whether there was anything to forget
   */
  boolean fitMemory() {
    Map<Recorder, Long> sizes = new HashMap<>();
    all().forEach(it -> sizes.put(it.recorder(), it.recorder().historyBytes()));
    long over = sizes.values().stream().mapToLong(Long::longValue).sum() - options.maximumBytes();
    if (over <= 0) {
      return false;
    }
    List<Recorder> largest =
        sizes.entrySet().stream()
            .sorted(Map.Entry.<Recorder, Long>comparingByValue().reversed())
            .map(Map.Entry::getKey)
            .toList();
    for (int ring = 0; ring < History.RINGS - 1; ring++) {
      for (int i = 0; i < largest.size() && over > 0; i++) {
        over -= largest.get(i).coarsen(ring);
      }
    }
    return true;
  }

  /** Judges the objectives of every service. */
  void evaluate(
      long now,
      long epochMillis,
      Workspace scratch,
      Exclusions exclusions,
      Consumer<? super Alert> alerts) {
    for (Service service : byName.values()) {
      service.evaluate(now, epochMillis, scratch, exclusions, alerts);
    }
  }

  private Service make(String name, List<Slo> objectives) {
    Objectives.name("service name", name);
    Options.require(!name.equals(OVERFLOW), "service name", "not be reserved", name);
    Service rest = overflow;
    if (rest != null && byName.size() >= options.maximum()) {
      // Names are never removed, so no lock is needed to find that there is no room.
      return byName.getOrDefault(name, rest);
    }
    lock.lock();
    try {
      Service known = byName.get(name);
      if (known != null) {
        return known;
      }
      if (byName.size() >= options.maximum()) {
        return overflow();
      }
      Service made = service(name, List.copyOf(objectives), false);
      byName.put(name, made);
      return made;
    } finally {
      lock.unlock();
    }
  }

  private Service overflow() {
    Service known = overflow;
    if (known != null) {
      return known;
    }
    Service made = service(OVERFLOW, List.of(), true);
    overflow = made;
    onOverflow.run();
    return made;
  }

  private Service service(String name, List<Slo> objectives, boolean isOverflow) {
    List<Long> thresholds = Objectives.thresholds(objectives);
    Layout layout = layouts.computeIfAbsent(thresholds, Layout::withThresholds);
    long now = clock.elapsed();
    SavedService known = isOverflow ? null : saved.of(name);
    Recorder recorder =
        known == null
            ? new Recorder(layout, options.exactSum(), options.clamped(), now)
            : new Recorder(
                layout,
                options.exactSum(),
                options.clamped(),
                known.history(layout, options.exactSum(), thresholds, now),
                now);
    ServiceLevels levels = new ServiceLevels(name, objectives, options.absenceAfter(), now, known);
    for (String line : levels.leftOut()) {
      log.debug("service '{}', {}", name, line);
    }
    InFlight inFlight =
        new InFlight(layout, recorder.cells(), options.expireNanos(), options.ignored());
    return new Service(name, objectives, isOverflow, recorder, levels, inFlight, clock);
  }
}

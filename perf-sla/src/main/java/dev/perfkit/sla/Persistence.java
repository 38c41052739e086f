package dev.perfkit.sla;

import dev.perfkit.spi.Event;
import dev.perfkit.spi.support.WorkerThreads;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps windows and budgets in a file, and hands them to services that are made again.
 *
 * <p>Twice a second what changed is appended; when that has grown larger than the whole, or after a
 * failure, the file is replaced by the whole. A service is taken from the file when it is made; one
 * that is not made in this process is kept as it was, for 400 days.
 *
 * <p>Lock order: {@code saving}, then one of a service.
 */
final class Persistence {

  private static final Logger log = LoggerFactory.getLogger(SlaMonitor.class);
  private static final long PERIOD_MILLIS = 500;
  private static final long FORCE_NANOS = Duration.ofSeconds(10).toNanos();
  private static final long LEAST_APPENDED = 256 << 10;
  private static final long LONGEST_ABSENCE_MILLIS = Duration.ofDays(500).toMillis();

  private final StateFile file;
  private final Notices notices;
  private final Map<String, byte[]> saved = new ConcurrentHashMap<>();
  private final long resumeAt;

  private final ReentrantLock saving = new ReentrantLock();
  private final Set<String> written = new HashSet<>();
  private final Workspace scratch = new Workspace();
  private long replacedSize;
  private long forced;
  private boolean released;
  private volatile @Nullable String problem;

  private Persistence(StateFile file, long epochMillis, Notices notices) throws IOException {
    this.file = file;
    this.notices = notices;
    this.resumeAt = file.exists() ? load(epochMillis) : 0;
  }

  /**
   * Takes a file and reads it. One that cannot be understood is moved aside, and nothing is known
   * then.
   *
   * @throws SlaException if another monitor has the file, or it cannot be read or written
   */
  static Persistence open(Path path, long epochMillis, Notices notices) {
    StateFile file = StateFile.open(path);
    try {
      return new Persistence(file, epochMillis, notices);
    } catch (IOException failure) {
      release(file);
      throw new SlaException(
          "persistence must be a file that can be read and written but was " + path, failure);
    } catch (RuntimeException | Error failure) {
      release(file);
      throw failure;
    }
  }

  /** Returns the time at which the clock of this process begins. */
  long resumeAt() {
    return resumeAt;
  }

  /** Returns what is known of a service, for its new self; nothing if it is not known. */
  @Nullable SavedService saved(String service) {
    byte[] sections = saved.get(service);
    if (sections == null) {
      return null;
    }
    try {
      return SavedService.read(service, new StateSections(new StateReader(sections)));
    } catch (StateDamage impossible) {
      throw new IllegalStateException("what was read before cannot be read", impossible);
    }
  }

  /** Returns why nothing is written at the moment; null if all is well. */
  @Nullable String problem() {
    return problem;
  }

  ScheduledFuture<?> start(ScheduledExecutorService scheduler, Services services, Clock clock) {
    return scheduler.scheduleWithFixedDelay(
        () -> save(services, clock), PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Writes what changed. A save that throws would be the last one, so it never does. */
  void save(Services services, Clock clock) {
    saving.lock();
    try {
      if (released) {
        return;
      }
      write(services, clock);
      if (problem != null) {
        problem = null;
        tell("state-written-again", Event.Severity.INFO, "state is written again", clock);
      }
    } catch (IOException | RuntimeException | Error failure) {
      failed(failure, clock);
    } finally {
      saving.unlock();
    }
  }

  /** Writes the last, and lets the file go; a disk that hangs keeps it, but not the caller. */
  void close(String monitor, Services services, Clock clock, Duration atMost) {
    Thread last =
        WorkerThreads.factory("sla", monitor + "-last").newThread(() -> finish(services, clock));
    last.start();
    try {
      last.join(atMost.toMillis());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    if (last.isAlive()) {
      log.warn("monitor '{}': its state was not written within {}", monitor, atMost);
    }
  }

  /** Lets the file go without writing. */
  void release() {
    release(file);
  }

  private void finish(Services services, Clock clock) {
    saving.lock();
    try {
      services.all().forEach(it -> it.recorder().tickLast(clock.elapsed(), scratch));
      save(services, clock);
      if (file.isWritable()) {
        file.force();
      }
    } catch (IOException | RuntimeException failure) {
      log.warn("state file {}: the last of it may not be on the disk", file.path(), failure);
    } finally {
      released = true;
      release(file);
      saving.unlock();
    }
  }

  private long load(long epochMillis) throws IOException {
    SavedState state = new SavedState();
    StateFile.Ending ending = file.read(state);
    if (!state.isWhole()) {
      refuse(epochMillis, ending);
      return 0;
    }
    if (ending.dropped() > 0) {
      notices.raise(
          "state-truncated",
          "state file "
              + file.path()
              + " was damaged after "
              + ending.read()
              + " bytes ("
              + ending.reason()
              + "), so the last "
              + ending.dropped()
              + " bytes of it were cut off");
    }
    keep(state);
    return state.elapsed() + absence(state, epochMillis);
  }

  private void refuse(long epochMillis, StateFile.Ending ending) throws IOException {
    Path aside = file.moveAside(epochMillis);
    notices.raise(
        "state-refused",
        "state file "
            + file.path()
            + " could not be read ("
            + ending.reason()
            + "), so it was moved to "
            + aside
            + " and budgets begin anew");
  }

  /** Forgets the services that nobody had for as long as counts are kept. */
  private void keep(SavedState state) {
    long oldest = state.elapsed() - Ledger.KEPT.toNanos();
    for (Map.Entry<String, SavedService> service : state.services().entrySet()) {
      if (service.getValue().end() >= oldest) {
        StateWriter sections = new StateWriter();
        service.getValue().write(sections);
        saved.put(service.getKey(), sections.toBytes());
      }
    }
  }

  /** Returns for how long nobody wrote; a wall clock that went back says nothing, so 0. */
  private long absence(SavedState state, long epochMillis) {
    long absent = epochMillis - state.epochMillis();
    if (absent < 0) {
      notices.raise(
          "state-from-the-future",
          "state file "
              + file.path()
              + " was written "
              + Duration.ofMillis(-absent)
              + " later than it is now, so the wall clock went back; time goes on from there");
    }
    return TimeUnit.MILLISECONDS.toNanos(Math.max(0, Math.min(LONGEST_ABSENCE_MILLIS, absent)));
  }

  private void write(Services services, Clock clock) throws IOException {
    if (!file.isWritable() || file.size() > 2 * replacedSize + LEAST_APPENDED) {
      replace(services, clock);
    }
    append(services, clock);
    if (clock.elapsed() - forced >= FORCE_NANOS) {
      file.force();
      forced = clock.elapsed();
    }
  }

  private void replace(Services services, Clock clock) throws IOException {
    written.clear();
    List<Service> live = services.all().stream().filter(it -> !it.isOverflow()).toList();
    Set<String> names = new HashSet<>();
    file.replace(
        sink -> {
          for (Service service : live) {
            names.add(service.name());
            sink.record(whole(service));
          }
          for (Map.Entry<String, byte[]> service : saved.entrySet()) {
            if (!names.contains(service.getKey())) {
              sink.record(
                  new StateWriter().octet(SavedState.SERVICE_RECORD).raw(service.getValue()));
            }
          }
          sink.record(SavedState.time(clock.elapsed(), clock.currentTimeMillis()));
        });
    written.addAll(names);
    names.forEach(saved::remove);
    replacedSize = file.size();
    forced = clock.elapsed();
  }

  private void append(Services services, Clock clock) throws IOException {
    List<StateWriter> records = new ArrayList<>();
    for (Service service : services.all()) {
      if (!service.isOverflow()) {
        if (written.add(service.name())) {
          records.add(whole(service));
        }
        StateWriter change = change(service);
        if (change != null) {
          records.add(change);
        }
      }
    }
    records.add(SavedState.time(clock.elapsed(), clock.currentTimeMillis()));
    file.append(records);
  }

  private static StateWriter whole(Service service) {
    StateWriter record = new StateWriter().octet(SavedState.SERVICE_RECORD);
    SavedService.write(record, service);
    return record;
  }

  private @Nullable StateWriter change(Service service) {
    StateWriter record = new StateWriter().octet(SavedState.CHANGE_RECORD);
    record.section(SavedService.NAME, new StateWriter().text(service.name()));
    StateWriter slot = new StateWriter();
    boolean counted = service.recorder().takeChange(slot);
    if (counted) {
      record.section(SavedService.SLOT, slot);
    }
    StateWriter edge = new StateWriter();
    boolean judged = service.takeChange(edge, scratch);
    if (judged) {
      record.section(SavedService.EDGE, edge);
    }
    return counted || judged ? record : null;
  }

  /** What was taken from services may be lost, so the next to be written is the whole. */
  private void failed(Throwable failure, Clock clock) {
    try {
      file.closeChannel();
    } catch (IOException alsoFailed) {
      failure.addSuppressed(alsoFailed);
    }
    if (problem == null) {
      problem = "state file " + file.path() + " cannot be written: " + failure;
      log.warn("state file {} cannot be written; tried again twice a second", file.path(), failure);
      tell("state-not-written", Event.Severity.WARNING, problem, clock);
    }
  }

  private void tell(String type, Event.Severity severity, String message, Clock clock) {
    notices.tell(type, severity, message, clock.currentTimeMillis());
  }

  private static void release(StateFile file) {
    try {
      file.close();
    } catch (IOException failure) {
      log.warn("state file {} was not closed", file.path(), failure);
    }
  }
}

package dev.perfkit.sla;

import dev.perfkit.spi.Telemetry;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/** Closes the slots of all services, eight times a second. */
final class Ticker {

  private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(10);
  static final String HISTORY_COARSENED = "history-coarsened";
  private static final String HISTORY_MESSAGE =
      "the past of all services takes more than maximumMemory, so the largest keep coarser slots"
          + " and their windows begin earlier than asked; raise it, or record fewer services";
  private static final long METERS_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Services services;
  private final Meters meters;
  private final Clock clock;
  private final Telemetry.Timer duration;
  private final Notices notices;
  private final Alerting alerting;
  private final ScheduledFuture<?> future;

  private final ReentrantLock lock = new ReentrantLock();
  private Workspace scratch = new Workspace();
  private long metersTicked;
  private volatile long ticked;

  Ticker(
      Services services,
      Meters meters,
      Clock clock,
      Telemetry.Timer duration,
      Notices notices,
      Alerting alerting,
      ScheduledExecutorService scheduler) {
    this.services = services;
    this.meters = meters;
    this.clock = clock;
    this.duration = duration;
    this.notices = notices;
    this.alerting = alerting;
    this.ticked = clock.elapsed();
    this.future =
        scheduler.scheduleAtFixedRate(this::tick, History.TICK, History.TICK, TimeUnit.NANOSECONDS);
  }

  /** Returns whether the windows have not moved for so long that a person should know. */
  boolean isLate() {
    return clock.elapsed() - ticked > LATE_NANOS;
  }

  /** Ends the ticks, and sends what waits unless a tick hangs. */
  void cancel(Duration atMost) {
    future.cancel(false);
    try {
      if (lock.tryLock(atMost.toNanos(), TimeUnit.NANOSECONDS)) {
        try {
          alerting.sendAll();
        } finally {
          lock.unlock();
        }
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** A tick that throws would be the last one, so it never does. */
  private void tick() {
    lock.lock();
    try {
      long now = clock.elapsed();
      services.tick(now, scratch);
      tickMeters(now);
      alerting.evaluate(new SignalReader.Sources(services, meters, scratch, now));
      ticked = now;
      duration.record(clock.elapsed() - now);
      notices.send(clock.currentTimeMillis());
      alerting.send(now);
    } catch (RuntimeException | Error failure) {
      notices.failed("closing of slots", failure);
      scratch = new Workspace();
    } finally {
      lock.unlock();
    }
  }

  private void tickMeters(long now) {
    if (now - metersTicked >= METERS_NANOS) {
      meters.tick(Durations.toSeconds(now - metersTicked));
      if (services.fitMemory()) {
        notices.raise(HISTORY_COARSENED, HISTORY_MESSAGE);
      }
      metersTicked = now;
    }
  }
}

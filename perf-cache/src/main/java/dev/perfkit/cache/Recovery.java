package dev.perfkit.cache;

import dev.perfkit.spi.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Brings a tier back, in the background: asks whether it answers, delivers the removals it missed,
 * and only then lets operations use it again. Idle, and without a thread, while there is nothing to
 * do.
 */
final class Recovery {

  private static final int BATCH = 100;

  private final RedisCalls calls;
  private final PendingRemovals pending;
  private final Notices notices;
  private final String address;
  private final ScheduledExecutorService scheduler;
  private final long pauseNanos;
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private volatile boolean closed;

  Recovery(
      RedisCalls calls,
      PendingRemovals pending,
      Notices notices,
      String address,
      ScheduledExecutorService scheduler,
      Duration pause) {
    this.calls = calls;
    this.pending = pending;
    this.notices = notices;
    this.address = address;
    this.scheduler = scheduler;
    this.pauseNanos = pause.toNanos();
  }

  /** Sees to it that an attempt follows, if there is anything to do. */
  void wakeUp() {
    if (isIdle() || closed || !scheduled.compareAndSet(false, true)) {
      return;
    }
    try {
      Future<?> unused = scheduler.schedule(this::attempt, pauseNanos, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException stopped) {
      scheduled.set(false);
    }
  }

  /** Makes no more attempts; delivers what one more can deliver. */
  void close() {
    closed = true;
    if (calls.breaker().isClosed() && pending.overflow() == 0) {
      removeEach();
    }
  }

  private boolean isIdle() {
    return pending.isEmpty() && calls.breaker().isClosed();
  }

  private void attempt() {
    scheduled.set(false);
    try {
      recover();
    } catch (RuntimeException | Error failure) {
      notices.failed("the recovery of Redis failed", failure);
      throw failure;
    } finally {
      wakeUp();
    }
  }

  private void recover() {
    Breaker breaker = calls.breaker();
    if (closed) {
      return;
    }
    if (!breaker.halfOpen()) {
      deliver();
      return;
    }
    try {
      if (calls.send(RedisLink::probe) != null && deliver() && breaker.close()) {
        notices.tell("breaker-closed", Event.Severity.INFO, "Redis at " + address + " is back");
      }
    } finally {
      breaker.reopen(); // unless it was closed
    }
  }

  /** Returns whether the tier has acknowledged everything. */
  private boolean deliver() {
    return sweep() && removeEach();
  }

  private boolean sweep() {
    long number = pending.overflow();
    if (number == 0) {
      return true;
    }
    Map<RemoteKey, Long> swept = pending.snapshot();
    if (calls.send(Recovery::sweep) == null) {
      return false;
    }
    pending.delivered(swept);
    if (pending.swept(number)) {
      notices.tell(
          "removals-swept",
          Event.Severity.INFO,
          "all entries were removed from Redis at " + address + ", as too many removals waited");
    }
    return true;
  }

  private static Boolean sweep(RedisLink link) {
    link.sweep();
    return true;
  }

  private boolean removeEach() {
    List<Map.Entry<RemoteKey, Long>> all = new ArrayList<>(pending.snapshot().entrySet());
    for (int from = 0; from < all.size(); from += BATCH) {
      Map<RemoteKey, Long> batch = new HashMap<>();
      all.subList(from, Math.min(from + BATCH, all.size()))
          .forEach(entry -> batch.put(entry.getKey(), entry.getValue()));
      if (calls.send(link -> link.remove(List.copyOf(batch.keySet()))) == null) {
        return false;
      }
      pending.delivered(batch);
    }
    return true;
  }
}

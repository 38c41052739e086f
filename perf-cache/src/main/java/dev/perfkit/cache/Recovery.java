package dev.perfkit.cache;

import dev.perfkit.spi.Event;
import java.time.Duration;
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

  private final RedisCalls calls;
  private final Sender sender;
  private final PendingRemovals pending;
  private final Notices notices;
  private final String address;
  private final ScheduledExecutorService scheduler;
  private final long pauseNanos;
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private volatile boolean closed;

  /** Sends to the tier, whatever the breaker says; false if it did not acknowledge. */
  interface Sender {

    boolean probe();

    /** Returns whether a key is there. */
    boolean has(RemoteKey key);

    /** Returns whether tags go there. */
    boolean hasClock();

    boolean remove(RemoteKey key);

    boolean deliver(Tag tag);

    /** Finds out what other nodes did meanwhile. */
    boolean catchUp();
  }

  static Recovery of(
      RedisPart part,
      PendingRemovals pending,
      Notices notices,
      ScheduledExecutorService scheduler,
      Duration pause) {
    RedisCalls calls = part.calls();
    return new Recovery(calls, part, pending, notices, calls.address(), scheduler, pause);
  }

  private Recovery(
      RedisCalls calls,
      Sender sender,
      PendingRemovals pending,
      Notices notices,
      String address,
      ScheduledExecutorService scheduler,
      Duration pause) {
    this.calls = calls;
    this.sender = sender;
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
    if (calls.breaker().isClosed()) {
      boolean unused = deliver();
    }
  }

  private boolean isIdle() {
    return calls.breaker().isClosed() && !owes();
  }

  private boolean owes() {
    return !pending.isEmpty()
        && ((sender.hasClock() && (pending.overflow() != 0 || !pending.tags().isEmpty()))
            || pending.keys().keySet().stream().anyMatch(sender::has));
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
    if (closed || breaker.isPaused()) {
      return;
    }
    if (!breaker.halfOpen()) {
      boolean unused = deliver();
      return;
    }
    try {
      if (sender.probe() && deliver() && sender.catchUp() && breaker.close()) {
        notices.tell("breaker-closed", Event.Severity.INFO, "Redis at " + address + " is back");
      }
    } finally {
      breaker.reopen(); // unless it was closed
    }
  }

  /** Returns whether the tier has acknowledged everything. */
  private boolean deliver() {
    return (!sender.hasClock() || (sweep() && deliverTags())) && deliverKeys();
  }

  /** Too many removals are one of everything. */
  private boolean sweep() {
    long number = pending.overflow();
    if (number == 0) {
      return true;
    }
    Map<RemoteKey, Long> keys = pending.keys();
    Map<Tag, Long> tags = pending.tags();
    if (!sender.deliver(new Tag(Marks.ALL, true))) {
      return false;
    }
    keys.forEach(pending::delivered);
    tags.forEach(pending::delivered);
    if (pending.swept(number)) {
      notices.tell(
          "removals-swept",
          Event.Severity.INFO,
          "all entries of the cache in Redis at "
              + address
              + " were invalidated, as too many removals waited");
    }
    return true;
  }

  private boolean deliverTags() {
    Misses misses = new Misses();
    for (Map.Entry<Tag, Long> each : pending.tags().entrySet()) {
      if (misses.count(sender.deliver(each.getKey()))) {
        pending.delivered(each.getKey(), each.getValue());
      } else if (misses.tooMany()) {
        return false;
      }
    }
    return misses.none();
  }

  private boolean deliverKeys() {
    Misses misses = new Misses();
    for (Map.Entry<RemoteKey, Long> each : pending.keys().entrySet()) {
      if (!sender.has(each.getKey())) {
        continue;
      }
      if (misses.count(sender.remove(each.getKey()))) {
        pending.delivered(each.getKey(), each.getValue());
      } else if (misses.tooMany()) {
        return false;
      }
    }
    return misses.none();
  }

  /** One that fails does not hold up the others, but a tier that is gone again ends the attempt. */
  private static final class Misses {
    private int all;
    private int inARow;

    boolean count(boolean delivered) {
      all += delivered ? 0 : 1;
      inARow = delivered ? 0 : inARow + 1;
      return delivered;
    }

    boolean tooMany() {
      return inARow >= 3;
    }

    boolean none() {
      return all == 0;
    }
  }
}

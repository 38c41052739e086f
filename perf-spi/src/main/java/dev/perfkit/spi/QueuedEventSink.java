package dev.perfkit.spi;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue in front of a sink. At most one drain runs at a time, which keeps the order; it
 * is started by the event that finds none running, and ends only under the lock when the queue is
 * empty, so no event is left behind.
 */
final class QueuedEventSink implements EventSink {

  private final EventSink delegate;
  private final Executor executor;
  private final int capacity;
  private final LongConsumer onDrop;

  private final ReentrantLock lock = new ReentrantLock();
  private final Queue<Event> queue = new ArrayDeque<>();
  private long dropped;
  private boolean draining;

  QueuedEventSink(EventSink delegate, Executor executor, int capacity, LongConsumer onDrop) {
    this.delegate = delegate;
    this.executor = executor;
    this.capacity = capacity;
    this.onDrop = onDrop;
  }

  @Override
  public void accept(Event event) {
    if (!enqueue(event)) {
      return;
    }
    try {
      executor.execute(this::drain);
    } catch (RuntimeException | Error refused) {
      dropAll();
      if (refused instanceof VirtualMachineError error) {
        throw error;
      }
    }
  }

  /** Returns whether the caller must start a drain. */
  private boolean enqueue(Event event) {
    lock.lock();
    try {
      if (queue.size() == capacity) {
        dropped++;
        return false;
      }
      queue.add(event);
      boolean start = !draining;
      draining = true;
      return start;
    } finally {
      lock.unlock();
    }
  }

  private void drain() {
    for (Event event = next(); event != null; event = next()) {
      Event delivered = event;
      contain(() -> delegate.accept(delivered));
    }
  }

  private @Nullable Event next() {
    reportDrops();
    lock.lock();
    try {
      Event event = queue.poll();
      draining = event != null;
      return event;
    } finally {
      lock.unlock();
    }
  }

  private void dropAll() {
    lock.lock();
    try {
      dropped += queue.size();
      queue.clear();
      draining = false;
    } finally {
      lock.unlock();
    }
    reportDrops();
  }

  private void reportDrops() {
    long count;
    lock.lock();
    try {
      count = dropped;
      dropped = 0;
    } finally {
      lock.unlock();
    }
    if (count > 0) {
      contain(() -> onDrop.accept(count));
    }
  }

  private static void contain(Runnable hostCode) {
    try {
      hostCode.run();
    } catch (Throwable failure) {
      tellHandler(failure);
    }
  }

  /** Does as the JVM: what the handler itself throws is dropped. */
  private static void tellHandler(Throwable failure) {
    Thread thread = Thread.currentThread();
    try {
      thread.getUncaughtExceptionHandler().uncaughtException(thread, failure);
    } catch (Throwable dropped) {
      // The handler is the last resort; an exception from here would end the drain for good.
    }
  }
}

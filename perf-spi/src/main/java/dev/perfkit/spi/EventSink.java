package dev.perfkit.spi;

import dev.perfkit.spi.support.Options;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Receives events. Called on the thread where the event happened, by any number of threads at once:
 * it must not block. A slow receiver goes behind {@link #queued}.
 */
@Beta
@FunctionalInterface
public interface EventSink {

  /** Takes an event. */
  void accept(Event event);

  /** Returns a sink that drops every event. */
  static EventSink none() {
    return event -> {};
  }

  /**
   * Returns a view of a host's sink that never throws: a failure goes to the callback, and the
   * event is lost.
   *
   * @param onFailure called on the thread of the event; what it throws is dropped
   */
  static EventSink guarded(EventSink delegate, Consumer<? super Throwable> onFailure) {
    Objects.requireNonNull(delegate, "delegate");
    Guard guard = new Guard(onFailure);
    return event -> {
      try {
        delegate.accept(event);
      } catch (Throwable failure) {
        guard.failed(failure);
      }
    };
  }

  /**
   * Returns a sink that hands events to the delegate one after the other, in order, on an executor.
   * When the queue is full the newest event is dropped and counted; when the executor refuses, all
   * that wait are. The callers never wait and never fail. What the delegate or {@code onDrop}
   * throws goes to the uncaught-exception handler of the executor's thread.
   *
   * @param capacity the most events that wait, at least 1
   * @param executor runs one task at a time for this sink; it refuses by throwing (a policy that
   *     discards silently stalls the sink)
   * @param onDrop told how many events were dropped since it was last told; called on the
   *     executor's thread before the next delivery, or on the caller's when the executor refuses
   * @throws IllegalArgumentException if the capacity is under 1
   */
  static EventSink queued(
      EventSink delegate, Executor executor, int capacity, LongConsumer onDrop) {
    Objects.requireNonNull(delegate, "delegate");
    Objects.requireNonNull(executor, "executor");
    Objects.requireNonNull(onDrop, "onDrop");
    Options.atLeast("capacity", 1, capacity);
    return new QueuedEventSink(delegate, executor, capacity, onDrop);
  }
}

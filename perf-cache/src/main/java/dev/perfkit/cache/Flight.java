package dev.perfkit.cache;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The marker of an operation that may install a value. It installs only by replacing its own
 * marker; whatever happens to the key meanwhile takes the marker away, and so voids the install.
 */
final class Flight<V> extends Slot<V> {

  private final Thread owner = Thread.currentThread();
  private final @Nullable Entry<V> fallback;
  private final CompletableFuture<Outcome<V>> outcome = new CompletableFuture<>();

  private Flight(@Nullable Entry<V> fallback) {
    this.fallback = fallback;
  }

  /** Returns the marker of a read, which holds the entry whose place it takes. */
  static <V> Flight<V> inPlaceOf(@Nullable Entry<V> entry) {
    return new Flight<>(entry);
  }

  /** Returns the marker of a write; readers get its value at once. */
  static <V> Flight<V> writing(V value) {
    Flight<V> flight = new Flight<>(null);
    flight.land(new Outcome.Value<>(value, false));
    return flight;
  }

  @Nullable Entry<V> fallback() {
    return fallback;
  }

  boolean isMine() {
    return owner == Thread.currentThread();
  }

  /** Ends it for those who wait; only the first call counts. */
  void land(Outcome<V> how) {
    outcome.complete(how);
  }

  boolean hasLanded() {
    return outcome.isDone();
  }

  /** Returns how it ended, or null if it has not. */
  @Nullable Outcome<V> landed() {
    return outcome.getNow(null);
  }

  /**
   * Waits for the end.
   *
   * @return null if the time was not enough
   */
  @Nullable Outcome<V> await(long nanos) throws InterruptedException {
    try {
      return outcome.get(nanos, TimeUnit.NANOSECONDS);
    } catch (TimeoutException late) {
      return null;
    } catch (ExecutionException impossible) {
      throw new AssertionError("a flight never ends with an exception", impossible);
    }
  }

  @Override
  int weight() {
    return 0;
  }
}

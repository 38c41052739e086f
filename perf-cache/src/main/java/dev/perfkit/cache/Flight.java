package dev.perfkit.cache;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The marker of an operation that may install a value. It installs only by replacing its own
 * marker; whatever happens to the key meanwhile takes the marker away, and so voids the install.
 *
 * <p>An invalidation by another node comes with a sequence. A marker that has seen that sequence
 * already, as Redis answered it later, is not voided by it. One that waits for its answer notes the
 * sequence, and compares when the answer is there. Of the two sides, each writes its own number
 * before it reads the other's, so at least one of them notices.
 */
final class Flight<V> extends Slot<V> {

  private static final long UNKNOWN = -1;

  private final long began = System.nanoTime();
  private final Shard shard;
  private final long generation;
  private final CompletableFuture<Outcome<V>> outcome = new CompletableFuture<>();
  private final AtomicLong voidMark = new AtomicLong();
  private final AtomicLong wakes = new AtomicLong();
  private volatile long seen = UNKNOWN;
  private volatile @Nullable Thread owner = Thread.currentThread();
  private volatile @Nullable Entry<V> fallback;
  private volatile boolean handedOver;

  private Flight(@Nullable Entry<V> fallback, Shard shard, long generation) {
    this.fallback = fallback;
    this.shard = shard;
    this.generation = generation;
  }

  /** Returns the marker of a read, which holds the entry whose place it takes. */
  static <V> Flight<V> inPlaceOf(@Nullable Entry<V> entry, Visit<V> visit) {
    return new Flight<>(entry, visit.shard(), visit.generation());
  }

  /** Returns the marker of a read whose visit is yet to begin. */
  static <V> Flight<V> inPlaceOf(@Nullable Entry<V> entry, Shard shard) {
    return new Flight<>(entry, shard, shard.standing().generation());
  }

  /** Returns the marker of a write; readers get its value at once. */
  static <V> Flight<V> writing(V value, Visit<V> visit) {
    Flight<V> flight = inPlaceOf(null, visit);
    flight.land(new Outcome.Value<>(value, false, null));
    return flight;
  }

  /** Returns the entry whose place it took, unless that was invalidated since. */
  @Nullable Entry<V> fallback() {
    Entry<V> entry = fallback;
    return entry == null || entry.origin().sequence() < voidMark.get() ? null : entry;
  }

  /** Has it fall back on an entry that was found behind memory, or the one it has. */
  void fallBackOn(@Nullable Entry<V> entry) {
    fallback = entry;
  }

  /** Returns when it began, by the machine's clock. */
  long began() {
    return began;
  }

  Shard shard() {
    return shard;
  }

  /** Returns the generation of the shard when the operation began. */
  long generation() {
    return generation;
  }

  boolean isMine() {
    return owner == Thread.currentThread();
  }

  // Another thread may go on with it; then that one ends it.

  void handOver() {
    owner = null;
    handedOver = true;
  }

  void takeBack() {
    owner = Thread.currentThread();
    handedOver = false;
  }

  void adopt() {
    owner = Thread.currentThread();
  }

  boolean isHandedOver() {
    return handedOver;
  }

  // Sequences.

  /** Forgets the last answer, as another question is about to be asked. */
  void forget() {
    seen = UNKNOWN;
  }

  /**
   * Notes the sequence that an answer came with.
   *
   * @return whether nothing was invalidated after it, as far as is known
   */
  boolean saw(long sequence) {
    seen = sequence;
    return voidMark.get() <= sequence;
  }

  /**
   * Notes an invalidation.
   *
   * @return false if the operation is known to have begun before it: its marker must go
   */
  boolean survives(long sequence) {
    voidMark.accumulateAndGet(sequence, Math::max);
    long known = seen;
    wake();
    return known == UNKNOWN || known >= sequence;
  }

  // Waiting of its owner for another node.

  long wakes() {
    return wakes.get();
  }

  void wake() {
    wakes.incrementAndGet();
    LockSupport.unpark(owner);
  }

  /** Waits until it was woken more often than that. */
  void awaitWake(long before, long nanos) {
    long end = System.nanoTime() + nanos;
    long left = nanos;
    while (wakes.get() == before && left > 0 && !Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(this, left);
      left = end - System.nanoTime();
    }
  }

  // Waiting of other threads for its end.

  /** Ends it for those who wait; only the first call counts. */
  void land(Outcome<V> how) {
    outcome.complete(how);
  }

  /** Returns a future of its end that may be cancelled without harm. */
  CompletableFuture<Outcome<V>> landing() {
    return outcome.copy();
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
}

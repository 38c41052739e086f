package dev.perfkit.crypto;

import dev.perfkit.spi.TimeSource;
import java.util.Arrays;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Random nonces of 96 bits, drawn ahead in batches because one draw of many costs a tenth of many
 * draws.
 *
 * <p>What keeps a nonce from being used twice:
 *
 * <ul>
 *   <li>Within a process, a batch belongs to one pooled cipher, and that to one thread at a time.
 *   <li>Between copies of a process (a restored snapshot, a cloned machine), what was drawn ahead
 *       would be used by both. So all batches are dropped by {@link #reseed}, a second after the
 *       first of them was drawn, and when wall and monotonic clock disagree about a batch's age,
 *       which a restore usually makes them do. Every draw mixes in fresh bytes of the operating
 *       system (see {@link RandomBytes#system}), so copies part ways at the next batch.
 *   <li>A source that fails or repeats itself ends in an exception, never in a nonce.
 * </ul>
 *
 * <p>A copy that is made and resumed within a second without a trace in either clock is invisible
 * to a JVM: both go on with the same batches, of at most 256 nonces each.
 */
final class NonceSource {

  static final int NONCE_BYTES = 12;
  static final int BATCH = 256;
  static final long MAX_AGE_MILLIS = 1_000;
  static final long MAX_DISAGREEMENT_MILLIS = 100;

  /** How long an encryption waits while the process is being checkpointed. */
  static final long MAX_PAUSE_MILLIS = 60_000;

  private static final int MAX_STRIPES = 16;

  private final TimeSource time;
  private final Supplier<ScheduledExecutorService> scheduler;
  private final Stripe[] stripes;
  private final NonceMode mode;
  private final AtomicInteger epoch = new AtomicInteger();
  private final AtomicBoolean expiryDue = new AtomicBoolean();
  private final ReentrantLock pauseLock = new ReentrantLock();
  private final Condition resumed = pauseLock.newCondition();
  private volatile boolean paused;
  private volatile boolean failing;

  /**
   * @param scheduler runs the expiry of batches; asked for with the first one
   */
  NonceSource(
      NonceMode mode,
      TimeSource time,
      Supplier<ScheduledExecutorService> scheduler,
      Supplier<? extends RandomBytes> randoms) {
    this.mode = mode;
    this.time = time;
    this.scheduler = scheduler;
    int processors = Math.min(MAX_STRIPES, Runtime.getRuntime().availableProcessors());
    stripes = new Stripe[Integer.highestOneBit(processors * 2 - 1)];
    Arrays.setAll(stripes, i -> new Stripe(randoms.get()));
  }

  /** Returns nonces for one user at a time; none is drawn yet. */
  NonceBatch batch() {
    return new NonceBatch(this);
  }

  /** Returns a number that changes when what was drawn ahead must not be used any more. */
  int epoch() {
    return epoch.get();
  }

  TimeSource time() {
    return time;
  }

  /**
   * Forgets what was drawn ahead and seeds the generators anew. What is being encrypted meanwhile
   * may still use what was drawn before.
   */
  void reseed() {
    for (Stripe stripe : stripes) {
      stripe.random.reseed();
    }
    expire();
  }

  /** Forgets what was drawn ahead, and makes whoever needs a nonce wait. */
  void pause() {
    paused = true;
    expire();
  }

  /** Ends a pause. */
  void resume() {
    pauseLock.lock();
    try {
      paused = false;
      resumed.signalAll();
    } finally {
      pauseLock.unlock();
    }
  }

  /** Returns whether the last draw failed. */
  boolean isFailing() {
    return failing;
  }

  /**
   * Returns fresh random bytes for so many nonces.
   *
   * @throws NonceException if the random source failed or repeated itself
   */
  byte[] draw(int nonces) throws NonceException {
    awaitResumed();
    try {
      byte[] bytes = new byte[nonces * NONCE_BYTES];
      stripes[Stripes.ofThread() & (stripes.length - 1)].draw(bytes);
      if (failing) {
        failing = false;
      }
      return bytes;
    } catch (NonceException | RuntimeException failure) {
      failing = true;
      throw failure instanceof NonceException known
          ? known
          : new NonceException("the random source failed", failure);
    }
  }

  /** Returns how many nonces to draw ahead for one that has drawn so many last. */
  int nextSize(int last) {
    // Small at first: a cipher that was made for a moment of contention is soon dropped.
    return mode == NonceMode.OS_PER_MESSAGE ? 1 : Math.min(BATCH, Math.max(16, last * 4));
  }

  /**
   * Sees to it that batches are dropped in a second.
   *
   * @return whether they will be; otherwise their users must watch the clock
   */
  boolean expireSoon() {
    if (mode == NonceMode.OS_PER_MESSAGE || expiryDue.get() || expiryDue.getAndSet(true)) {
      return true;
    }
    try {
      var unused = scheduler.get().schedule(this::onExpiry, MAX_AGE_MILLIS, TimeUnit.MILLISECONDS);
      return true;
    } catch (RejectedExecutionException stopped) {
      expiryDue.set(false);
      return false;
    }
  }

  private void onExpiry() {
    // In this order: a draw that finds an expiry due has its batch dropped by it.
    expiryDue.set(false);
    expire();
  }

  private void expire() {
    epoch.incrementAndGet();
  }

  private void awaitResumed() throws NonceException {
    if (!paused) {
      return;
    }
    pauseLock.lock();
    try {
      long left = TimeUnit.MILLISECONDS.toNanos(MAX_PAUSE_MILLIS);
      while (paused) {
        if (left <= 0) {
          throw new NonceException(
              "encryption is paused for a checkpoint since " + MAX_PAUSE_MILLIS + " ms");
        }
        left = resumed.awaitNanos(left);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new NonceException("interrupted while encryption was paused", interrupted);
    } finally {
      pauseLock.unlock();
    }
  }

  /** The random source is not fit for nonces. */
  static final class NonceException extends Exception {

    private static final long serialVersionUID = 1;

    NonceException(String message) {
      super(message);
    }

    NonceException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private static final class Stripe {

    final RandomBytes random;
    private volatile byte[] firstOfLast = {};

    Stripe(RandomBytes random) {
      this.random = random;
    }

    /**
     * Notices a generator that is stuck or starts over, as the continuous test of FIPS 140 does.
     */
    void draw(byte[] bytes) throws NonceException {
      random.fill(bytes);
      byte[] first = Arrays.copyOf(bytes, NONCE_BYTES);
      boolean repeats = Arrays.equals(first, firstOfLast);
      for (int at = NONCE_BYTES; at < bytes.length && !repeats; at += NONCE_BYTES) {
        repeats = Arrays.equals(bytes, at, at + NONCE_BYTES, first, 0, NONCE_BYTES);
      }
      if (repeats) {
        throw new NonceException("the random source repeats itself");
      }
      firstOfLast = first;
    }
  }
}

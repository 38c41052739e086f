package dev.perfkit.crypto;

import dev.perfkit.spi.TimeSource;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * Random nonces of 96 bits, drawn ahead in batches because one draw of many costs a tenth of many
 * draws.
 *
 * <p>What keeps a nonce from being used twice:
 *
 * <ul>
 *   <li>Within a process, a place in a batch is claimed by an atomic increment, and a batch is
 *       published once.
 *   <li>Between copies of a process (a restored snapshot, a cloned machine), what was drawn ahead
 *       would be used by both. So a batch lives for one second at most, is dropped when wall and
 *       monotonic clock disagree about its age, which a restore usually makes them do, and by
 *       {@link #reseed}. Every draw mixes in fresh bytes of the operating system (see {@link
 *       RandomBytes#system}), so copies part ways at the next batch.
 *   <li>A source that fails or repeats itself ends in an exception, never in a nonce.
 * </ul>
 *
 * <p>A copy that is made and resumed within a second without a trace in either clock is invisible
 * to a JVM: both go on with the same batch, of at most 256 nonces.
 */
final class NonceSource {

  static final int NONCE_BYTES = 12;
  static final int BATCH = 256;
  static final long MAX_AGE_MILLIS = 1_000;
  static final long MAX_DISAGREEMENT_MILLIS = 100;

  private static final int MAX_STRIPES = 16;
  private static final int COMPARE_CLOCKS_EVERY = 16;

  /** Far more than contention can need; a clock that jumps at every look must not hang a caller. */
  private static final int MAX_DRAWS = 100;

  private final TimeSource time;
  private final Stripe[] stripes;
  private volatile boolean failing;

  NonceSource(TimeSource time, Supplier<? extends RandomBytes> randoms) {
    this.time = time;
    int processors = Math.min(MAX_STRIPES, Runtime.getRuntime().availableProcessors());
    stripes = new Stripe[Integer.highestOneBit(processors * 2 - 1)];
    Arrays.setAll(stripes, i -> new Stripe(randoms.get()));
  }

  /**
   * Writes a nonce that was never written before.
   *
   * @throws NonceException if the random source failed or repeated itself
   */
  void next(byte[] target, int offset) throws NonceException {
    Stripe stripe = stripes[Stripes.ofThread() & (stripes.length - 1)];
    for (int draws = 0; draws < MAX_DRAWS; draws++) {
      Batch batch = Objects.requireNonNull(stripe.batch.get());
      if (batch.claim(time, target, offset)) {
        return;
      }
      stripe.batch.compareAndSet(batch, draw(stripe));
    }
    throw new NonceException("batches of random bytes expire sooner than they are drawn");
  }

  /**
   * Forgets what was drawn ahead and seeds the generators anew. What is being encrypted meanwhile
   * may still use what was drawn before.
   */
  void reseed() {
    for (Stripe stripe : stripes) {
      stripe.random.reseed();
      stripe.batch.set(Batch.spent());
    }
  }

  /** Returns whether the last draw failed. */
  boolean isFailing() {
    return failing;
  }

  private Batch draw(Stripe stripe) throws NonceException {
    try {
      Batch fresh = stripe.draw(time);
      if (failing) {
        failing = false;
      }
      return fresh;
    } catch (NonceException | RuntimeException failure) {
      failing = true;
      throw failure instanceof NonceException known
          ? known
          : new NonceException("the random source failed", failure);
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
    final AtomicReference<Batch> batch = new AtomicReference<>(Batch.spent());
    private volatile byte[] firstOfLast = {};

    Stripe(RandomBytes random) {
      this.random = random;
    }

    Batch draw(TimeSource time) throws NonceException {
      byte[] bytes = new byte[BATCH * NONCE_BYTES];
      // Both clocks before the draw: a copy made in the middle of it finds an older batch.
      Batch fresh = new Batch(bytes, time.currentTimeMillis(), time.nanoTime(), 0);
      random.fill(bytes);
      requireNoRepetition(bytes);
      return fresh;
    }

    /**
     * Notices a generator that is stuck or starts over, as the continuous test of FIPS 140 does.
     */
    private void requireNoRepetition(byte[] bytes) throws NonceException {
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

  private static final class Batch {

    private final byte[] bytes;
    private final long bornMillis;
    private final long bornNanos;
    private final AtomicInteger claimed;

    Batch(byte[] bytes, long bornMillis, long bornNanos, int claimed) {
      this.bytes = bytes;
      this.bornMillis = bornMillis;
      this.bornNanos = bornNanos;
      this.claimed = new AtomicInteger(claimed);
    }

    static Batch spent() {
      return new Batch(new byte[0], 0, 0, BATCH);
    }

    /**
     * Takes the next place, if the batch is young enough and has one. The wall clock is read for
     * each message, since a clock costs a tenth of an encryption; both are compared for one in
     * sixteen, the first included.
     */
    boolean claim(TimeSource time, byte[] target, int offset) {
      long age = time.currentTimeMillis() - bornMillis;
      if (age < 0 || age >= MAX_AGE_MILLIS || claimed.get() >= BATCH) {
        return false;
      }
      int place = claimed.getAndIncrement();
      if (place >= BATCH || (place % COMPARE_CLOCKS_EVERY == 0 && !clocksAgree(time, age))) {
        claimed.set(BATCH);
        return false;
      }
      System.arraycopy(bytes, place * NONCE_BYTES, target, offset, NONCE_BYTES);
      return true;
    }

    private boolean clocksAgree(TimeSource time, long age) {
      long monotonicAge = (time.nanoTime() - bornNanos) / 1_000_000;
      return monotonicAge < MAX_AGE_MILLIS
          && Math.abs(age - monotonicAge) <= MAX_DISAGREEMENT_MILLIS;
    }
  }
}

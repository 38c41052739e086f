package dev.perfkit.crypto;

import dev.perfkit.crypto.NonceSource.NonceException;
import dev.perfkit.spi.TimeSource;
import java.util.Arrays;

/**
 * Nonces that were drawn ahead for one pooled cipher, used by one thread at a time. Nothing here is
 * shared, so a nonce costs a copy of 12 bytes and a look at the epoch of its source.
 */
final class NonceBatch {

  private static final int COMPARE_CLOCKS_EVERY = 16;

  /** Far more than can be needed; a clock that jumps at every look must not hang a caller. */
  private static final int MAX_DRAWS = 100;

  private final NonceSource source;
  private byte[] bytes = {};
  private int next;
  private int epoch;
  private int untilCompared;
  private boolean expires;
  private long bornMillis;
  private long bornNanos;

  NonceBatch(NonceSource source) {
    this.source = source;
  }

  /**
   * Returns a nonce that was never returned before, in a new array.
   *
   * @throws NonceException if the random source failed or repeated itself
   */
  byte[] next() throws NonceException {
    if (next == bytes.length || epoch != source.epoch() || !fresh()) {
      draw();
    }
    int from = next;
    next = from + NonceSource.NONCE_BYTES;
    return Arrays.copyOfRange(bytes, from, next);
  }

  /**
   * The source's epoch tells the age within a second. The clocks are compared for one nonce in
   * sixteen, since a look at one costs a tenth of an encryption.
   */
  private boolean fresh() {
    if (--untilCompared > 0 && expires) {
      return true;
    }
    untilCompared = COMPARE_CLOCKS_EVERY;
    return young();
  }

  private boolean young() {
    TimeSource time = source.time();
    long age = time.currentTimeMillis() - bornMillis;
    long monotonicAge = (time.nanoTime() - bornNanos) / 1_000_000;
    return age >= 0
        && age < NonceSource.MAX_AGE_MILLIS
        && monotonicAge < NonceSource.MAX_AGE_MILLIS
        && Math.abs(age - monotonicAge) <= NonceSource.MAX_DISAGREEMENT_MILLIS;
  }

  private void draw() throws NonceException {
    int size = source.nextSize(bytes.length / NonceSource.NONCE_BYTES);
    bytes = new byte[0];
    next = 0;
    for (int draws = 0; draws < MAX_DRAWS; draws++) {
      // All before the draw: a copy of the process made in the middle of it has an older batch.
      epoch = source.epoch();
      expires = source.expireSoon();
      bornMillis = source.time().currentTimeMillis();
      bornNanos = source.time().nanoTime();
      untilCompared = COMPARE_CLOCKS_EVERY;
      byte[] fresh = source.draw(size);
      if (epoch == source.epoch() && young()) {
        bytes = fresh;
        return;
      }
    }
    throw new NonceException("batches of random bytes expire sooner than they are drawn");
  }
}

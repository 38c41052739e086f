package dev.perfkit.crypto;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * A subkey that encrypts a limited number of messages. The limit is shared out among stripes, so
 * that threads do not meet at one counter: the epoch ends with the first stripe whose share is used
 * up, which is before all of them are.
 */
final class Epoch {

  private static final int MAX_STRIPES = 16;

  /** Counters between two stripes, so that no two share a cache line. */
  private static final int STRIDE = 8;

  private final Subkey subkey;
  private final AtomicLongArray used;
  private final int mask;
  private final long share;

  Epoch(Subkey subkey, long messages) {
    this.subkey = subkey;
    int processors = Math.min(MAX_STRIPES, Runtime.getRuntime().availableProcessors());
    int stripes = Integer.highestOneBit(processors * 2 - 1);
    this.mask = stripes - 1;
    this.share = messages / stripes;
    this.used = new AtomicLongArray(stripes * STRIDE);
  }

  Subkey subkey() {
    return subkey;
  }

  /** Takes one message from the limit; returns false when the epoch is over. */
  boolean claim() {
    return used.getAndIncrement((Stripes.ofThread() & mask) * STRIDE) < share;
  }
}

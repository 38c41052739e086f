package dev.perfkit.crypto;

import dev.perfkit.spi.TimeSource;
import java.security.GeneralSecurityException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Counts the messages that one key encrypts with random nonces, ahead of their use, and refuses
 * when there are no more.
 *
 * <p>Messages come in leases from a {@link Source}, which many processes may share. A lease is cut
 * into chunks for stripes, so that threads do not meet at one counter. A message is taken before it
 * is encrypted and every message is in one lease, one chunk and one decrement; what is lost on the
 * way (a crash, a race of two refills) is never used, so the count is at least the truth.
 */
final class MessageBudget {

  /** How many messages AES-GCM with random nonces of 96 bits may encrypt under one key. */
  static final long MAX_MESSAGES = 1L << 32;

  static final long LEASE_MESSAGES = 1L << 24;
  static final long CHUNK = 1L << 12;

  private static final int STRIDE = 8;
  private static final int MAX_STRIPES = 16;
  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** A key file takes a second for each write, on a busy machine several. */
  private static final long MAX_WAIT_MILLIS = 15_000;

  /** Where leases come from. */
  interface Source {

    /** Takes a lease, which then counts as used: 1 or more messages. May block for a store. */
    long take() throws SpentException;

    /** Takes back what was certainly not used. */
    default void giveBack(long messages) {}

    /** Is told, on the way of a message, that a lease nears its end; must not block. */
    default void nearlySpent() {}
  }

  /** No message is left, or none can be had now. */
  static final class SpentException extends GeneralSecurityException {

    private static final long serialVersionUID = 1;

    private final EncryptException.Reason reason;

    SpentException(EncryptException.Reason reason, String message, @Nullable Throwable cause) {
      super(message, cause);
      this.reason = reason;
    }

    EncryptException.Reason reason() {
      return reason;
    }
  }

  private final Source source;
  private final TimeSource time;
  private final long prefetchBelow;
  private final AtomicLongArray stripes;
  private final int mask;
  private final AtomicLong lease = new AtomicLong();
  private final ReentrantLock fetching = new ReentrantLock();

  private volatile boolean closed;
  private @Nullable SpentException lastFailure;
  private long retryAt;

  /**
   * Starts without a lease.
   *
   * @param prefetchBelow the source is told when fewer messages are left
   */
  MessageBudget(Source source, TimeSource time, long prefetchBelow) {
    this.source = source;
    this.time = time;
    this.prefetchBelow = prefetchBelow;
    int processors = Math.min(MAX_STRIPES, Runtime.getRuntime().availableProcessors());
    int count = Integer.highestOneBit(processors * 2 - 1);
    this.stripes = new AtomicLongArray(count * STRIDE);
    this.mask = count - 1;
  }

  /** Returns the budget of a key that only this process is known to use, from now on. */
  static MessageBudget ofProcess() {
    AtomicLong left = new AtomicLong(MAX_MESSAGES);
    return new MessageBudget(() -> takeLocal(left), TimeSource.system(), 0);
  }

  /**
   * Takes one message.
   *
   * @throws SpentException if there is none; the caller must not encrypt
   */
  void spend() throws SpentException {
    int stripe = (Stripes.ofThread() & mask) * STRIDE;
    if (stripes.getAndDecrement(stripe) <= 0) {
      refill(stripe);
    }
  }

  /** Takes a lease ahead of need, if fewer messages are left than the limit. */
  void prefetch() throws SpentException {
    if (!closed && lease.get() < prefetchBelow && fetching.tryLock()) {
      try {
        if (lease.get() < prefetchBelow) {
          lease.addAndGet(source.take());
        }
      } finally {
        fetching.unlock();
      }
    }
  }

  /** Refuses from now on and gives back what was not used. */
  void close() {
    fetching.lock();
    try {
      if (!closed) {
        closed = true;
        long unused = lease.getAndSet(0);
        for (int at = 0; at < stripes.length(); at += STRIDE) {
          unused += Math.max(0, stripes.getAndSet(at, 0));
        }
        if (unused > 0) {
          source.giveBack(unused);
        }
      }
    } finally {
      fetching.unlock();
    }
  }

  /** Returns how many messages are left in the lease, without those in the stripes. */
  long leased() {
    return lease.get();
  }

  private void refill(int stripe) throws SpentException {
    long chunk = takeChunk();
    while (chunk == 0) {
      fetch();
      chunk = takeChunk();
    }
    long rest = chunk - 1;
    // What refused threads have taken below zero was never there.
    stripes.accumulateAndGet(stripe, rest, (left, more) -> Math.max(0, left) + more);
    if (lease.get() < prefetchBelow) {
      source.nearlySpent();
    }
  }

  private long takeChunk() throws SpentException {
    requireOpen();
    long before = lease.getAndUpdate(left -> left - Math.min(left, CHUNK));
    return Math.min(before, CHUNK);
  }

  /** Takes a lease, one thread at a time; those that wait use what the first one got. */
  private void fetch() throws SpentException {
    awaitTurn();
    try {
      requireOpen();
      if (lease.get() == 0) {
        SpentException recent = lastFailure;
        if (recent != null && time.nanoTime() - retryAt < 0) {
          throw new SpentException(recent.reason(), String.valueOf(recent.getMessage()), recent);
        }
        lease.addAndGet(takeOrRemember());
      }
    } finally {
      fetching.unlock();
    }
  }

  private long takeOrRemember() throws SpentException {
    try {
      long taken = source.take();
      lastFailure = null;
      return taken;
    } catch (SpentException failure) {
      lastFailure = failure;
      retryAt = time.nanoTime() + RETRY_NANOS;
      throw failure;
    }
  }

  private void awaitTurn() throws SpentException {
    try {
      if (!fetching.tryLock(MAX_WAIT_MILLIS, TimeUnit.MILLISECONDS)) {
        throw new SpentException(
            EncryptException.Reason.STORE_UNAVAILABLE,
            "no messages were leased within " + MAX_WAIT_MILLIS + " ms; is the store slow?",
            null);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new SpentException(
          EncryptException.Reason.STORE_UNAVAILABLE,
          "interrupted while waiting for a lease of messages",
          interrupted);
    }
  }

  private void requireOpen() throws SpentException {
    if (closed) {
      throw new SpentException(
          EncryptException.Reason.STORE_UNAVAILABLE, "its keyring is closed", null);
    }
  }

  private static long takeLocal(AtomicLong left) throws SpentException {
    long before = left.getAndUpdate(now -> now - Math.min(now, LEASE_MESSAGES));
    if (before == 0) {
      throw exhausted("the primary key");
    }
    return Math.min(before, LEASE_MESSAGES);
  }

  static SpentException exhausted(String key) {
    return new SpentException(
        EncryptException.Reason.KEY_EXHAUSTED,
        key + " has encrypted 2^32 messages; make a new primary key",
        null);
  }
}

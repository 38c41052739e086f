package dev.perfkit.crypto;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A data key in memory and in its wrapped form, with what it may still be used for. It is erased
 * when nobody uses it any more: the cache counts as one user, each operation as another.
 */
final class DataKey {

  private final GcmKey key;
  private final byte[] wrapped;
  private final long bornNanos;
  private final AtomicLong messages = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicInteger users = new AtomicInteger(1);

  /** Takes the arrays over. */
  DataKey(GcmKey key, byte[] wrapped, long bornNanos) {
    this.key = key;
    this.wrapped = wrapped;
    this.bornNanos = bornNanos;
  }

  GcmKey key() {
    return key;
  }

  byte[] wrapped() {
    return wrapped;
  }

  /** Becomes a user, unless the key is erased; then false. */
  boolean acquire() {
    int now = users.get();
    while (now > 0 && !users.compareAndSet(now, now + 1)) {
      now = users.get();
    }
    return now > 0;
  }

  /** Is a user no more; the last one erases the key. */
  void release() {
    if (users.decrementAndGet() == 0) {
      key.destroy();
    }
  }

  /** Counts a message of so many bytes; false if it is over a limit and must not be encrypted. */
  boolean spend(DataKeyLimits limits, long length) {
    return messages.incrementAndGet() <= limits.messages()
        && bytes.addAndGet(length) <= limits.bytes();
  }

  boolean isTooOld(DataKeyLimits limits, long now) {
    return now - bornNanos >= limits.ageNanos();
  }

  /** Returns whether four fifths of a limit are used up. */
  boolean nearsItsEnd(DataKeyLimits limits, long now) {
    return messages.get() >= limits.messages() / 5 * 4
        || bytes.get() >= limits.bytes() / 5 * 4
        || now - bornNanos >= limits.ageNanos() / 5 * 4;
  }
}

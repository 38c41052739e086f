package dev.perfkit.compress;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * An encoded body that may be sent many times, or the knowledge that encoding does not make it
 * smaller. Immutable but for the count of its uses.
 */
final class Variant {

  private final byte @Nullable [] bytes;
  private final int level;
  private final AtomicInteger uses = new AtomicInteger();

  /**
   * @param bytes the encoded body; null if it would not be smaller
   * @param level at which it was encoded
   */
  Variant(byte @Nullable [] bytes, int level) {
    this.bytes = bytes;
    this.level = level;
  }

  byte @Nullable [] bytes() {
    return bytes;
  }

  int length() {
    return bytes == null ? 0 : bytes.length;
  }

  int level() {
    return level;
  }

  /** Counts a use; returns whether it is that very one. */
  boolean isUse(int number) {
    return uses.get() < number && uses.incrementAndGet() == number;
  }

  /** Begins to count anew. */
  void forgetUses() {
    uses.set(0);
  }
}

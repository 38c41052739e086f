package dev.perfkit.compress;

import java.util.concurrent.atomic.AtomicLong;

/** The memory that decoders of bodies under way may take together, in bytes. */
final class DecoderMemory {

  private final long maximum;
  private final AtomicLong taken = new AtomicLong();

  DecoderMemory(long maximum) {
    this.maximum = maximum;
  }

  boolean take(long bytes) {
    if (taken.addAndGet(bytes) <= maximum) {
      return true;
    }
    giveBack(bytes);
    return false;
  }

  void giveBack(long bytes) {
    taken.addAndGet(-bytes);
  }

  long taken() {
    return taken.get();
  }
}

package dev.perfkit.compress;

import java.util.concurrent.atomic.AtomicLong;

/** The memory that decoders of bodies under way may take together, in bytes. */
final class DecoderMemory {

  private static final long MEBIBYTE = 1 << 20;

  private final long maximum;
  private final AtomicLong taken = new AtomicLong();

  DecoderMemory(long maximum) {
    this.maximum = maximum;
  }

  /** Returns how much a decoder of a coding can take at most. */
  static long of(Coding coding) {
    return switch (coding) {
      case IDENTITY -> 0;
      case GZIP, DEFLATE -> MEBIBYTE / 16;
      case ZSTD -> 8 * MEBIBYTE;
      case BROTLI -> 16 * MEBIBYTE;
    };
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

package dev.perfkit.crypto;

/** Spreads threads over slots. */
final class Stripes {

  private Stripes() {}

  /** Returns a number that is the same for the same thread; its low bits are well spread. */
  static int ofThread() {
    return (int) ((Thread.currentThread().getId() * 0x9E3779B97F4A7C15L) >>> 32);
  }
}
